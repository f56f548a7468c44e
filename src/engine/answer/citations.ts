/**
 * Marks of an answer become citations of lines while the text streams: a mark names a unit of the request,
 * the sentence before it narrows the unit's chunks to lines, and ids are given in order of appearance, one a range.
 */
import type { CitationReady } from '../events.ts';
import { isOther, markAtStart, markPrefix, marksAtStart, marksIn } from './citationMarks.ts';
import { headOf, indexChunk, locate, type ChunkIndex, type LineRange } from './locate.ts';
import type { Chunk } from '../source.ts';
import { itemsOf } from './checkableTokens.ts';
import { nearestOf } from './nearest.ts';
import type { Place } from '../places.ts';
import { TransientMap } from '../stages/transientMap.ts';
import { unwrapper } from './unwrap.ts';
import { hasWords } from '../words.ts';

/** What a request named `[n]`: the chunks behind it, and the note that stood for them ('' when the text itself did). */
export interface Unit {
  readonly chunks: readonly number[];
  readonly note: string;
}

export interface CitationWriter {
  /** Takes the model's text as it streams; returns what may be shown now. */
  push(text: string): string;
  /** The rest, once the stream ended. */
  end(): string;
  readonly citations: readonly CitationReady[];
  /** Marks that named nothing of the request. */
  readonly dropped: number;
}

/** Where lines of a part (from 1, inclusive) are for a person. */
export type PlaceOf = (part: number, lines: { readonly startLine: number; readonly endLine: number }) => Place;

/** One per run: chunk indexes are made when first cited and shared between attempts. */
export interface Locator {
  index(chunk: number): ChunkIndex;
  chunk(chunk: number): Chunk;
  readonly chunks: readonly Chunk[];
}

export function createLocator(chunks: readonly Chunk[]): Locator {
  const indexes = new TransientMap<number, ChunkIndex>();
  return {
    chunks,
    chunk: (i) => chunks[i]!,
    index(i) {
      let found = indexes.get(i);
      if (!found) {
        found = indexChunk(chunks[i]!);
        indexes.set(i, found);
        // a long run cites hundreds of chunks: their terms are larger than their text
        if (indexes.size > 400) indexes.delete(indexes.keys()[0]!);
      }
      return found;
    },
  };
}

/** Above this a search through the whole text would hold up the stream. */
const searchedLength = 20_000_000;

/** The nearest chunk that holds the figures and names that the cited chunks lack: a heading's words stand in the chunk that it opens. */
function elsewhere(locator: Locator, cited: readonly number[], sentence: string, excerpt: string): number | undefined {
  const items = itemsOf(sentence).filter((item) => item.length >= 3);
  const missing = items.filter(
    (item) => !excerpt.includes(item) && !cited.some((i) => locator.chunk(i).text.includes(item)),
  );
  if (!missing.length || missing.length < items.length) return undefined;
  const from = cited[0] ?? 0;
  let searched = 0;
  for (let step = 1; step < locator.chunks.length && searched < searchedLength; step++) {
    for (const i of [from - step, from + step]) {
      const text = locator.chunks[i]?.text;
      if (text === undefined) continue;
      searched += text.length * missing.length;
      if (missing.every((item) => text.includes(item))) return i;
    }
  }
  return undefined;
}

