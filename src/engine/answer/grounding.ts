/**
 * Finds claims that the text does not support: a name that occurs nowhere, or too few topic words in the cited chunks. Words
 * are compared only if summary and text have the same language.
 */
import { detectLanguage } from '../offline/language.ts';
import type { Yield } from '../ports.ts';
import type { Chunk, Kind } from '../source.ts';
import { replaceCodeSpans } from './codeSpans.ts';
import { getGenericTerms } from './genericWords.ts';
import { fold, minWordLength, stem, topicTerms, wideScript, withoutElision, wordPattern } from './topicTerms.ts';

const name = /(?<=[\p{L}\p{N},;)]["'”’]?\s["'“‘(]?)\p{Lu}[\p{L}\p{M}]{2,}/gu;
const minTerms = 5;
const minShared = 8;
/** A claim with so few topic words is invented if its chunks hold none of them. */
const minTermsAbsent = 3;
/** Topic words of the text's own that a claim must share with its chunks, unless any text would satisfy it. */
const minSpecific = 2;
/**
 * Minimum share of a claim's topic words in its chunks. At 0.3, 2 % of sentences of 2,691 human summaries count as invented
 * (median of sets), and half of those of another document.
 */
const minShare = { prose: 0.3, other: 0.15 } as const;
const prose: ReadonlySet<Kind> = new Set(['prose', 'markdown', 'transcript', 'legal']);
/** UTF-16 units. */
const sampleLength = 20_000;

/** Text and kind of a chunk. */
export interface GroundText {
  readonly chunks: readonly Pick<Chunk, 'text' | 'context' | 'part'>[];
  kindOf(chunk: number): Kind;
  readonly titles: string;
}

/** A claim and the words that its parts lack. */
interface Invented {
  readonly word: string;
  readonly isNowhere: boolean;
  readonly isMost: boolean;
}

/** Share of a claim's topic words in the text from which a name alone is added: a first name, a place that everybody knows. */
const minShareAroundName = 0.5;

/** Maximum text to compare as a whole, UTF-16 units; in longer texts only the cited chunks are compared. */
const maxCompared = 2_000_000;
const sliceLength = 100_000;

/** Judges claims against one text. */
export class Grounding {
  readonly #text: GroundText;
  readonly #yield: Yield;
  readonly #language: string;
  readonly #isSame: boolean;
  readonly #terms = new Map<number, ReadonlySet<string>>();
  #all: ReadonlySet<string> | undefined;

  constructor(text: GroundText, summary: string, yieldNow: Yield) {
    this.#text = text;
    this.#yield = yieldNow;
    let sample = '';
    for (const chunk of text.chunks) if (sample.length < sampleLength) sample += `${chunk.text.slice(0, 4_000)}\n`;
    this.#language = detectLanguage(sample);
    const own = detectLanguage(summary);
    const isCode = text.chunks.length > 0 && !this.isProse([0]);
    this.#isSame = own === this.#language || (isCode && own === 'en' && this.#language === '');
  }

  isProse(chunks: readonly number[]): boolean {
    return chunks.some((chunk) => prose.has(this.#text.kindOf(chunk)));
  }

  /** Whether it has enough topic words. */
  canJudge(claim: string): boolean {
    return this.#isSame && topicTerms(plain(claim), this.#language).size >= minTermsAbsent;
  }

  /**
   * Returns undefined for a claim that the text may support.
   * @param cited chunks of its marks; empty: the whole text
   */
  async invented(claim: string, cited: readonly number[]): Promise<Invented | undefined> {
    if (!this.#isSame) return undefined;
    const text = plain(claim);
    return (await this.#missingName(text)) ?? (await this.#missingTopic(text, cited));
  }

  /** Share of a summary's topic words in the text, 0 to 1; undefined if not comparable. */
  async findShare(summary: string): Promise<number | undefined> {
    const terms = topicTerms(plain(summary), this.#language);
    const all = this.#isSame && this.isProse([0]) && terms.size >= minShared ? await this.#allTerms() : undefined;
    return all && [...terms].filter((term) => all.has(term)).length / terms.size;
  }

  /** Whether any text would satisfy the claim: hardly a word of the cited chunks' own is in it. */
  async isGeneric(claim: string, cited: readonly number[]): Promise<boolean> {
    const terms = topicTerms(plain(claim), this.#language);
    const isJudged = this.#isSame && terms.size >= minTerms && this.isProse(cited.length > 0 ? cited : [0]);
    if (!isJudged || /\d/.test(claim)) return false;
    const all = await this.#allTerms();
    if (all === undefined && cited.length === 0) return false;
    const generic = getGenericTerms(this.#language);
    const own = [...terms].filter((term) => !generic.has(term) && this.#holds(term, cited, all));
    return own.length < minSpecific;
  }

  /** Without citations, searches the whole text. */
  #holds(term: string, cited: readonly number[], all: ReadonlySet<string> | undefined): boolean {
    return cited.length > 0 ? cited.some((chunk) => this.#termsOf(chunk).has(term)) : all?.has(term) === true;
  }

  async #missingName(claim: string): Promise<Invented | undefined> {
    // German capitalizes every noun
    if (this.#language === 'de') return undefined;
    const names = [...claim.matchAll(name)].map(([found]) => found).filter((found) => found.length >= minWordLength);
    const all = names.length > 0 ? await this.#allTerms() : undefined;
    const missing = all && names.find((found) => !wideScript.test(found) && !all.has(stem(fold(found))));
    if (missing === undefined) return undefined;
    const terms = topicTerms(claim, this.#language);
    const held = [...terms].filter((term) => all!.has(term)).length;
    return { word: missing, isNowhere: true, isMost: held < minShareAroundName * terms.size };
  }

  async #missingTopic(claim: string, cited: readonly number[]): Promise<Invented | undefined> {
    const terms = topicTerms(claim, this.#language);
    const isProse = this.isProse(cited.length > 0 ? cited : [0]);
    if (terms.size < (isProse ? minTermsAbsent : minTerms)) return undefined;
    const all = await this.#allTerms();
    if (all === undefined && cited.length === 0) return undefined;
    const missing = [...terms].filter((term) => !this.#holds(term, cited, all));
    const share = 1 - missing.length / terms.size;
    const needed = isProse ? minShare.prose : minShare.other;
    if (terms.size < minTerms ? share > 0 : share >= needed) return undefined;
    const nowhere = all && missing.filter((term) => !all.has(term));
    const told = nowhere?.length ? nowhere : missing;
    const found = [...claim.matchAll(wordPattern)].find(([text]) =>
      told.includes(stem(fold(withoutElision(text)))),
    )?.[0];
    return { word: found ?? told[0]!, isNowhere: Boolean(nowhere?.length), isMost: true };
  }

  #termsOf(chunk: number): ReadonlySet<string> {
    const known = this.#terms.get(chunk);
    if (known) return known;
    const { text, context } = this.#text.chunks[chunk]!;
    const terms = topicTerms(`${context}\n${text}`, this.#language);
    this.#terms.set(chunk, terms);
    return terms;
  }

  /** Returns undefined for a text that is too long to compare as a whole. */
  async #allTerms(): Promise<ReadonlySet<string> | undefined> {
    const { chunks, titles } = this.#text;
    if (this.#all) return this.#all;
    if (chunks.reduce((sum, { text }) => sum + text.length, 0) > maxCompared) return undefined;
    const all = new Set(topicTerms(titles, this.#language));
    let work = 0;
    for (const [index, { text }] of chunks.entries()) {
      for (const term of this.#termsOf(index)) all.add(term);
      work += text.length;
      if (work < sliceLength) continue;
      work = 0;
      await this.#yield();
    }
    return (this.#all = all);
  }
}

function plain(claim: string): string {
  return replaceCodeSpans(claim, () => ' ').replace(/\*\*|__|[*_#>]/g, '');
}
