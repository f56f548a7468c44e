/** From the units that a request named to citations of lines: narrows each unit to the lines of a sentence, numbers each range once. */
import type { CitationReady } from '../events.ts';
import type { Place } from '../places.ts';
import type { Chunk } from '../source.ts';
import { TransientMap } from '../stages/transientMap.ts';
import { itemsOf } from './checkableTokens.ts';
import { headOf, indexChunk, locate, type ChunkIndex, type LineRange } from './locate.ts';
import { nearestOf, type Nearest } from './nearest.ts';

/** What a request named `[n]`: the chunks behind it, and the note that stood for them ('' when the text itself did). */
export interface Unit {
  readonly chunks: readonly number[];
  readonly note: string;
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

/** Turns unit numbers into citations: narrows each to lines, and numbers each range once. */
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
    const textOf = (chunk: number): string => locator.chunk(chunk).text;
    this.nearest = nearestOf(() => units.map(({ chunks, note }) => note || chunks.map(textOf).join('\n')));
  }

  /** Numbers of units that the request named, from 1. */
  valid(numbers: readonly number[]): number[] {
    return numbers.filter((n) => this.units[n - 1]?.chunks.length);
  }

  /** Number of the unit that holds most of the claim's words; undefined where none does. */
  unitNear(claim: string): number | undefined {
    const unit = this.nearest(claim);
    return unit === undefined ? undefined : unit + 1;
  }

  /** Citation ids of the units for this sentence, each once. */
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

  /** The unit's chunk and lines that hold most of the sentence. */
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
    // a summary in another language shares few words with the text; the note was drawn from it too
    if ((!best || best.range.score < minScore) && unit.note) search(chunks, `${sentence} ${unit.note}`);
    const moved = elsewhere(this.locator, unit.chunks, sentence, best?.range.excerpt ?? '');
    if (moved !== undefined) {
      const range = locate(this.locator.index(moved), sentence);
      if (range && range.score > (best?.range.score ?? 0)) best = { chunk: moved, range };
    }
    if (best) return { ...best, exact: true };
    const chunk = unit.chunks[0]!;
    return { chunk, range: headOf(this.locator.index(chunk)), exact: false };
  }
}

/** Chunks of a unit that are searched for a sentence. */
const maxSearchedChunks = 24;
/** Share of the sentence's words below which the unit's note is searched as well. */
const minScore = 0.12;
