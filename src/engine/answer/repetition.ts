/**
 * Detects endless repetition in a streaming answer: a period of up to `maxPeriod` words (or characters), a numbered list of
 * equal items, repeated items. Tables, code and rules may repeat.
 */

/** Words; about 200 tokens. */
const maxPeriod = 256;
/** Words; longer periods need three repetitions. */
const minRepeated = 40;
const minRepeatedSigns = 120;
/** Rules are up to a few hundred long. */
const minRepeatedRule = 1000;
/** Columns may be wide. */
const minRepeatedTableRule = 8000;
/** Minimum repeated length without spaces, characters; minified code repeats short patterns. */
const minRepeatedCharacters = 400;
const minCopies = 8;
/** Code blocks, tables and JSON. */
const minRepeatedCode = 240;
const minWordsOfNumbered = 4;
/** Numbers in a row that count on by equal steps, without other words. */
const minCounted = 60;
/** Longest word; longer ones are compared by character. */
const maxWord = 64;

const lineWindow = 8;
const minRepeatedLines = 4;
const minLineLetters = 12;

const wordPattern =
  /\n|[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]|[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]+/gu;
const isSpace = /\s/;
const letter = /\p{L}/u;
const letters = /\p{L}/gu;
/** Counter: `12.`, `12)`, `12:`, `#12`. */
const counter = /^#?(\d{1,6})[.):,]?$/;
const number = -1;

interface Word {
  readonly id: number;
  readonly start: number;
  readonly end: number;
  readonly hasLetters: boolean;
  readonly value?: number;
  readonly inCode: boolean;
  readonly isCharacter: boolean;
}

/** Tracks one answer; not reusable. */
export class RepetitionGuard {
  readonly #ids = new Map<string, number>();
  readonly #words: Word[] = [];
  /** For each period, the number of last words that equal the word one period earlier. */
  readonly #runs = new Int32Array(maxPeriod + 1);
  /** The same, with all numbers counted as equal. */
  readonly #numberedRuns = new Int32Array(maxPeriod + 1);
  readonly #lines = new Map<string, number>();
  #recentLines: { readonly start: number; readonly repeats: boolean }[] = [];
  #pending = '';
  #offset = 0;
  #line = '';
  #lineStart = 0;
  #inFence = false;
  #keep: number | undefined;

  /** @returns UTF-16 units to keep once a loop is certain */
  push(piece: string): number | undefined {
    if (this.#keep !== undefined) return this.#keep;
    this.#pending += piece;
    // the last word may continue
    let whole = this.#pending.length;
    while (whole > 0 && !isSpace.test(this.#pending[whole - 1]!)) whole -= 1;
    const ready = this.#pending.length - whole > maxWord ? this.#pending.length : whole;
    const text = this.#pending.slice(0, ready);
    this.#pending = this.#pending.slice(ready);
    for (const match of text.matchAll(wordPattern)) {
      this.#add(match[0], this.#offset + match.index);
      if (this.#keep !== undefined) return this.#keep;
    }
    this.#offset += ready;
    return undefined;
  }

  #add(word: string, start: number): void {
    if (word === '\n') {
      this.#endLine(start);
      return;
    }
    if (!this.#line) this.#lineStart = start;
    this.#line += this.#line ? ` ${word}` : word;
    if (word.length <= maxWord) this.#addWord(word, start, false);
    else
      for (let at = 0; at < word.length && this.#keep === undefined; at++) this.#addWord(word[at]!, start + at, true);
  }

  #addWord(word: string, start: number, isCharacter: boolean): void {
    const value = counter.exec(word)?.[1];
    const index = this.#words.length;
    this.#words.push({
      id: this.#idOf(word),
      start,
      end: start + word.length,
      hasLetters: letter.test(word),
      ...(value === undefined ? {} : { value: Number(value) }),
      inCode: this.#inFence || /^[|{}[\]"<]/.test(this.#line),
      isCharacter,
    });
    const current = this.#words[index]!;
    for (let period = 1; period <= maxPeriod && period <= index; period++) {
      const earlier = this.#words[index - period]!;
      const isEqual = earlier.id === current.id;
      const isNumber = earlier.value !== undefined && current.value !== undefined;
      this.#runs[period] = isEqual ? this.#runs[period]! + 1 : 0;
      this.#numberedRuns[period] = isEqual || isNumber ? this.#numberedRuns[period]! + 1 : 0;
      if (this.#isLoop(period)) {
        this.#stopAt(this.#words[index - this.#longestRun(period)]!.end);
        return;
      }
    }
  }

  #idOf(word: string): number {
    const known = this.#ids.get(word);
    if (known !== undefined) return known;
    this.#ids.set(word, this.#ids.size);
    return this.#ids.size - 1;
  }

  #longestRun(period: number): number {
    return Math.max(this.#runs[period]!, this.#numberedRuns[period]!);
  }

  #isLoop(period: number): boolean {
    const run = this.#runs[period]!;
    const numbered = this.#numberedRuns[period]!;
    if (run < 2 * period && numbered < 2 * period) return false;
    if (run >= 2 * period && run >= minRepeated && run >= this.#needed(period)) return true;
    return numbered > run && numbered >= Math.max(2 * period, minRepeated) && this.#isNumbered(period);
  }

  #needed(period: number): number {
    const last = this.#words.slice(-period);
    const hasLetters = last.some((word) => word.hasLetters);
    const inCode = last.some((word) => word.inCode);
    if (last.every(({ isCharacter }) => isCharacter)) {
      if (hasLetters) return Math.max(minRepeatedCharacters, minCopies * period);
      return inCode ? minRepeatedTableRule : minRepeatedRule;
    }
    if (inCode) return minRepeatedCode;
    return hasLetters ? minRepeated : minRepeatedSigns;
  }

