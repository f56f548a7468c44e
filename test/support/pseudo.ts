/** A language in which nothing is left as it was: what a person would read in English shows. */
import assert from 'node:assert/strict';
import { createErrorView } from '../../src/host/errors.ts';
import type { ModelError } from '../../src/engine/model.ts';
import { english, type Translate } from '../../src/engine/messages.ts';

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

/** Fails where an error is no sentence, or would be shown in English to everybody. */
export function checkTranslatable(error: ModelError, ...kept: readonly string[]): void {
  const { message } = error;
  assert.match(message, /^[A-Za-z0-9].*[.?]$/s, 'a sentence');
  const shown = createErrorView(error, pseudo).message;
  assert.deepEqual(rawEnglish(shown, ...kept), [], `not translated, because it has no code: ${message}`);
  for (const value of kept) assert.ok(shown.includes(value) === message.includes(value), `${value} lost: ${shown}`);
}
