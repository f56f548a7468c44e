/** Whether a text says anything: signs alone, as an empty bullet or a fence, are no words. */
export const hasWords = (text: string): boolean => /[\p{L}\p{N}]/u.test(text);

/** Scripts that write a word in more tokens than Latin script does. */
const denseScripts =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}\p{Script=Devanagari}\p{Script=Arabic}\p{Script=Hebrew}]/gu;
const denseLanguage = /^(zh|ja|ko|th|hi|ar|he|fa|ur|bn|ta|te)\b|chinese|japanese|korean|thai|hindi|arabic|hebrew/i;
const englishLanguage = /^en\b|english/i;

/**
 * Tokens of a word of a summary: 1.4 in English, 1.8 in other languages of short scripts, 2.2 where a character is a syllable or a word.
 * @param language as in the options; '' is the text's own
 * @param sample some of the text
 */
export function tokensPerWord(language: string, sample: string): number {
  if (language !== '') return denseLanguage.test(language) ? 2.2 : englishLanguage.test(language) ? 1.4 : 1.8;
  const start = sample.slice(0, 2_000);
  const dense = start.match(denseScripts)?.length ?? 0;
  return dense > start.length * 0.2 ? 2.2 : 1.4;
}
