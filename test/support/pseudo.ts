/** A language in which nothing is left as it was: what a person would read in English shows. */
import assert from 'node:assert/strict';
import { providerSentence } from '../../src/host/providerSentences.ts';
import { english, type Translate } from '../../src/host/translate.ts';

/** Every letter between the placeholders becomes `ψ`. */
export const pseudo: Translate = (message, ...args) =>
  english(
    message
      .split(/(\{\d+\})/)
      .map((part, at) => (at % 2 ? part : part.replace(/\p{L}/gu, 'ψ')))
      .join(''),
    ...args,
  );

/** What is English in a text, apart from values that stay and from codes in brackets at an end. */
export function rawEnglish(text: string, ...kept: readonly string[]): string[] {
  const rest = kept.reduce((left, value) => left.replaceAll(value, '·'), text);
  return rest.replace(/ \([^()]*\)(?=[.。]|$)/g, '').match(/[A-Za-z]{2,}/g) ?? [];
}

/** Fails where a provider's sentence is none, or would be shown in English to everybody. */
export function checkTranslatable(message: string, ...kept: readonly string[]): void {
  assert.match(message, /^[A-Za-z0-9].*[.?]$/s, 'a sentence');
  const said = providerSentence(message, pseudo);
  assert.deepEqual(rawEnglish(said, ...kept), [], `no template of providerSentences.ts fits: ${message}`);
  for (const value of kept) assert.ok(said.includes(value) === message.includes(value), `${value} lost: ${said}`);
}
