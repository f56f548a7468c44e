/**
 * Marks of an answer become citations of lines while the text streams: a mark names a unit of the request,
 * the sentence before it narrows the unit's chunks to lines, and ids are given in order of appearance, one a range.
 */
import type { CitationReady } from '../events.ts';
import { isOther, markAtStart, markPrefix, marksAtStart, marksIn } from './citationMarks.ts';
import { headOf, indexChunk, locate, type ChunkIndex, type LineRange } from './locate.ts';
import type { Chunk } from '../source.ts';
import { itemsOf } from './checkableTokens.ts';
import { nearestOf, type Nearest } from './nearest.ts';
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

/** @param onCitation called before the text that holds the citation's mark is returned */
export function createCitationWriter(
  units: readonly Unit[],
  locator: Locator,
  placeOf: PlaceOf,
  onCitation: (citation: CitationReady) => void,
): CitationWriter {
  return new StreamedCitations(new CitedRanges(units, locator, placeOf, onCitation));
}

/** Turns unit numbers into citations: narrows each to lines, and numbers each range once. */
class CitedRanges {
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

/** What one reading step took from the pending text, or that it needs more text first. */
type Step = 'taken' | 'undecided';

/** Scans the answer as it streams: finds marks, claims, code and fences, and writes the text that may be shown. */
class StreamedCitations implements CitationWriter {
  private readonly ranges: CitedRanges;
  private readonly unwrap = unwrapper();
  /** The model writes its marks in plain brackets: what looks like others is text. */
  private plain = false;
  private pending = '';
  /** Position in `pending`. */
  private at = 0;
  private out = '';
  /** Backticks or tildes of the fence that is open. */
  private fence = '';
  private line = '';
  private claim = '';
  private sentence = '';
  private lastIds: number[] = [];
  private lastUnits: number[] | undefined;
  private blockMarked = false;

  constructor(ranges: CitedRanges) {
    this.ranges = ranges;
  }

  get citations(): readonly CitationReady[] {
    return this.ranges.citations;
  }

  get dropped(): number {
    return this.ranges.dropped;
  }

  push(text: string): string {
    this.pending += this.unwrap.push(text);
    return this.scan(false);
  }

  end(): string {
    this.pending += this.unwrap.end();
    const rest = this.scan(true);
    return rest + this.closeLine();
  }

  /** @param final nothing follows: what is undecided is text */
  private scan(final: boolean): string {
    this.out = '';
    this.at = 0;
    while (this.at < this.pending.length) if (this.step(final) === 'undecided') break;
    this.pending = this.pending.slice(this.at);
    return this.out;
  }

