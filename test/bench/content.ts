/**
 * `node test/bench/content.ts`: what is sent of each kind of content, with the facts that arrive, and what the cache costs.
 * Against the simulated provider that answers at once; the cache's files lie on this machine's disk.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAnswerCache, createNoCache, type ClosableCache } from '../../src/cache/cache.ts';
import { nodeFs } from '../../src/cache/fileSystem.ts';
import { realClock } from '../../src/host/clock.ts';
import { noRules } from '../../src/sources/ignoreRules.ts';
import { walk } from '../../src/sources/walk.ts';
import { evalDocument } from '../eval/documents.ts';
import { runEngine } from '../support/engine.ts';
import { markdown } from '../support/corpus.ts';
import { memoryTree } from '../support/memoryTree.ts';
import { repository } from '../support/repository.ts';
import { countTokens, startProvider } from '../support/provider/index.ts';

const rows: string[] = [];
const provider = await startProvider({ flavour: 'compatible', keepBodies: false });

async function kind(id: string, tokens: number, target: string): Promise<void> {
  const document = evalDocument(id, 3, tokens);
  provider.reset({ reader: { planted: document.facts.map(({ keys }) => keys[0]) } });
  const part = { title: document.title, uri: `file:///${document.title}`, startLine: 1, text: document.text };
  const { result } = await runEngine(
    { title: document.title, parts: [part], skipped: [], shape: 'text' },
    { url: provider.url, contextWindow: 128_000, options: { length: 'detailed' } },
  );
  const whole = countTokens(document.text);
  const kept = document.facts.filter((fact) => result.markdown.includes(fact.keys[0])).length;
  const sent = provider.calls.reduce((sum, call) => sum + call.promptTokens, 0);
  rows.push(
    `| ${id}, ${Math.round(whole / 1000)}k tokens | ${target} | ${((sent / whole) * 100).toFixed(2)} % | ${kept} of ${document.facts.length} |`,
  );
}

/** What is read of a repository is what the walk picks of it. */
async function tree(target: string): Promise<void> {
  const { files, facts } = repository(3);
  const breathe = (): Promise<void> => Promise.resolve();
  const signal = new AbortController().signal;
  const { candidates } = await walk(memoryTree(files), noRules, { entries: 60_000 }, breathe, signal);
  const picked = candidates.filter((file) => file.picked).map(({ path }) => path);
  const parts = picked.map((title) => ({ title, uri: `file:///w/${title}`, startLine: 1, text: files[title]! }));
  provider.reset({ reader: { planted: facts.map(({ key }) => key) } });
  const { result } = await runEngine(
    { title: 'harbour', parts, skipped: [], shape: 'folder' },
    { url: provider.url, contextWindow: 128_000, cache: createNoCache(), options: { length: 'detailed' } },
  );
  const tokensOf = (paths: readonly string[]): number =>
    paths.reduce((sum, path) => sum + countTokens(files[path]!), 0);
  const whole = tokensOf(Object.keys(files));
  const read = tokensOf(picked);
  const sent = provider.calls.reduce((sum, call) => sum + call.promptTokens, 0);
  const kept = facts.filter(({ key }) => result.markdown.includes(key)).length;
  const about = `${Object.keys(files).length} files, ${Math.round(whole / 1000)}k tokens; ${picked.length} files, ${Math.round(read / 1000)}k tokens of them read`;
  const share = `${((sent / whole) * 100).toFixed(1)} % (${((sent / read) * 100).toFixed(1)} % of what is read; ${result.coverage.folded} of ${result.coverage.lines} lines told once)`;
  rows.push(`| folder with vendored parts, ${about} | ${target} | ${share} | ${kept} of ${facts.length} |`);
}

async function openCache(folder: string): Promise<ClosableCache> {
  return createAnswerCache({
    files: { fs: nodeFs(folder), alive: () => true },
    window: `w${Math.round(performance.now() * 1000)}`,
    clock: realClock,
    now: () => Date.now(),
    limits: () => ({ ttlMs: 1e9, maxBytes: 64e6 }),
    log: () => undefined,
  });
}

for (const [id, tokens, target] of [
  ['log', 7_700_000, '≤ 1 % (20 MB and more)'],
  ['csv', 200_000, '≤ 5 %'],
  ['jsonl', 200_000, '≤ 10 %'],
  ['prose', 200_000, '≤ 112 %'],
  ['markdown', 200_000, '≤ 112 %'],
  ['typescript', 200_000, '≤ 112 %'],
] as const)
  await kind(id, tokens, target);
await tree('≤ 60 %');

const folder = mkdtempSync(join(tmpdir(), 'precis-bench-'));
const figures: string[] = [];
try {
  let cache = await openCache(folder);
  const value = 'A note of the usual length. '.repeat(10);
  const key = (n: number): string => n.toString(16).padStart(64, '0');
  const cpu = process.cpuUsage();
  for (let n = 0; n < 10_000; n += 100)
    await Promise.all(Array.from({ length: 100 }, (_, i) => cache.set('map', key(n + i), value)));
  const { user, system } = process.cpuUsage(cpu);
  figures.push(`| a put, processor time | < 2 ms | ${((user + system) / 1000 / 10_000).toFixed(3)} ms |`);
  await cache.close();
  const from = performance.now();
  cache = await openCache(folder);
  figures.push(`| 10,000 entries open | < 100 ms | ${(performance.now() - from).toFixed(0)} ms |`);
  const text = markdown(8, 6_600_000);
  provider.reset({ reader: {} });
  const first = await runEngine(text, { url: provider.url, cache, contextWindow: 128_000 });
  const chunks = first.events.find((event) => event.type === 'plan');
  await cache.close();
  cache = await openCache(folder);
  const prepared = performance.now();
  let planned = 0;
  const again = await runEngine(text, { url: provider.url, cache, contextWindow: 128_000 }, (event) => {
    if (event.type === 'plan') planned = performance.now();
  });
  const count = chunks?.type === 'plan' ? chunks.chunks.length : 0;
  figures.push(
    `| hit path, ${count} chunks: from the plan to the summary, ${again.result.usage.calls} calls | < 300 ms | ${(performance.now() - planned).toFixed(0)} ms (reading and splitting before it ${(planned - prepared).toFixed(0)} ms) |`,
  );
  await cache.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
  await provider.close();
}
console.log(`| content | target | sent ÷ text | facts kept |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`);
console.log(`| cache | target | measured |\n| --- | --- | --- |\n${figures.join('\n')}`);
