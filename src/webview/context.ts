/** What every part of the page is handed: words in the user's language, the way to the extension, the clock. */
import type { FromPanel } from '../shared/protocol.ts';
import type { Words } from '../shared/text.ts';

export interface PageContext {
  readonly words: Words;
  send(message: FromPanel): void;
  /** ms, monotonous. */
  now(): number;
}

/** A part of the page: built once, then told what is. */
export interface Part<State> {
  readonly element: HTMLElement;
  update(state: State): void;
}
