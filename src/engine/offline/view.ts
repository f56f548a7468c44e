/** The lines of a prepared part, each with its line in the source. */
import type { Yield } from '../ports.ts';
import type { Chunk } from '../source.ts';
import type { Cite, OfflinePart } from './types.ts';

/** A line with its number in the source, from 1. */
export interface Line {
  readonly text: string;
  readonly line: number;
}

/** Returns a part's lines, joined across chunks. */
export async function readLines(part: OfflinePart, yieldNow: Yield): Promise<Line[]> {
  const lines: { text: string; line: number }[] = [];
  let open = false;
  let work = 0;
  for (const chunk of part.prepared.chunks) {
    work += chunk.text.length;
    if (work > 400_000) {
      work = 0;
      await yieldNow();
    }
    const texts = chunk.text.split('\n');
    const ended = texts.length > 1 && texts[texts.length - 1] === '';
    if (ended) texts.pop();
    texts.forEach((text, i) => {
      const clean = text.endsWith('\r') ? text.slice(0, -1) : text;
      const last = lines[lines.length - 1];
      if (i === 0 && open && last) last.text += clean;
      else lines.push({ text: clean, line: chunk.sourceLines?.[i] ?? chunk.startLine + i });
    });
    open = !ended && !chunk.sourceLines;
  }
  return lines;
}

const widest = 20;
/** Cites lines of a part; cut to `widest`. */
export const cite = (part: number, startLine: number, endLine = startLine): Cite => ({
  part,
  startLine,
  endLine: Math.max(startLine, Math.min(endLine, startLine + widest - 1)),
});

const space = 1;
const wide = 2;
const letter = 3;
/** Computed once, because `countWords` runs over the whole text. */
const classes = new Uint8Array(0x10000);

function classifyCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  let known = classes[unit] as number;
  if (known !== 0) return known;
  const isHighHalf = unit >= 0xd800 && unit < 0xdc00;
  const one = isHighHalf ? text.slice(at, at + 2) : (text[at] as string);
  if (/^\s/.test(one)) known = space;
  else if (/^[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]/.test(one)) known = wide;
  else known = /^[\p{L}\p{N}]/u.test(one) ? letter : 4;
  if (!isHighHalf) classes[unit] = known;
  return known;
}

/** Counts words; a character of a script without spaces counts as half a word. */
export function countWords(text: string): number {
  let words = 0;
  let halves = 0;
  let isCounted = false;
  for (let i = 0; i < text.length; i++) {
    const kind = classifyCharacter(text, i);
    if (kind === letter) {
      if (!isCounted) words++;
      isCounted = true;
    } else if (kind === space) isCounted = false;
    else if (kind === wide) {
      halves++;
      isCounted = false;
    }
  }
  return words + Math.ceil(halves / 2);
}

/** Escapes source text for Markdown: nothing in it becomes a mark, a link or HTML; code stays code. */
export const escapeText = (text: string): string =>
  text
    .split(/(`[^`\n]+`)/)
    .map((part, i) => (i % 2 === 1 ? part : escapePlain(part)))
    .join('');

const escapePlain = (text: string): string =>
  text.replace(/[\\`*_[\]<>#|]/g, (c, at: number, all: string) =>
    c === '_' && /\w/.test(all[at - 1] ?? '') && /\w/.test(all[at + 1] ?? '') ? c : `\\${c}`,
  );

/** Formats source text as code. */
export function toCodeSpan(text: string, most = 160): string {
  const one = shorten(text.replaceAll(/\s+/g, ' ').trim(), most);
  if (!one.includes('`')) return `\`${one}\``;
  const fence = '`'.repeat(Math.max(...(one.match(/`+/g) ?? ['']).map((run) => run.length)) + 1);
  return `${fence} ${one} ${fence}`;
}

/** Cuts at a space if possible; an ellipsis is added. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const space = cut.lastIndexOf(' ');
  return `${(space > most * 0.6 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, '')}…`;
}

/** Escapes bracketed numbers of the source, which are no citations. Code stays unchanged. */
export function escapeMarks(text: string): string {
  return text
    .split(/(`+[^`\n]*`+)/)
    .map((piece, i) => (i % 2 ? piece : piece.replace(/\[(\d{1,5})\]/g, '\\[$1\\]')))
    .join('');
}

/** Returns a chunk's lines from `startLine` to `endLine`, at most 1,200 UTF-16 units. */
export function cutExcerpt(
  chunk: Pick<Chunk, 'text' | 'startLine' | 'sourceLines'>,
  startLine: number,
  endLine: number,
): string {
  const at = (i: number): number => chunk.sourceLines?.[i] ?? chunk.startLine + i;
  const lines = chunk.text.split(/\r?\n/).filter((_, i) => at(i) >= startLine && at(i) <= endLine);
  return lines.join('\n').slice(0, 1200);
}
