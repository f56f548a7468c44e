/**
 * `npm run eval:offline -- DIR [--words 100] [--sets a,b] [--half even|odd] [--boundaries DIR] [--out FILE]`
 *
 * Compares offline summaries with lead, TextRank, LexRank and LSA of equal length on the documents of `DIR/items.jsonl.gz`
 * (`{ set, id, lang, title, languageId, text, refs }` a line) and on the READMEs of the installed packages, whose reference
 * is the manifest's description. `--half` keeps every other document, so that a method is not tuned on all of them.
 * `--boundaries` measures the sentence boundaries on the CoNLL-U files of a folder, `--verbose` shows the wrong ones. `--out` writes `{ set, id, text }` lines.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { measureBoundaries } from './boundaries.ts';
import { rankAll, baselines } from './baselines.ts';
import { meanWithInterval, rouge, type Rouge, wordsOf } from './rouge.ts';
import { measureShape, reportShape, type Shape } from './shape.ts';
import { plainWords, summarize, type Length } from './summarize.ts';

interface Item {
  readonly set: string;
  readonly id: string;
  readonly title: string;
  readonly languageId?: string;
  readonly text: string;
  readonly refs: readonly string[];
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    words: { type: 'string', default: '100' },
    sets: { type: 'string' },
    half: { type: 'string' },
    boundaries: { type: 'string' },
    out: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});
const folder = positionals[0];
if (folder === undefined || !existsSync(join(folder, 'items.jsonl.gz'))) {
  console.error(
    'npm run eval:offline -- DIR: DIR holds items.jsonl.gz, one { set, id, title, languageId, text, refs } a line.',
  );
  process.exit(2);
}

function readItems(from: string): Item[] {
  const lines = gunzipSync(readFileSync(join(from, 'items.jsonl.gz')))
    .toString()
    .split('\n')
    .filter(Boolean);
  return lines.map((line) => JSON.parse(line) as Item);
}

function readReadmes(): Item[] {
  const modules = fileURLToPath(new URL('../../../node_modules/', import.meta.url));
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  const found: Item[] = [];
  for (const name of names.sort()) {
    const path = ['README.md', 'readme.md', 'Readme.md'].map((file) => join(modules, name, file)).find(existsSync);
    if (path === undefined) continue;
    const { description } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8')) as {
      description?: string;
    };
    const text = readFileSync(path, 'utf8');
    if (!description || wordsOf(description).length < 4 || wordsOf(text).length < 150) continue;
    found.push({ set: 'readme', id: name, title: 'README.md', languageId: 'markdown', text, refs: [description] });
  }
  return found;
}

type Row = ReadonlyMap<string, Rouge>;

async function measure(item: Item, words: number): Promise<{ row: Row; own: number; shape: Shape; markdown: string }> {
  const references = item.refs.map(wordsOf);
  const standard = await summarize(item, 'standard');
  const brief = await summarize(item, 'brief');
  const own = plainWords(standard.markdown);
  const ranked = rankAll(item.text);
  const row = new Map<string, Rouge>([
    ['product', rouge(references, own.slice(0, words))],
    ['brief', rouge(references, plainWords(brief.markdown).slice(0, words))],
    ['product, own', rouge(references, own)],
  ]);
  const equal = Math.min(words, own.length);
  for (const name of baselines) {
    row.set(name, rouge(references, ranked[name](equal)));
    row.set(`${name}, own`, rouge(references, ranked[name](own.length)));
  }
  return { row, own: own.length, shape: measureShape(item, standard), markdown: standard.markdown };
}

const methods = ['product', 'brief', ...baselines, 'product, own', ...baselines.map((name) => `${name}, own`)];
const show = (values: readonly number[]): string => values.map((value) => value.toFixed(1)).join(' / ');
const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;

function reportSet(set: string, rows: readonly Row[], own: readonly number[]): number[][] {
  console.log(`\n${set}: ${rows.length} documents, own length ${mean(own).toFixed(0)} words`);
  return methods.map((method) => {
    const scores = rows.map((row) => row.get(method) as Rouge);
    const columns = [0, 1, 2].map((i) => mean(scores.map((score) => score[i]!)));
    const { mean: middle, low, high } = meanWithInterval(scores.map((score) => mean(score)));
    console.log(
      `  ${method.padEnd(14)} ${show(columns).padEnd(20)} mean ${middle.toFixed(1)} [${low.toFixed(1)}–${high.toFixed(1)}]`,
    );
    return columns;
  });
}

const chosen = values.sets?.split(',');
const sets = new Map<string, Item[]>();
for (const item of [...readItems(folder), ...readReadmes()])
  if (chosen === undefined || chosen.includes(item.set)) sets.set(item.set, [...(sets.get(item.set) ?? []), item]);
const isOfHalf = (_: Item, i: number): boolean =>
  values.half === undefined || i % 2 === (values.half === 'odd' ? 1 : 0);
const means: number[][][] = [];
const shapes: Shape[] = [];
const written: string[] = [];
for (const [set, list] of sets) {
  const rows: Row[] = [];
  const own: number[] = [];
  for (const item of list.filter(isOfHalf)) {
    const measured = await measure(item, Number(values.words));
    rows.push(measured.row);
    own.push(measured.own);
    shapes.push(measured.shape);
    written.push(JSON.stringify({ set, id: item.id, text: measured.markdown.replace(/\[\d+\]/g, '') }));
  }
  means.push(reportSet(set, rows, own));
}
console.log(`\nmean of ${sets.size} sets`);
methods.forEach((method, m) =>
  console.log(`  ${method.padEnd(14)} ${show([0, 1, 2].map((i) => mean(means.map((set) => set[m]![i]!))))}`),
);
reportShape(shapes);
if (values.boundaries !== undefined) measureBoundaries(values.boundaries, { verbose: values.verbose });
if (values.out !== undefined) writeFileSync(values.out, `${written.join('\n')}\n`);
export type { Item, Length };
