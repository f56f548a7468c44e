/** Whether a text contains words rather than only signs. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** Scripts that need more tokens for a word than Latin. */
const denseScripts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Devanagari}\p{Script=Arabic}\p{Script=Hebrew}]/gu;
const denseLanguage = /^(zh|ja|ko|th|hi|ar|he|fa|ur|bn|ta|te)\b|chinese|japanese|korean|thai|hindi|arabic|hebrew/i;
const englishLanguage = /^en\b|english/i;

/**
 * Tokens of a word in the summary: 1.4 in English, 1.8 in other languages, 2.2 in dense scripts.
 * @param language as in the options; '' to decide by `sample`
 */
export function getTokensPerWord(language: string, sample: string): number {
  if (language !== '') return denseLanguage.test(language) ? 2.2 : englishLanguage.test(language) ? 1.4 : 1.8;
  const start = sample.slice(0, 2_000);
  const dense = start.match(denseScripts)?.length ?? 0;
  return dense > start.length * 0.2 ? 2.2 : 1.4;
}
