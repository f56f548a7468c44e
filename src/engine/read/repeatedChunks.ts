/** Reads text that several files of a folder share once; a line refers to it elsewhere. */
import type { Chunk, Kind, PreparedPart, Source } from '../source.ts';
import { estimateTokens } from '../tokens.ts';

type Draft = PreparedPart['chunks'][number];

/** UTF-16 units. */
const fewest = { comment: 120, paragraph: 200, chunk: 240 } as const;
const headLines = 160;
const headLength = 16_384;

/** Kinds that are read as digests, which have no headers. */
const digests: ReadonlySet<Kind> = new Set(['log', 'table', 'json', 'diff']);
const prose: ReadonlySet<Kind> = new Set(['markdown', 'prose', 'transcript', 'legal']);

/**
 * Replaces copies by a line; keeps the first copy, exact lines and boundaries. A single part stays unchanged.
 * @param name of a chunk; its hash if large
 */
export function repeatFolder(source: Pick<Source, 'shape' | 'parts'>, name: (text: string) => string): RepeatFolder {
  if (source.shape !== 'folder' || source.parts.length < 2) return (prepared) => prepared;
  const known = { headers: new Map<string, Place>(), chunks: new Map<string, Place>(), name };
  return (prepared, part) => foldPart(part, source.parts[part]?.title ?? '', prepared, known);
}

/** Folds the repeats of each part, called in order; idempotent. */
export type RepeatFolder = (prepared: PreparedPart, part: number) => PreparedPart;

interface Place {
  readonly part: number;
  readonly title: string;
  readonly startLine: number;
  readonly endLine: number;
  readonly text: string;
}
interface Known {
  readonly headers: Map<string, Place>;
  readonly chunks: Map<string, Place>;
  readonly name: (text: string) => string;
}

function foldPart(part: number, title: string, prepared: PreparedPart, known: Known): PreparedPart {
  const chunks = prepared.chunks.map((chunk, i) => {
    const copy = foldChunk(chunk, prepared.kind, part, title, known);
    return copy ?? (i === 0 ? foldHeaders(chunk, prepared.kind, part, title, known.headers) : chunk);
  });
  const lines = chunks.reduce((sum, chunk) => sum + (chunk.repeat?.lines ?? 0), 0);
  return lines === 0 ? prepared : { ...prepared, chunks, foldedLines: prepared.foldedLines + lines };
}

function foldChunk(chunk: Draft, kind: Kind, part: number, title: string, known: Known): Draft | undefined {
  if (chunk.text.length < fewest.chunk || chunk.sourceLines) return undefined;
  const key = `${kind}\n${chunk.context}\n${known.name(chunk.text)}`;
  const { startLine, endLine, text } = chunk;
  const first = known.chunks.get(key);
  if (!first) known.chunks.set(key, { part, title, startLine, endLine, text: '' });
  if (!first || first.part === part) return undefined;
  const same = `same as ${formatLines(first.startLine, first.endLine)} of ${first.title}`;
  const told = `[${formatLines(startLine, endLine)}: ${same}]${text.endsWith('\n') ? '\n' : ''}`;
  return {
    ...chunk,
    text: told,
    tokens: estimateTokens(told),
    sourceLines: [startLine],
    repeat: { lines: endLine - startLine + 1, read: text, whole: text },
  };
}

interface Header {
  /** Lines of the chunk's text, from 0; `to` is exclusive. */
  readonly from: number;
  readonly to: number;
  readonly first: Place;
  readonly exact: boolean;
}

function foldHeaders(chunk: Draft, kind: Kind, part: number, title: string, known: Map<string, Place>): Draft {
  if (digests.has(kind)) return chunk;
  const lines = chunk.text.split('\n');
  const found: Header[] = [];
  for (const { from, to } of listBlocks(readHead(chunk.text), prose.has(kind))) {
    const startLine = findLine(chunk, from);
    const endLine = findLine(chunk, to - 1);
    // already folded
    if (endLine - startLine !== to - 1 - from) continue;
    const text = lines.slice(from, to).join('\n');
    const keys = listSameness(text, title);
    const first = keys.map((key) => known.get(key)).find((place) => place);
    if (!first) for (const key of keys) known.set(key, { part, title, startLine, endLine, text });
    else if (first.part !== part) found.push({ from, to, first, exact: first.text.trim() === text.trim() });
  }
  return found.length === 0 ? chunk : without(chunk, lines, found);
}

function without(chunk: Draft, lines: readonly string[], headers: readonly Header[]): Draft {
  const told: string[] = [];
  const read: string[] = [];
  const sourceLines: number[] = [];
  let at = 0;
  const keep = (to: number): void => {
    for (; at < to; at++) {
      told.push(lines[at]!);
      read.push(lines[at]!);
      sourceLines.push(findLine(chunk, at));
    }
  };
  for (const { from, to, first, exact } of headers) {
    keep(from);
    const but = exact ? '' : ', but for the year or the file’s name';
    told.push(`[${formatLines(findLine(chunk, from), findLine(chunk, to - 1))}: same as in ${first.title}${but}]`);
    sourceLines.push(findLine(chunk, from));
    at = to;
  }
  keep(lines.length);
  if (lines.at(-1) === '') sourceLines.pop();
  const text = told.join('\n');
  return {
    ...chunk,
    text,
    tokens: estimateTokens(text),
    sourceLines,
    repeat: {
      lines: headers.reduce((sum, { from, to }) => sum + to - from, 0),
      read: read.join('\n'),
      whole: chunk.text,
    },
  };
}