  private step(final: boolean): Step {
    const char = this.pending[this.at]!;
    const isCrLf = char === '\r' && this.pending[this.at + 1] === '\n';
    if (char === '\r' && !final && this.at + 1 === this.pending.length) return 'undecided';
    if (char === '\n' || isCrLf) return this.stepNewline(isCrLf ? '\r\n' : '\n', final);
    if (this.fence) {
      this.line += char;
      this.out += char;
      this.at++;
      return 'taken';
    }
    if (char === '`') return this.stepCode(final);
    if ((char === ' ' || char === '\t') && !final && this.marksMayFollow()) return 'undecided';
    if (/[[【［〔]/.test(char)) {
      const step = this.stepMark(final);
      if (step) return step;
    }
    if (hasWords(char)) this.lastIds = [];
    this.write(char);
    return 'taken';
  }

  private write(text: string): void {
    this.line += text;
    this.claim += text;
    this.out += text;
    this.at += text.length;
  }

  private stepNewline(newline: string, final: boolean): Step {
    const end = this.at + newline.length;
    const ahead = this.pending.slice(end, end + 5);
    if (!final && ahead.length < 5 && !ahead.includes('\n')) return 'undecided';
    const fence = /^\s*(`{3,}|~{3,})/.exec(this.line)?.[1];
    const trimmed = this.line.trim();
    if (fence && (!this.fence || (trimmed.startsWith(this.fence) && /^[`~]+$/.test(trimmed)))) {
      this.fence = this.fence ? '' : fence;
      this.line = '';
      this.claim = '';
    } else if (this.fence || startsBlock.test(ahead)) this.out += this.closeLine();
    else {
      // a wrapped line: the paragraph, and its claim, go on
      this.line = '';
      this.claim += ' ';
    }
    this.out += newline;
    this.at = end;
    return 'taken';
  }

  /** Code is known when it closes, together with what follows its closing run; a run that never closes on its line is text. */
  private stepCode(final: boolean): Step {
    const rest = this.pending.slice(this.at);
    const run = /^`+/.exec(rest)![0];
    const newline = rest.indexOf('\n');
    const found = closing(newline < 0 ? rest : rest.slice(0, newline), run.length);
    const close = found <= maxCodeLength ? found : -1;
    const undecided = newline < 0 && (close < 0 ? rest.length <= maxCodeLength : close === rest.length);
    if (!final && undecided) return 'undecided';
    this.write(close < 0 ? run : rest.slice(0, close));
    return 'taken';
  }

  /** A space goes with the marks behind it: where they are dropped, so is the space. */
  private marksMayFollow(): boolean {
    const after = this.pending
      .slice(this.at, this.at + 400)
      .replace(/^[ \t]+/, '')
      .replace(marksAtStart, '');
    return after === '' || markPrefix.test(after);
  }

  /** Undefined where the bracket is text. */
  private stepMark(final: boolean): Step | undefined {
    const rest = this.pending.slice(this.at, this.at + 120);
    const found = markAtStart.exec(rest)?.[0];
    if (found === undefined) return !final && markPrefix.test(rest) ? 'undecided' : undefined;
    if (isOther(found) && (this.plain || !this.line.trim())) return undefined;
    // what follows decides: `[1](…)` must not become a link, `[1]:` not its target
    if (!final && this.at + found.length >= this.pending.length) return 'undecided';
    this.takeMark(found);
    return 'taken';
  }

  private takeMark(mark: string): void {
    const numbers = marksIn(mark);
    this.plain ||= !isOther(mark);
    if (hasWords(this.claim)) this.sentence = sentenceBefore(this.claim);
    const text = this.cite(numbers, this.sentence, false);
    const valid = this.ranges.valid(numbers);
    if (valid.length) {
      this.lastUnits = valid;
      this.blockMarked = true;
      this.claim = '';
    }
    this.at += mark.length;
    if (text) {
      this.out += text;
      this.line += text;
    } else if (/[ \t]$/.test(this.out) && /^[\s.,;:!?)]|^$/.test(this.pending.slice(this.at, this.at + 1)))
      this.out = this.out.replace(/(?<![ \t])[ \t]+$/, '');
    // what stood around a dropped mark must not become one
    if (!text && openMark.test(this.line)) this.out += '·';
    const next = this.pending[this.at];
    if (next === '(') this.out += ' ';
    else if (next === ':' && this.line.trim() === text) {
      this.out += ' –';
      this.at++;
    }
  }

  /** Marks of ids that do not stand here already. */
  private cite(numbers: readonly number[], sentence: string, approximate: boolean): string {
    const ids = this.ranges.idsOf(numbers, sentence, approximate).filter((id) => !this.lastIds.includes(id));
    this.lastIds = [...this.lastIds, ...ids];
    return ids.map((id) => `[${id}]`).join('');
  }

  private closeLine(): string {
    const added = this.fence ? '' : this.citeUnmarked();
    this.line = '';
    this.claim = '';
    this.sentence = '';
    this.lastIds = [];
    this.blockMarked = false;
    return added.trim() ? added : '';
  }

  /** A claim that came without a mark takes the unit that holds its words, else the nearest mark before it. */
  private citeUnmarked(): string {
    const text = this.claim.trim();
    const isClaim =
      hasWords(text) &&
      text.length >= minClaimLength &&
      !/^(#|\||>|:?-{3,}|\[\^)/.test(this.line.trimStart()) &&
      !/[::]$/.test(text);
    if (this.blockMarked || !isClaim) return '';
    const unit = this.ranges.unitNear(text);
    const numbers = unit === undefined ? this.lastUnits?.slice(0, 1) : [unit];
    return numbers ? ` ${this.cite(numbers, text, true)}` : '';
  }
}

const minClaimLength = 24;

/** A run of backticks that did not close by then is no code. */
const maxCodeLength = 400;

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
