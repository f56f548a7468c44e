/**
 * Drops sentences that a small model writes without saying anything: those about its task, and those that say once more what was
 * said. Sentences without support stay: they are judged and marked at the end.
 */
import { detectLanguage } from '../offline/language.ts';
import type { ModelCall } from '../model.ts';
import { hasWords } from '../words.ts';
import { listMark } from './answer.ts';
import { getGenericTerms } from './genericWords.ts';
import { fold, topicTerms } from './topicTerms.ts';

/** Fewer terms are too few to compare. */
const minTerms = 4;
/** Terms of the text that a sentence must be the first to say. */
const minGain = 2;
/** Share of its terms with an earlier sentence from which a sentence says it again. */
const minShared = 0.5;
/** Sentences in a row that say nothing new: a loop in other words. */
const maxRestated = 3;
/** Words in a row that only the request can have. */
const phraseLength = 5;
const sampleLength = 20_000;

const figures = /\d[\d.,:]*\d|\d/g;
const sentenceEnd = /[.!?…]["'”’)\]]*(?=\s)|[。！？]["'”’」』)]*|\n/gu;
const openingMarks = /^(?:\s*\[\d{1,5}\])+/;
const listMarker = /^\s*(?:[-*+•]|\d{1,3}[.)])\s*$/;
const documentWord =
  /\b(?:texts?|summar(?:y|ies)|articles?|passages?|documents?|facts|textes?|résumé|zusammenfassung|artikel|textos?|resum[eo]n?|artigo|testo|riassunto)\b/iu;

type PlainCall = Pick<ModelCall, 'user' | 'stop'>;

/** The request behind the text; undefined where it has rules of its own lines, as large models get them. */
export function readPlainRequest({ user, stop }: PlainCall): string | undefined {
  const end = stop ? user.lastIndexOf(stop) : -1;
  if (end < 0 || !stop) return undefined;
  const request = user.slice(end + stop.length).trim();
  return request === '' || /^- /m.test(request) ? undefined : request;
}

/** Tracks one answer; not reusable. */
export class SentenceFilter {
  readonly #asked: ReadonlySet<string>;
  readonly #phrases: ReadonlySet<string>;
  readonly #text: string;
  readonly #said: ReadonlySet<string>[] = [];
  readonly #saidAll = new Set<string>();
  #source: { readonly language: string; readonly terms: ReadonlySet<string> } | undefined;
  #held = '';
  #line = '';
  #inFence = false;
  readonly #headings = new Set<string>();
  #wasDropped = false;
  /** Of a list item whose first sentence was dropped. */
  #marker = '';
  #restated = 0;

