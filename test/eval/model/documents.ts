/** Texts for judging a person's model: eight of a folder with human summaries and of this repository, or the folder's whole sets. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

export interface ModelDocument {
  readonly name: string;
  readonly title: string;
  readonly languageId?: string;
  readonly text: string;
  /** Human summaries; empty: ROUGE is not measured. */
  readonly refs: readonly string[];
}

interface Item {
  readonly set: string;
  readonly id: string;
  readonly title: string;
  readonly languageId?: string;
  readonly text: string;
  readonly refs: readonly string[];
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const words = (text: string): number => text.split(/\s+/).length;

/** The item of a set that comes nearest to a length, among those below `mostWords`. */
function pick(items: readonly Item[], set: string, length: number, mostWords = Infinity): ModelDocument[] {
  const fitting = items.filter((item) => item.set === set && words(item.text) < mostWords);
  const best = [...fitting].sort((a, b) => Math.abs(a.text.length - length) - Math.abs(b.text.length - length))[0];
  return best ? [{ ...best, name: set }] : [];
}

function ownFile(path: string, languageId: string): ModelDocument {
  return { name: path, title: path, languageId, text: readFileSync(join(root, path), 'utf8'), refs: [] };
}

/** The largest source file of the planner: a text of code. */
function planner(): ModelDocument {
  const folder = 'src/engine/plan';
  const [largest] = readdirSync(join(root, folder))
    .map((name) => `${folder}/${name}`)
    .sort((a, b) => statSync(join(root, b)).size - statSync(join(root, a)).size);
  return ownFile(largest!, 'typescript');
}

/** @param folder holds `items.jsonl.gz`, one `{ set, id, title, languageId, text, refs }` a line; undefined: the repository's own files alone */
export function modelDocuments(folder: string | undefined, sets: readonly string[]): ModelDocument[] {
  const own = [ownFile('README.md', 'markdown'), planner()];
  if (folder === undefined) return own;
  const items = gunzipSync(readFileSync(join(folder, 'items.jsonl.gz')))
    .toString()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Item);
  if (sets.length > 0)
    return items.filter(({ set }) => sets.includes(set)).map((item) => ({ ...item, name: `${item.set} ${item.id}` }));
  return [
    ...pick(items, 'orangesum', 2_700),
    ...pick(items, 'scisumm', 20_000, 4_000),
    ...pick(items, 'qmsum', 60_000),
    ...pick(items, 'squality', 25_000),
    ...pick(items, 'klexikon', 15_000),
    ...pick(items, 'opinosis', 12_000),
    ...own,
  ];
}
