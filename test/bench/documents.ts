/** The bench's texts: sized in the server's tokens, four bytes each. */
import { prose } from '../support/corpus.ts';

const made = new Map<number, string>();

export function proseOf(tokens: number): string {
  let text = made.get(tokens);
  if (text === undefined) {
    text = prose(tokens, tokens * 4);
    made.set(tokens, text);
  }
  return text;
}

/** One line changed: the one at `at` gets other words. */
export function edited(text: string, at: number, which: number): string {
  const from = text.lastIndexOf('\n', at) + 1;
  const end = text.indexOf('\n', from);
  return `${text.slice(0, from)}Edit ${which} put another sentence on this line.${end < 0 ? '' : text.slice(end)}`;
}
