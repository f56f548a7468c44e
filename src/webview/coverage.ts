/** Status of each line of the text, for the coverage bar. */
import type { RunView } from '../shared/runView.ts';

/** Status of lines in the summary. */
export type Fate = 'cited' | 'read' | 'nothing' | 'gap' | 'pending';

/** Neighbouring lines with one status. */
export interface Cell {
  /** Chunk of the first line: a click opens it. */
  readonly chunk: number;
  /** Citation of these lines: a click opens it instead. */
  readonly citation?: number;
  readonly part: number;
  readonly startLine: number;
  readonly endLine: number;
  readonly fate: Fate;
  /** Share of the lines. */
  readonly weight: number;
}

interface Mark {
  readonly startLine: number;
  readonly endLine: number;
  readonly fate: 'gap' | 'cited';
  readonly citation?: number;
}

type Chunk = NonNullable<RunView['plan']>['chunks'][number];

/**
 * Returns the text's lines by status, cut where a chunk begins. Above about `most` cells neighbours are joined, first equal
 * ones, then any of one file; a joined cell has its most severe status.
 */
export function createCells(view: RunView, most: number): Cell[] {
  const { plan } = view;
  if (plan === undefined || plan.chunks.length === 0) return [];
  const lines = plan.chunks.reduce((sum, chunk) => sum + length(chunk), 0);
  const marks = plan.parts.map(({ uri }) => collectMarks(view, uri));
  const whole = citedWhole(view);
  const all = plan.chunks.flatMap((chunk, index) => {
    const fate = whole.has(index) ? 'cited' : getFate(view, index);
    return cut(chunk, index, fate, marks[chunk.part] ?? [], lines);
  });
  if (all.length <= most * 2) return all;
  const joined = joinEqual(all);
  return joined.length <= most * 2 ? joined : thin(joined, most);
}

/** Status of a chunk without its gaps and citations. */
function getFate({ phase, notes }: RunView, chunk: number): Fate {
  const note = notes[chunk];
  if (note?.done === true) return note.text.trim() === '' ? 'nothing' : 'read';
  return phase === 'done' || phase === 'partial' ? 'read' : 'pending';
}

function collectMarks({ gaps, citations }: RunView, uri: string | undefined): Mark[] {
  const marks: Mark[] = [
    ...gaps.filter((gap) => gap.uri === uri).map((gap): Mark => ({ ...range(gap), fate: 'gap' })),
    ...citations
      .filter((one) => one.uri === uri)
      .map((one): Mark => ({ ...range(one), fate: 'cited', citation: one.id })),
  ];
  return marks.sort((a, b) => a.startLine - b.startLine);
}

/** Chunks whose cited lines are in another file, as in a diff. */
function citedWhole({ plan, citations }: RunView): ReadonlySet<number> {
  const elsewhere = citations.filter(({ chunk, uri }) => plan?.parts[plan.chunks[chunk]?.part ?? -1]?.uri !== uri);
  return new Set(elsewhere.map(({ chunk }) => chunk));
}

/** Cuts a chunk at its gaps and citations; a gap takes precedence. */
function cut(chunk: Chunk, index: number, fate: Fate, marks: readonly Mark[], lines: number): Cell[] {
  const own = marks.filter((mark) => mark.startLine <= chunk.endLine && mark.endLine >= chunk.startLine);
  const edges = new Set([chunk.startLine, chunk.endLine + 1]);
  for (const { startLine, endLine } of own) {
    edges.add(Math.max(chunk.startLine, startLine));
    edges.add(Math.min(chunk.endLine, endLine) + 1);
  }
  const sorted = [...edges].sort((a, b) => a - b);
  return sorted.slice(0, -1).map((startLine, i) => {
    const endLine = sorted[i + 1]! - 1;
    const here = own.filter((mark) => mark.startLine <= startLine && mark.endLine >= startLine);
    const mark = here.find((one) => one.fate === 'gap') ?? here[0];
    return {
      chunk: index,
      ...(mark?.citation === undefined ? {} : { citation: mark.citation }),
      part: chunk.part,
      startLine,
      endLine,
      fate: mark?.fate ?? fate,
      weight: length({ startLine, endLine }) / lines,
    };
  });
}

const order: readonly Fate[] = ['gap', 'cited', 'read', 'nothing', 'pending'];

function stronger(one: Fate, other: Fate): Fate {
  return order.indexOf(one) <= order.indexOf(other) ? one : other;
}

function length({ startLine, endLine }: { readonly startLine: number; readonly endLine: number }): number {
  return Math.max(1, endLine - startLine + 1);
}

function range({ startLine, endLine }: { readonly startLine: number; readonly endLine: number }): {
  startLine: number;
  endLine: number;
} {
  return { startLine, endLine };
}

function joinEqual(all: readonly Cell[]): Cell[] {
  const joined: Cell[] = [];
  for (const cell of all) {
    const before = joined.at(-1);
    if (before?.part !== cell.part || before.fate !== cell.fate) joined.push(cell);
    else joined[joined.length - 1] = { ...before, endLine: cell.endLine, weight: before.weight + cell.weight };
  }
  return joined;
}

/** Joins adjacent cells to at most `most`, also across files: each adjacent pair covers more than two parts in `most`. */
function thin(joined: readonly Cell[], most: number): Cell[] {
  const result: Cell[] = [];
  for (const cell of joined) {
    const before = result.at(-1);
    if (before === undefined || before.weight + cell.weight > 2 / (most - 1)) result.push(cell);
    else {
      const { citation: _, ...group } = before;
      const endLine = before.part === cell.part ? cell.endLine : before.endLine;
      result[result.length - 1] = {
        ...group,
        endLine,
        fate: stronger(before.fate, cell.fate),
        weight: before.weight + cell.weight,
      };
    }
  }
  return result;
}
