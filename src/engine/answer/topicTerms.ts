/** Reduces sentences to comparable terms. */
import { getStopWords } from '../offline/language.ts';

/** Elisions are part of a word. */
export const wordPattern = /[\p{L}\p{N}][\p{L}\p{M}\p{N}'’]*/gu;
/** Scripts without spaces between words. */
export const wideScript = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Thai}/u;
/** Kana endings and particles carry no topic. */
const wideTopic = /[\p{Script=Han}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]{2,}/gu;
/** Letters that inflection leaves alone. */
const stemLength = 5;
/** Minimum letters of a topic word. */
export const minWordLength = 4;

/** Without case and accents. */
export const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
/** Cuts a folded word, so that inflections agree. */
export const stem = (folded: string): string => folded.slice(0, stemLength);

/** `école` of `l’école`, `text` of `text's`. */
export function withoutElision(found: string): string {
  return found.split(/['’]/u).reduce((longest, piece) => (piece.length > longest.length ? piece : longest), '');
}

/** Stems of topic words; character pairs of scripts without spaces. */
export function topicTerms(text: string, language: string): Set<string> {
  const stops = getStopWords(language);
  const terms = new Set<string>();
  const apart = text.replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ');
  for (const [found] of apart.matchAll(wordPattern)) {
    if (wideScript.test(found)) {
      for (const [run] of found.matchAll(wideTopic))
        for (let at = 0; at + 1 < run.length; at++) terms.add(run.slice(at, at + 2));
      continue;
    }
    const folded = fold(withoutElision(found));
    if (folded.length >= minWordLength && !stops.has(found.toLowerCase()) && /\p{L}/u.test(folded))
      terms.add(stem(folded));
  }
  return terms;
}
