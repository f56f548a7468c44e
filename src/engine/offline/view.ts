/** The lines of a prepared part, each with its line in the source. */
import type { Cite, OfflinePart } from './types.ts';

export interface Line {
  readonly text: string;
  readonly line: number;
}

export function linesOf(part: OfflinePart): Line[] {
  const lines: { text: string; line: number }[] = [];
  let open = false;
  for (const chunk of part.prepared.chunks) {
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
export const cite = (part: number, startLine: number, endLine = startLine): Cite => ({
  part,
  startLine,
  endLine: Math.max(startLine, Math.min(endLine, startLine + widest - 1)),
});

/** Words; a character of a script without spaces counts for half. */
export function countWords(text: string): number {
  const wide = text.match(/[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]/g)?.length ?? 0;
  const narrow =
    text.match(
      /(?<![^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f])[^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]*[\p{L}\p{N}][^\s\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]*/gu,
    )?.length ?? 0;
  return narrow + Math.ceil(wide / 2);
}

/** Text from the source as plain Markdown: nothing in it is a mark, a link or HTML; what was code stays code. */
export const escapeText = (text: string): string =>
  text
    .split(/(`[^`\n]+`)/)
    .map((part, i) => (i % 2 === 1 ? part : escapePlain(part)))
    .join('');

const escapePlain = (text: string): string =>
  text.replace(/[\\`*_[\]<>#|]/g, (c, at: number, all: string) =>
    c === '_' && /\w/.test(all[at - 1] ?? '') && /\w/.test(all[at + 1] ?? '') ? c : `\\${c}`,
  );

/** Text from the source as code. */
export function codeSpan(text: string, most = 160): string {
  const one = shorten(text.replaceAll(/\s+/g, ' ').trim(), most);
  if (!one.includes('`')) return `\`${one}\``;
  const fence = '`'.repeat(Math.max(...(one.match(/`+/g) ?? ['']).map((run) => run.length)) + 1);
  return `${fence} ${one} ${fence}`;
}

export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const space = cut.lastIndexOf(' ');
  return `${(space > most * 0.6 ? cut.slice(0, space) : cut).replace(/[\ud800-\udbff]$/, '')}…`;
}

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en-US')} ${n === 1 ? one : many}`;
