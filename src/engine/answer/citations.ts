/**
 * Marks of an answer become citations of lines while the text streams: a mark names a unit of the request,
 * the sentence before it narrows the unit's chunks to lines, and ids are given in order of appearance, one a range.
 */
import type { CitationReady } from '../events.ts';
import { isOther, markAtStart, markPrefix, marksAtStart, marksIn } from './citationMarks.ts';
import { CitedRanges, type Locator, type PlaceOf, type Unit } from './citedRanges.ts';
import { unwrapper } from './unwrap.ts';
export { createLocator, type Locator, type PlaceOf, type Unit } from './citedRanges.ts';
import { hasWords } from '../words.ts';

export interface CitationWriter {
  /** Takes the model's text as it streams; returns what may be shown now. */
  push(text: string): string;
  /** The rest, once the stream ended. */
  end(): string;
  readonly citations: readonly CitationReady[];
  /** Marks that named nothing of the request. */
  readonly dropped: number;
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
