/**
 * npm run check:regex: checks every regular expression of src/ that the cache does not know, and writes the cache.
 * `-- --all` checks all of them anew. Fails where one takes more than linear time.
 */
import { writeFileSync } from 'node:fs';
import { ensureModules } from './lib/ensure.mjs';
import { cacheFile, check, expressions, readCache, textOf } from './lib/regex.mjs';
import { script } from './lib/run.mjs';

await script(async (args) => {
  await ensureModules();
  const known = new Set(args.includes('--all') ? [] : readCache());
  const places = new Map();
  for (const expression of expressions()) {
    const text = textOf(expression);
    places.set(text, [...(places.get(text) ?? []), expression]);
  }
  const safe = [];
  let slow = 0;
  for (const [text, [first, ...others]] of places) {
    const result = known.has(text) ? 'safe' : await check(first);
    if (result === 'safe') {
      safe.push(text);
      continue;
    }
    slow++;
    for (const { file, line } of [first, ...others]) console.log(`${file}:${line}: ${result}: ${text}`);
  }
  writeFileSync(cacheFile, `${JSON.stringify(safe.sort(), undefined, 1)}\n`);
  console.log(`${places.size} expressions, ${slow} of more than linear time.`);
  return slow === 0 ? 0 : 1;
});
