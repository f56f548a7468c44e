/** Replaces marks in a streaming answer by citations of lines, numbered in order of appearance. */
import type { CitationReady } from '../events.ts';
import { isOther, markAtStart, markPrefix, marksAtStart, findMarks } from './citationMarks.ts';
import { CitedRanges, type Locator, type PlaceOf, type Unit } from './citedRanges.ts';
import { createUnwrapper } from './unwrap.ts';
export { createLocator, type Locator, type PlaceOf, type Unit } from './citedRanges.ts';
import { hasWords } from '../words.ts';

/** Rewrites a streaming answer with numbered citations. */
export interface CitationWriter {
  /** Returns the text that may be shown now. */
  push(text: string): string;
  end(): string;
  readonly citations: readonly CitationReady[];
  /** Marks that name no part. */
  readonly dropped: number;
}

const startsBlock = /^$|^\s*(?:\r?\n|[-*+•#|>]|\d{1,3}[.)]|`{3}|~{3})/;
const openMark = /\[[\s\d,;–-]*$/;

/** @param onCitation called before the mark is returned */
export function createCitationWriter(
  units: readonly Unit[],
  locator: Locator,
  placeOf: PlaceOf,
  onCitation: (citation: CitationReady) => void,
): CitationWriter {
  return new StreamedCitations(new CitedRanges(units, locator, placeOf, onCitation));
}

type Step = 'taken' | 'undecided';

class StreamedCitations implements CitationWriter {
  private readonly ranges: CitedRanges;
  private readonly unwrap = createUnwrapper();
  /** Whether plain marks were found, so that other bracket forms are text. */
  private plain = false;
  private pending = '';
  private at = 0;
  private out = '';
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
      // wrapped line: the claim continues
      this.line = '';
      this.claim += ' ';
    }
    this.out += newline;
    this.at = end;
    return 'taken';
  }

  /** Waits for the run of backticks that closes the code; an unclosed run is text. */
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

  /** Removes the space before a mark that is dropped. */
  private marksMayFollow(): boolean {
    const after = this.pending
      .slice(this.at, this.at + 400)
      .replace(/^[ \t]+/, '')
      .replace(marksAtStart, '');
    return after === '' || markPrefix.test(after);
  }

  /** Undefined if the bracket is ordinary text. */
  private stepMark(final: boolean): Step | undefined {
    const rest = this.pending.slice(this.at, this.at + 120);
    const found = markAtStart.exec(rest)?.[0];
    if (found === undefined) return !final && markPrefix.test(rest) ? 'undecided' : undefined;
    if (isOther(found) && (this.plain || !this.line.trim())) return undefined;
    // `[1](…)` and `[1]:` would be rendered as links
    if (!final && this.at + found.length >= this.pending.length) return 'undecided';
    this.takeMark(found);
    return 'taken';
  }

  private takeMark(mark: string): void {
    const numbers = findMarks(mark);
    this.plain ||= !isOther(mark);
    if (hasWords(this.claim)) this.sentence = findSentenceBefore(this.claim);
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
    // the text around a dropped mark must not join into a new one
    if (!text && openMark.test(this.line)) this.out += '·';
    const next = this.pending[this.at];
    if (next === '(') this.out += ' ';
    else if (next === ':' && this.line.trim() === text) {
      this.out += ' –';
      this.at++;
    }
  }

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

  /** Cites the part whose words match the claim, else the part of the previous mark. */
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

/** UTF-16 units. */
const maxCodeLength = 400;

/** −1 if it stays open. */
function closing(text: string, length: number): number {
  for (const match of text.slice(length).matchAll(/`+/g)) {
    if (match[0].length === length) return length + match.index + length;
  }
  return -1;
}

/** It has at least a few words. */
function findSentenceBefore(claim: string): string {
  const text = claim.replace(/(?<![\s.,;:])[\s.,;:]+$/, '');
  const pieces = text.split(/(?<=[.!?…])\s+(?=[\p{Lu}\p{N}"'“‘(*`])|(?<=[。!?])/u);
  let sentence = pieces.at(-1) ?? '';
  for (let i = pieces.length - 2; i >= 0 && sentence.trim().length < 8; i--) sentence = `${pieces[i]} ${sentence}`;
  return sentence.trim();
}