  /** Whether three periods match with steadily growing counters. */
  #isNumbered(period: number): boolean {
    const last = this.#words.slice(-period);
    if (last.some(({ inCode, isCharacter }) => inCode || isCharacter)) return false;
    const words = last.filter(({ hasLetters }) => hasLetters).length;
    if (words < minWordsOfNumbered && (words > 0 || this.#numberedRuns[period]! < minCounted)) return false;
    const steps = last.flatMap((word, i) => {
      if (word.value === undefined) return [];
      const before = this.#words.at(i - 2 * period)?.value ?? number;
      const first = this.#words.at(i - 3 * period)?.value ?? number;
      return word.value - before === before - first ? [word.value - before] : [number];
    });
    return steps.every((step) => step >= 0) && steps.some((step) => step > 0);
  }

  #endLine(end: number): void {
    const line = this.#line;
    this.#line = '';
    if (/^(```|~~~)/.test(line)) this.#inFence = !this.#inFence;
    if (this.#inFence || !line) return;
    const item = /^(?:[-*+•]|\d{1,4}[.)])\s+(.*)/.exec(line)?.[1]?.replace(/ ?\[\d{1,4}\]/g, '');
    if (item === undefined) {
      this.#lines.clear();
      this.#recentLines = [];
      return;
    }
    const text = item.trim();
    if ((text.match(letters)?.length ?? 0) < minLineLetters) return;
    const seen = this.#lines.get(text) ?? 0;
    this.#lines.set(text, seen + 1);
    this.#recentLines.push({ start: this.#lineStart, repeats: seen >= 2 });
    if (this.#recentLines.length > lineWindow) this.#recentLines.shift();
    const repeats = this.#recentLines.filter((recent) => recent.repeats);
    if (repeats.length >= minRepeatedLines) this.#stopAt(Math.min(repeats[0]!.start, end));
  }

  #stopAt(keep: number): void {
    this.#keep = keep;
  }
}

/** Cuts the loop and an unfinished last sentence; may return ''. */
export function cutLoop(answer: string, keep: number): string {
  const text = answer.slice(0, keep).trimEnd();
  if (/[.!?…。！？]["'”’)\]]*$/.test(text)) return text;
  const end = Math.max(
    text.lastIndexOf('\n'),
    ...['. ', '! ', '? ', '.\n', '。', '！', '？', '] '].map((mark) => text.lastIndexOf(mark)),
  );
  return end < 0 ? '' : text.slice(0, end + 1).trimEnd();
}