const findLine = (chunk: Pick<Chunk, 'startLine' | 'sourceLines'>, i: number): number =>
  chunk.sourceLines?.[i] ?? chunk.startLine + i;

const formatLines = (first: number, last: number): string =>
  first === last ? `line ${first}` : `lines ${first}–${last}`;

const readHead = (text: string): string[] => {
  const lines = text.slice(0, headLength).split('\n', headLines);
  // the last line may be cut
  if (text.length > headLength && lines.length < headLines) lines.pop();
  return lines;
};

const pairs: readonly (readonly [opens: RegExp, closes: string])[] = [
  [/^\/\*/, '*/'],
  [/^<!--/, '-->'],
  [/^[ru]?"""/i, '"""'],
  [/^[ru]?'''/i, "'''"],
  [/^\{-/, '-}'],
  [/^\(\*/, '*)'],
  [/^<#/, '#>'],
  [/^--\[\[/, ']]'],
];
const marker = /^(?:\/\/|#(?!!|\[|include|define|if|pragma|import)|--|;|%|rem\s|dnl\s)/i;
const prelude =
  /^(?:#!|<\?|<!doctype|["']use \w+["'];?$|@charset|.{0,6}-\*-|# (?:vim|coding)[:=]|\/\/go:build|\/\/ \+build)/i;

/** Finds the leading comments, else the first paragraph. Lines from 0, ends exclusive. */
function* listBlocks(lines: readonly string[], isProse: boolean): Generator<{ from: number; to: number }> {
  let comments = 0;
  for (let at = 0; at < lines.length;) {
    const line = lines[at]!.trim();
    if (line === '' || prelude.test(line)) {
      at++;
      continue;
    }
    const to = findCommentEnd(lines, at, isProse);
    if (to === undefined) {
      if (comments === 0) yield* findParagraph(lines, at);
      return;
    }
    if (measureLines(lines, at, to) >= fewest.comment) yield { from: at, to };
    comments++;
    at = to;
  }
}

/** Returns undefined without a comment, or if it does not end. */
function findCommentEnd(lines: readonly string[], at: number, isProse: boolean): number | undefined {
  const line = lines[at]!.trim();
  for (const [opens, closes] of pairs) {
    const open = opens.exec(line);
    if (!open || (isProse && closes !== '-->')) continue;
    for (let i = at; i < lines.length; i++) {
      const text = i === at ? line.slice(open[0].length) : lines[i]!.trim();
      const end = text.indexOf(closes);
      if (end >= 0) return text.slice(end + closes.length).trim() === '' ? i + 1 : undefined;
    }
    return undefined;
  }
  const mark = isProse ? undefined : marker.exec(line)?.[0];
  if (mark === undefined) return undefined;
  let to = at + 1;
  while (to < lines.length && lines[to]!.trimStart().startsWith(mark)) to++;
  return to;
}

function* findParagraph(lines: readonly string[], from: number): Generator<{ from: number; to: number }> {
  let to = from;
  while (to < lines.length && lines[to]!.trim() !== '') to++;
  // a paragraph that continues in the next chunk is not complete
  if (to < lines.length && measureLines(lines, from, to) >= fewest.paragraph) yield { from, to };
}

function measureLines(lines: readonly string[], from: number, to: number): number {
  let length = 0;
  for (let i = from; i < to; i++) length += lines[i]!.trim().length + 1;
  return length;
}

const notice = /copyright|\blicen[cs]e|\bspdx\b|all rights reserved|generated|do not (?:edit|modify)/i;
const dates = /\b(?:19|20)\d\d(?:[-/.]\d\d?[-/.]\d\d?)?\b|\b\d\d?:\d\d(?::\d\d)?\b/g;

function withoutPath(text: string, name: string): string {
  const pieces = text.split(name);
  const last = pieces.pop()!;
  return [...pieces.map((piece) => piece.replace(/(?<![\w./-])[\w./-]*\/$/, '')), last].join(' thisfile ');
}

/** Lists keys by which passages are equal: their words, in notices without years, times, file names and comment marks. */
function listSameness(text: string, title: string): string[] {
  const exact = text.trim();
  if (!notice.test(text)) return [exact];
  const name = title.slice(title.lastIndexOf('/') + 1).toLowerCase();
  const plain = text.toLowerCase().replaceAll(dates, ' ');
  const unnamed = name.length < 3 ? plain : withoutPath(plain, name);
  return [exact, `notice ${(unnamed.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ')}`];
}
