import type { FromPanel } from '../shared/protocol.ts';
import type { Words } from '../shared/text.ts';

/** Dependencies of the page's parts. */
export interface PageContext {
  readonly words: Words;
  send(message: FromPanel): void;
  /** ms, monotonic. */
  now(): number;
}

/** A page part: built once, then updated. */
export interface Part<State> {
  readonly element: HTMLElement;
  update(state: State): void;
}