/** What stands after a newline when a new block begins. */
const startsBlock = /^$|^\s*(?:\r?\n|[-*+•#|>]|\d{1,3}[.)]|`{3}|~{3})/;
const openMark = /\[[\s\d,;–-]*$/;

export function createCitationWriter(
  units: readonly Unit[],
  locator: Locator,
  placeOf: PlaceOf,
  onCitation: (citation: CitationReady) => void,
): CitationWriter {
  const citations: CitationReady[] = [];
  const byRange = new Map<string, number>();
  const unwrap = unwrapper();
  /** The model writes its marks in plain brackets: what looks like others is text. */
  let plain = false;
  let pending = '';
  let fenceOpen = '';
  let line = '';
  let claim = '';
  let sentence = '';
  let lastIds: number[] = [];
  let lastUnits: number[] | undefined;
  let blockMarked = false;
  let dropped = 0;

  const idOf = (chunk: number, range: LineRange, approximate: boolean): number => {
    const { part } = locator.chunk(chunk);
    const key = `${part}:${range.startLine}-${range.endLine}`;
    const known = byRange.get(key);
    if (known !== undefined) return known;
    const id = citations.length + 1;
    byRange.set(key, id);
    const citation: CitationReady = {
      type: 'citation',
      id,
      ...placeOf(part, range),
      chunk,
      approximate,
      excerpt: range.excerpt,
    };
    citations.push(citation);
    onCitation(citation);
    return id;
  };

  /** The unit's chunk and lines that hold most of the sentence. */
  const narrow = (unit: Unit, sentence: string): { chunk: number; range: LineRange; exact: boolean } => {
    let best: { chunk: number; range: LineRange } | undefined;
    for (const chunk of unit.chunks.slice(0, 24)) {
      const range = locate(locator.index(chunk), sentence);
      if (range && (!best || range.score > best.range.score)) best = { chunk, range };
    }
    // a summary in another language shares few words with the text; the note was drawn from it too
    if ((!best || best.range.score < 0.12) && unit.note) {
      for (const chunk of unit.chunks.slice(0, 24)) {
        const range = locate(locator.index(chunk), `${sentence} ${unit.note}`);
        if (range && (!best || range.score > best.range.score)) best = { chunk, range };
      }
    }
    const moved = elsewhere(locator, unit.chunks, sentence, best?.range.excerpt ?? '');
    if (moved !== undefined) {
      const range = locate(locator.index(moved), sentence);
      if (range && range.score > (best?.range.score ?? 0)) best = { chunk: moved, range };
    }
    if (best) return { ...best, exact: true };
    const chunk = unit.chunks[0]!;
    return { chunk, range: headOf(locator.index(chunk)), exact: false };
  };

  const cite = (numbers: readonly number[], sentence: string, approximate: boolean): string => {
    const ids: number[] = [];
    for (const n of new Set(numbers)) {
      const unit = units[n - 1];
      if (!unit?.chunks.length) {
        dropped++;
        continue;
      }
      const { chunk, range, exact } = narrow(unit, sentence);
      const id = idOf(chunk, range, approximate || !exact);
      if (!ids.includes(id) && !lastIds.includes(id)) ids.push(id);
      else if (lastIds.length === 0 && !ids.includes(id)) ids.push(id);
    }
    lastIds = [...lastIds, ...ids];
    return ids.map((id) => `[${id}]`).join('');
  };

  const nearest = nearestOf(() => units.map(({ chunks, note }) => note || chunks.map(textOf).join('\n')));
  const textOf = (chunk: number): string => locator.chunk(chunk).text;

  /** A claim that came without a mark takes the unit that holds its words, else the nearest mark before it. */
  const closeBlock = (): string => {
    const text = claim.trim();
    const start = line.trimStart();
    const isClaim = hasWords(text) && text.length >= 24 && !/^(#|\||>|:?-{3,}|\[\^)/.test(start) && !/[::]$/.test(text);
    if (blockMarked || !isClaim || fenceOpen) return '';
    const unit = nearest(text);
    const drawn = unit === undefined ? lastUnits?.slice(0, 1) : [unit + 1];
    return drawn ? ' ' + cite(drawn, text, true) : '';
  };

  const newline = (): string => {
    const added = fenceOpen ? '' : closeBlock();
    line = '';
    claim = '';
    sentence = '';
    lastIds = [];
    blockMarked = false;
    return added.trim() ? added : '';
  };

  const process = (final: boolean): string => {
    let out = '';
    let i = 0;
    while (i < pending.length) {
      const char = pending[i]!;
      const carriage = char === '\r' && pending[i + 1] === '\n';
      if (char === '\r' && !final && i + 1 === pending.length) break;
      if (char === '\n' || carriage) {
        const end = i + (carriage ? 2 : 1);
        const ahead = pending.slice(end, end + 5);
        if (!final && ahead.length < 5 && !ahead.includes('\n')) break;
        const fence = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
        if (fence && (!fenceOpen || (line.trim().startsWith(fenceOpen) && /^[`~]+$/.test(line.trim())))) {
          fenceOpen = fenceOpen ? '' : fence;
          line = '';
          claim = '';
        } else if (fenceOpen || startsBlock.test(ahead)) out += newline();
        else {
          // a wrapped line: the paragraph, and its claim, go on
          line = '';
          claim += ' ';
        }
        out += carriage ? '\r\n' : '\n';
        i = end;
        continue;
      }
      if (fenceOpen) {
        line += char;
        out += char;
        i++;
        continue;
      }
      if (char === '`') {
        const rest = pending.slice(i);
        const run = /^`+/.exec(rest)![0];
        const newline = rest.indexOf('\n');
        const within = newline < 0 ? rest : rest.slice(0, newline);
        const found = closing(within, run.length);
        const close = found <= longestCode ? found : -1;
        // code is known when it closes, and the closing run with what follows it; a run that never closes on its line is text, and marks after it count
        const undecided = newline < 0 && (close < 0 ? rest.length <= longestCode : close === rest.length);
        if (!final && undecided) break;
        const code = close < 0 ? run : rest.slice(0, close);
        line += code;
        claim += code;
        out += code;
        i += code.length;
        continue;
      }
      if ((char === ' ' || char === '\t') && !final) {
        // a space goes with the marks behind it: where they are dropped, so is the space
        const after = pending
          .slice(i, i + 400)
          .replace(/^[ \t]+/, '')
          .replace(marksAtStart, '');
        if (after === '' || markPrefix.test(after)) break;
      }
      if (/[[【［〔]/.test(char)) {
        const rest = pending.slice(i, i + 120);
        const found = markAtStart.exec(rest);
        if (!found && !final && markPrefix.test(rest)) break;
        const match = found && isOther(found[0]) && (plain || !line.trim()) ? null : found;
        // what follows decides: `[1](…)` must not become a link, `[1]:` not its target
        if (match && !final && i + match[0].length >= pending.length) break;
        if (match) {
          const numbers = marksIn(match[0]);
          plain ||= !isOther(match[0]);
          if (hasWords(claim)) sentence = sentenceBefore(claim);
          const text = cite(numbers, sentence, false);
          const valid = numbers.filter((n) => units[n - 1]?.chunks.length);
          if (valid.length) {
            lastUnits = valid;
            blockMarked = true;
            claim = '';
          }
          i += match[0].length;
          if (text) {
            out += text;
            line += text;
          } else if (/[ \t]$/.test(out) && /^[\s.,;:!?)]|^$/.test(pending.slice(i, i + 1)))
            out = out.replace(/(?<![ \t])[ \t]+$/, '');
          // what stood around a dropped mark must not become one
          if (!text && openMark.test(line)) out += '·';
          const next = pending[i];
          if (next === '(') out += ' ';
          else if (next === ':' && line.trim() === text) {
            out += ' –';
            i++;
          }
          continue;
        }
      }
      if (hasWords(char)) lastIds = [];
      line += char;
      claim += char;
      out += char;
      i++;
    }
    pending = pending.slice(i);
    return out;
  };

  return {
    push(text) {
      pending += unwrap.push(text);
      return process(false);
    },
    end() {
      pending += unwrap.end();
      const rest = process(true);
      const added = newline();
      return rest + added;
    },
    citations,
    get dropped() {
      return dropped;
    },
  };
}

/** A run of backticks that did not close by then is no code. */
const longestCode = 400;

/** Where the code span that begins at 0 ends, or −1. */
function closing(text: string, length: number): number {
  for (const match of text.slice(length).matchAll(/`+/g)) {
    if (match[0].length === length) return length + match.index + length;
  }
  return -1;
}

/** The sentence that ends where the mark stands: after the last full stop before it, at least a few words. */
export function sentenceBefore(claim: string): string {
  const text = claim.replace(/(?<![\s.,;:])[\s.,;:]+$/, '');
  const pieces = text.split(/(?<=[.!?…])\s+(?=[\p{Lu}\p{N}"'“‘(*`])|(?<=[。!?])/u);
  let sentence = pieces.at(-1) ?? '';
  for (let i = pieces.length - 2; i >= 0 && sentence.trim().length < 8; i--) sentence = `${pieces[i]} ${sentence}`;
  return sentence.trim();
}
