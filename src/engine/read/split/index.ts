import { unitsPerToken } from '../../tokens.ts';
import type { Yield } from '../../ports.ts';
import type { Chunk, Kind, SourceSymbol } from '../../source.ts';
import { readSegments, type Atoms } from './segments.ts';
import { code } from './code.ts';
import { cut, computePriorities } from './cut.ts';
import { diff } from './diff.ts';
import { json } from './json.ts';
import { findLanguage } from '../code/languages.ts';
import { log } from './log.ts';
import { markdown } from './markdown.ts';
import { createPacer, type Pace } from './pace.ts';
import { prose } from './prose.ts';
import { type Findings, type Hints, type Splitter } from './splitter.ts';
import { table } from './table.ts';
import { transcript } from './transcript.ts';

/** The first splitter that accepts a text splits it; the last accepts every text. */
export const splitters: readonly Splitter[] = [diff, log, table, json, transcript, markdown, code, prose];

const headLength = 2_000;

/** A text to split. */
export interface SplitInput {
  readonly text: string;
  readonly kind: Kind;
  readonly title: string;
  readonly languageId?: string;
  /** Number of the first line, from 1. */
  readonly startLine?: number;
  /** Definitions, lines from 1 as `startLine` counts them. */
  readonly symbols?: readonly SourceSymbol[];
  /** Source line of each line, counted like `startLine`. */
  readonly sourceLines?: readonly number[];
}
/** A chunk, not yet numbered. */
export type SplitChunk = Omit<Chunk, 'index' | 'part'>;

/**
 * Splits a text into chunks that concatenate to it. Structure and nearby content decide, so edits have local effect. Chunks
 * have `smallest` to `largest` tokens; '' has none.
 * @throws the signal's reason
 */
export async function split(input: SplitInput, yieldNow: Yield, signal?: AbortSignal): Promise<SplitChunk[]> {
  const pace = createPacer(yieldNow, signal);
  const found = createFindings();
  const { text, kind, title, symbols, startLine = 1 } = input;
  const languageId = input.languageId === 'plaintext' ? undefined : input.languageId;
  const language = languageId ?? findLanguage(title);
  const hints: Hints = {
    kind,
    title,
    languageId: language,
    extension: /\.([^./\\]+)$/.exec(title)?.[1]?.toLowerCase() ?? '',
    head: text.slice(0, headLength),
    symbols: symbols?.map((symbol) => ({
      ...symbol,
      line: symbol.line - startLine,
      endLine: symbol.endLine - startLine,
    })),
  };
  const read = splitters.find((splitter) => splitter.accepts(hints))!.open(hints, found);
  const atoms = await readSegments(text, pace, (start, end, line) => read(text, start, end, line));
  const strengths = await computePriorities(atoms, found.rankOf, pace);
  const starts = await cut(atoms, strengths, pace);
  return makeChunks(input, atoms, strengths, starts, found.contexts, pace);
}

interface Mark {
  readonly line: number;
  readonly level: number;
  readonly title: string;
}

function createFindings(): Findings & { contexts: () => (line: number) => string } {
  const ranks: number[] = [];
  const marks: Mark[] = [];
  return {
    setRank: (line, rank) => void (ranks[line] = rank),
    rankOf: (line) => ranks[line] ?? 0,
    mark: (line, level, title) => void marks.push({ line, level, title }),
    contexts: () => createContextReader(marks),
  };
}

/** Returns the two nearest titles; call it with ascending lines. */
function createContextReader(unordered: readonly Mark[]): (line: number) => string {
  const marks = unordered.toSorted((a, b) => a.line - b.line);
  const stack: Mark[] = [];
  let next = 0;
  return (line) => {
    for (; next < marks.length && marks[next]!.line < line; next++) enter(stack, marks[next]!);
    const open = [...stack];
    for (let at = next; marks[at]?.line === line; at++) enter(open, { ...marks[at]!, title: '' });
    return open
      .filter((mark) => mark.title)
      .slice(-2)
      .map((mark) => mark.title)
      .join(' › ');
  };
}

function enter(stack: Mark[], mark: Mark): void {
  while (stack.length > 0 && stack.at(-1)!.level >= mark.level) stack.pop();
  stack.push(mark);
}

async function makeChunks(
  input: SplitInput,
  atoms: Atoms,
  strengths: Float64Array,
  starts: readonly number[],
  contexts: () => (line: number) => string,
  pace: Pace,
): Promise<SplitChunk[]> {
  const contextAt = contexts();
  const chunks: SplitChunk[] = [];
  for (const [index, from] of starts.entries()) {
    const to = starts[index + 1] ?? atoms.count;
    const first = atoms.lines[from]!;
    const last = atoms.lines[to - 1]!;
    chunks.push({
      text: input.text.slice(atoms.starts[from], atoms.starts[to]),
      ...toLineRange(input, first, last),
      tokens: Math.ceil((atoms.units[to]! - atoms.units[from]!) / unitsPerToken),
      context: contextAt(atoms.inside[from] === 0 ? first : first + 1),
      priority: strengths[from]!,
    });
    const due = pace(500);
    if (due) await due;
  }
  return chunks;
}

function toLineRange({ sourceLines, startLine = 1 }: SplitInput, first: number, last: number) {
  if (!sourceLines) return { startLine: startLine + first, endLine: startLine + last };
  const own = sourceLines.slice(first, last + 1);
  const low = own.reduce((least, line) => Math.min(least, line), own[0] ?? startLine);
  return { startLine: low, endLine: own.reduce((most, line) => Math.max(most, line), low), sourceLines: own };
}
