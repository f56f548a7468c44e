import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare } from '../../../../../src/engine/read/prepare.ts';
import { splitters } from '../../../../../src/engine/read/split/index.ts';
import type { Splitter } from '../../../../../src/engine/read/split/splitter.ts';

const root = new URL('../../../../../', import.meta.url);

/** The example of the page, loaded as it stands, with its imports pointed at the sources. */
async function loadExample(): Promise<Splitter> {
  const page = await readFile(new URL('.github/CONTRIBUTING.md', root), 'utf8');
  const code = /```ts\n(\/\/ src\/engine\/read\/split\/fountain\.ts\n[\s\S]*?)```/.exec(page)?.[1] ?? '';
  const folder = await mkdtemp(join(tmpdir(), 'precis-example-'));
  try {
    const file = join(folder, 'fountain.ts');
    await writeFile(file, code.replaceAll("'./", `'${new URL('src/engine/read/split/', root).href}`));
    return ((await import(pathToFileURL(file).href)) as { fountain: Splitter }).fountain;
  } finally {
    await rm(folder, { recursive: true });
  }
}

const scenes = Array.from({ length: 40 }, (_, i) => {
  const speeches = Array.from(
    { length: 12 },
    (_, j) => `KEEPER ${j}\nThe lamp of night ${i} burned ${j} litres of oil, and the wind came from the west.\n`,
  );
  return `INT. LIGHTHOUSE ${i} - NIGHT\n\n${speeches.join('\n')}\n`;
}).join('\n');

describe('the worked splitter of CONTRIBUTING', () => {
  const list = splitters as Splitter[];
  const never = new AbortController().signal;
  /** As VS Code has a file whose language it does not know. */
  const chunksOf = async (text: string) => {
    const part = { title: 'plays/light.fountain', languageId: 'plaintext', startLine: 1, text };
    return (await prepare(part, { fold: async () => undefined, yield: async () => {} }, never)).chunks;
  };
  before(async () => void list.unshift(await loadExample()));
  after(() => void list.shift());

  it('cuts between scenes or speeches, and names the scene', async () => {
    const chunks = await chunksOf(scenes);
    assert.equal(chunks.map(({ text }) => text).join(''), scenes);
    assert.ok(chunks.length > 5);
    for (const { text } of chunks) assert.match(text, /^(?:INT\. LIGHTHOUSE|KEEPER) \d+/);
    assert.ok(chunks.filter(({ text }) => text.startsWith('INT.')).length > chunks.length / 2);
    for (const { text, context } of chunks.filter((one) => one.text.startsWith('KEEPER')))
      assert.match(context ?? '', /^INT\. LIGHTHOUSE \d+ - NIGHT$/, text.slice(0, 80));
  });

  it('keeps the other chunks when one line is edited', async () => {
    const before = new Set((await chunksOf(scenes)).map(({ text }) => text));
    const edited = await chunksOf(scenes.replace('The lamp of night 20 burned 5 litres', 'The lamp was dark'));
    assert.ok(edited.filter(({ text }) => !before.has(text)).length <= 2);
  });
});
