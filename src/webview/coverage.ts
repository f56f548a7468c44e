/** Status of each part of the text, for the coverage bar and the outline. Pure. */
import type { RunView } from '../shared/runView.ts';

/** Status of a chunk in the summary. */
export type Fate = 'cited' | 'read' | 'nothing' | 'gap' | 'pending';

/** Neighbouring chunks with one status. */
export interface Cell {
  /** First chunk of the cell: a click opens it. */
  readonly chunk: number;
  readonly part: number;
  readonly startLine: number;
  readonly endLine: number;
  readonly fate: Fate;
  /** Share of the lines. */
  readonly weight: number;
}

/** Returns the status of each chunk. */
export function fates(view: RunView): Fate[] {
  const { plan } = view;
  if (plan === undefined) return [];
  const cited = new Set(view.citations.map(({ chunk }) => chunk));
  const over = view.phase === 'done' || view.phase === 'partial';
  const gaps = view.gaps;
  return plan.chunks.map((chunk, index) => {
    const uri = plan.parts[chunk.part]?.uri;
    if (gaps.some((gap) => gap.uri === uri && gap.startLine <= chunk.endLine && gap.endLine >= chunk.startLine))
      return 'gap';
    if (cited.has(index)) return 'cited';
    const note = view.notes[index];
    if (note?.done === true) return note.text.trim() === '' ? 'nothing' : 'read';
    return over ? 'read' : 'pending';
  });
}

/** Returns at most `most` cells: joins neighbours of a file and keeps the most severe status. */
export function cells(view: RunView, most: number): Cell[] {
  const { plan } = view;
  if (plan === undefined || plan.chunks.length === 0) return [];
  const all = fates(view);
  const size = Math.ceil(plan.chunks.length / most);
  const lines = plan.chunks.reduce((sum, chunk) => sum + length(chunk), 0);
  const joined: Cell[] = [];
  plan.chunks.forEach((chunk, index) => {
    const fate = all[index] ?? 'pending';
    const before = joined.at(-1);
    const weight = length(chunk) / lines;
    if (before === undefined || index % size === 0 || before.part !== chunk.part) {
      joined.push({ chunk: index, part: chunk.part, startLine: chunk.startLine, endLine: chunk.endLine, fate, weight });
      return;
    }
    joined[joined.length - 1] = {
      ...before,
      endLine: Math.max(before.endLine, chunk.endLine),
      fate: stronger(before.fate, fate),
      weight: before.weight + weight,
    };
  });
  return joined.length > most * 2 ? thin(joined, most) : joined;
}

const order: readonly Fate[] = ['gap', 'cited', 'read', 'nothing', 'pending'];

function stronger(one: Fate, other: Fate): Fate {
  return order.indexOf(one) <= order.indexOf(other) ? one : other;
}

function length({ startLine, endLine }: { readonly startLine: number; readonly endLine: number }): number {
  return Math.max(1, endLine - startLine + 1);
}

/** Joins cells across files, for folders of many small files. */
function thin(joined: readonly Cell[], most: number): Cell[] {
  const size = Math.ceil(joined.length / most);
  const result: Cell[] = [];
  for (let from = 0; from < joined.length; from += size) {
    const group = joined.slice(from, from + size);
    result.push({
      ...group[0]!,
      fate: group.map(({ fate }) => fate).reduce(stronger),
      weight: group.reduce((sum, { weight }) => sum + weight, 0),
    });
  }
  return result;
}