  /** @param request as `readPlainRequest` returns it */
  constructor({ user, stop }: PlainCall, request: string) {
    this.#asked = topicTerms(request, '');
    this.#text = stop ? user.slice(0, user.lastIndexOf(stop)) : user;
    const words = splitWords(request);
    this.#phrases = new Set(
      words.map((_, at) => words.slice(at, at + phraseLength).join(' ')).slice(0, -phraseLength + 1),
    );
  }

  get isLooping(): boolean {
    return this.#restated >= maxRestated;
  }

  /** Returns whole sentences. */
  push(piece: string): string {
    this.#held += piece;
    let out = '';
    let from = 0;
    for (const { 0: end, index } of this.#held.matchAll(sentenceEnd)) {
      if (this.isLooping) break;
      if (end !== '\n' && listMarker.test(this.#held.slice(from, index + end.length))) continue;
      out += this.#take(this.#held.slice(from, index + end.length));
      from = index + end.length;
    }
    this.#held = this.#held.slice(from);
    return out;
  }

  end(): string {
    const rest = this.#held;
    this.#held = '';
    return this.isLooping ? '' : this.#take(rest);
  }

  /** @param sentence with its closing sign or line end */
  #take(sentence: string): string {
    const isEnd = sentence.endsWith('\n');
    this.#line += sentence;
    const line = this.#line;
    const isVerbatim = this.#inFence || /^\s*(?:[|>]|```|~~~)/.test(line);
    if (isEnd && /^\s*(?:```|~~~)/.test(line)) this.#inFence = !this.#inFence;
    if (isEnd) this.#line = '';
    if (isVerbatim) return sentence;
    if (/^\s*#{1,6}\s/.test(line)) return this.#takeHeading(sentence, line);
    const marks = openingMarks.exec(sentence)?.[0] ?? '';
    const shown = this.#wasDropped ? '' : marks;
    const text = `${this.#marker}${sentence.slice(marks.length)}`;
    const hadMarker = this.#marker !== '';
    this.#marker = '';
    const marker = listMark.exec(text)?.[0] ?? '';
    const body = text.slice(marker.length);
    if (!hasWords(body) || /^[\d.)\s]+$/.test(body))
      return shown + (hadMarker || (this.#wasDropped && !isEnd) ? '' : text);
    const kept = this.#cutRequest(collapseRepeats(body));
    this.#wasDropped = kept === undefined || this.#saysNothing(kept);
    if (kept !== undefined && !this.#wasDropped) return shown + marker + kept;
    if (!isEnd) this.#marker = marker;
    return shown + (isEnd && marker === '' ? '\n' : '');
  }

  /** Empty headings, and those that stand already, go. */
  #takeHeading(piece: string, line: string): string {
    const title = line.replace(/[#\s]+/g, ' ').trim();
    if (!hasWords(title) || this.#headings.has(title)) return '';
    if (piece.endsWith('\n')) this.#headings.add(title);
    return piece;
  }

  /** Without the request's words; undefined if little else is left. */
  #cutRequest(sentence: string): string | undefined {
    const words = [...sentence.matchAll(/[\p{L}\p{N}]+/gu)];
    const plain = words.map(([word]) => normalizeWord(word));
    const isRequest = new Array<boolean>(words.length).fill(false);
    for (let at = 0; at + phraseLength <= words.length; at++)
      if (this.#phrases.has(plain.slice(at, at + phraseLength).join(' '))) isRequest.fill(true, at, at + phraseLength);
    const first = isRequest.indexOf(true);
    if (first < 0) return sentence;
    const last = isRequest.lastIndexOf(true);
    const before = sentence.slice(0, words[first]!.index).replace(/(?<![\s,;:(–—-])[\s,;:(–—-]+$/, '');
    const after = sentence.slice(words[last]!.index + words[last]![0].length);
    const rest = `${before}${after}`;
    return first + (words.length - 1 - last) < minTerms ? undefined : rest;
  }

  #saysNothing(sentence: string): boolean {
    const { language, terms: source } = (this.#source ??= this.#readSource());
    const terms = findSaidTerms(sentence, language);
    const generic = getGenericTerms(language);
    const own = [...terms].filter((term) => !generic.has(term) && !this.#asked.has(term));
    if (own.length === 0 && documentWord.test(sentence)) return true;
    const gain = own.filter((term) => source.has(term) && !this.#saidAll.has(term)).length;
    const shared = Math.max(0, ...this.#said.map((said) => countShared(terms, said) / terms.size));
    const isRestated =
      terms.size >= minTerms ? gain < minGain && shared >= minShared : terms.size > 0 && gain === 0 && shared === 1;
    this.#restated = isRestated ? this.#restated + 1 : 0;
    if (isRestated) return true;
    this.#said.push(terms);
    for (const term of terms) this.#saidAll.add(term);
    return false;
  }

  #readSource(): { language: string; terms: ReadonlySet<string> } {
    const language = detectLanguage(this.#text.slice(0, sampleLength));
    return { language, terms: findSaidTerms(this.#text, language) };
  }
}

/** Phrases of fewer words may repeat for emphasis. */
const minRepeatedPhrase = 3;
const maxRepeatedPhrase = 30;
/** Copies in a row that are too many. */
const minRepeats = 3;

/** Keeps the first of phrases that stand three times in a row within one sentence. */
function collapseRepeats(sentence: string): string {
  const words = [...sentence.matchAll(/[\p{L}\p{N}]+/gu)];
  const plain = words.map(([word]) => fold(word));
  for (let period = minRepeatedPhrase; period <= maxRepeatedPhrase; period++) {
    let run = 0;
    for (let at = period; at < words.length; at++) {
      run = plain[at] === plain[at - period] ? run + 1 : 0;
      const isEnd = at + 1 === words.length || plain[at + 1] !== plain[at + 1 - period];
      if (!isEnd || run < (minRepeats - 1) * period) continue;
      const first = words[at - run]!;
      const last = words[at]!;
      const head = sentence.slice(0, first.index + first[0].length);
      return collapseRepeats(head + sentence.slice(last.index + last[0].length));
    }
  }
  return sentence;
}

/** Whether an earlier line says each already. */
export function findRestated(lines: readonly string[]): boolean[] {
  const said: ReadonlySet<string>[] = [];
  return lines.map((line) => {
    const terms = findSaidTerms(line, '');
    const isRestated = terms.size >= minTerms && said.some((other) => countShared(terms, other) > 0.8 * terms.size);
    if (!isRestated) said.push(terms);
    return isRestated;
  });
}

/** Topic terms and figures. */
function findSaidTerms(text: string, language: string): Set<string> {
  return new Set([...topicTerms(text, language), ...(text.replace(/\[\d{1,5}\]/g, '').match(figures) ?? [])]);
}

function countShared(terms: ReadonlySet<string>, other: ReadonlySet<string>): number {
  let count = 0;
  for (const term of terms) if (other.has(term)) count += 1;
  return count;
}

/** Figures of a request vary between calls. */
const normalizeWord = (word: string): string => (/^\d+$/.test(word) ? '#' : fold(word));
const splitWords = (text: string): string[] => (text.match(/[\p{L}\p{N}]+/gu) ?? []).map(normalizeWord);
