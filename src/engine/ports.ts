/** What the engine is given: it has no clock, randomness, hash, tokenizer or storage of its own. */

export interface Clock {
  /** Milliseconds, monotonic enough; may jump forward when the machine slept. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back after `ms`; returns the way to cancel it. */
  timer(ms: number, callback: () => void): () => void;
}

/** A number in [0, 1). */
export type Random = () => number;

/** SHA-256 of the text's UTF-8 bytes, lower-case hex. */
export type Hash = (text: string) => string;

/** Token counts in `o200k_base`. */
export interface TokenCounter {
  /** Exact, off-thread, in the order given. Used only near a limit. */
  count(texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
}

export type CacheNamespace = 'map' | 'collapse' | 'reduce' | 'tokens';

/** Who produces an answer that several runs of this window may need at the same time. */
export type Claim =
  | { readonly state: 'hit'; readonly value: string }
  /** Nobody else produces it: settle it in any case. Undefined: no answer that may be kept; waiters claim anew. Resolves when it is on disk. */
  | { readonly state: 'ours'; readonly settle: (value: string | undefined) => Promise<void> }
  /** Another run produces it. Resolves with undefined when that run gave up. */
  | { readonly state: 'theirs'; readonly wait: (signal: AbortSignal) => Promise<string | undefined> };

/** Answers that were paid for. A damaged or expired entry is a miss, never an error. */
export interface AnswerCache {
  get(namespace: CacheNamespace, key: string): Promise<string | undefined>;
  /** Resolves when the answer is on disk (or the disk level is off): only then may it count as done. */
  set(namespace: CacheNamespace, key: string, value: string): Promise<void>;
  /** One claim a key, in order. */
  claim(namespace: CacheNamespace, keys: readonly string[]): Promise<Claim[]>;
}

/** A mark around data that its author cannot guess and that stays the same for the same text. */
export type Fence = (text: string) => string;

/** Resolves soon, after other work of the thread had its turn: long loops await it every few milliseconds. */
export type Yield = () => Promise<void>;
