/** Resolves cited units to ranges of lines. Each range has one number. */
import type { CitationReady } from '../events.ts';
import type { Place } from '../places.ts';
import type { Chunk } from '../source.ts';
import { TransientMap } from '../stages/transientMap.ts';
import { findCheckableTokens } from './checkableTokens.ts';
import { getHeadRange, indexChunk, locate, type ChunkIndex, type LineRange } from './locate.ts';
import { createNearest, type Nearest } from './nearest.ts';

/** Target of a mark `[n]`; `note` is '' if the text itself was sent. */
export interface Unit {
  readonly chunks: readonly number[];
  readonly note: string;
}

/** Maps lines of a part (from 1, inclusive) to the place to show. */
export type PlaceOf = (part: number, lines: { readonly startLine: number; readonly endLine: number }) => Place;

/** Chunk indexes, built on first use. */
export interface Locator {
  index(chunk: number): ChunkIndex;
  chunk(chunk: number): Chunk;
  readonly chunks: readonly Chunk[];
}

/** Creates a locator holding up to 400 indexes. */
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
        // an index takes more memory than its text
        if (indexes.size > 400) indexes.delete(indexes.keys()[0]!);
      }
      return found;
    },
  };
}

/** Maximum text to search, UTF-16 units; a longer search would stall the stream. */
const searchedLength = 20_000_000;

/** Finds the nearest chunk that has items of the sentence which the cited chunks lack. */
function elsewhere(locator: Locator, cited: readonly number[], sentence: string, excerpt: string): number | undefined {
  const items = findCheckableTokens(sentence).filter((item) => item.length >= 3);
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

/** Converts unit numbers to citations of lines. */
export class CitedRanges {
  readonly citations: CitationReady[] = [];
  dropped = 0;
  private readonly units: readonly Unit[];
  private readonly locator: Locator;
  private readonly placeOf: PlaceOf;
  private readonly onCitation: (citation: CitationReady) => void;
  private readonly byRange = new Map<string, number>();
  private readonly nearest: Nearest;

  constructor(
    units: readonly Unit[],
    locator: Locator,
    placeOf: PlaceOf,
    onCitation: (citation: CitationReady) => void,
  ) {
    this.units = units;
    this.locator = locator;
    this.placeOf = placeOf;
    this.onCitation = onCitation;
    const getText = (chunk: number): string => locator.chunk(chunk).text;
    this.nearest = createNearest(() => units.map(({ chunks, note }) => note || chunks.map(getText).join('\n')));
  }

  valid(numbers: readonly number[]): number[] {
    return numbers.filter((n) => this.units[n - 1]?.chunks.length);
  }

  /** Undefined if none matches. */
  unitNear(claim: string): number | undefined {
    const unit = this.nearest(claim);
    return unit === undefined ? undefined : unit + 1;
  }

  idsOf(numbers: readonly number[], sentence: string, approximate: boolean): number[] {
    const ids: number[] = [];
    for (const n of new Set(numbers)) {
      const unit = this.units[n - 1];
      if (!unit?.chunks.length) {
        this.dropped++;
        continue;
      }
      const { chunk, range, exact } = this.narrow(unit, sentence);
      const id = this.idOf(chunk, range, approximate || !exact);
      if (!ids.includes(id)) ids.push(id);
    }
    return ids;
  }

  private idOf(chunk: number, range: LineRange, approximate: boolean): number {
    const { part } = this.locator.chunk(chunk);
    const key = `${part}:${range.startLine}-${range.endLine}`;
    const known = this.byRange.get(key);
    if (known !== undefined) return known;
    const id = this.citations.length + 1;
    this.byRange.set(key, id);
    const place = this.placeOf(part, range);
    const citation: CitationReady = { type: 'citation', id, ...place, chunk, approximate, excerpt: range.excerpt };
    this.citations.push(citation);
    this.onCitation(citation);
    return id;
  }

  private narrow(unit: Unit, sentence: string): { chunk: number; range: LineRange; exact: boolean } {
    let best: { chunk: number; range: LineRange } | undefined;
    const search = (chunks: readonly number[], text: string): void => {
      for (const chunk of chunks) {
        const range = locate(this.locator.index(chunk), text);
        if (range && range.score > (best?.range.score ?? -1)) best = { chunk, range };
      }
    };
    const chunks = unit.chunks.slice(0, maxSearchedChunks);
    search(chunks, sentence);
    // a summary in another language shares few words with the text
    if ((!best || best.range.score < minScore) && unit.note) search(chunks, `${sentence} ${unit.note}`);
    const moved = elsewhere(this.locator, unit.chunks, sentence, best?.range.excerpt ?? '');
    if (moved !== undefined) {
      const range = locate(this.locator.index(moved), sentence);
      if (range && range.score > (best?.range.score ?? 0)) best = { chunk: moved, range };
    }
    if (best) return { ...best, exact: true };
    const chunk = unit.chunks[0]!;
    return { chunk, range: getHeadRange(this.locator.index(chunk)), exact: false };
  }
}

const maxSearchedChunks = 24;
/** Score below which the note is searched as well. */
const minScore = 0.12;
