/** Time of the host, or a virtual one. */
export interface Clock {
  /** Milliseconds; may jump forward after sleep. */
  now(): number;
  /** Rejects with the signal's reason on abort. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Returns a cancel function. */
  timer(ms: number, callback: () => void): () => void;
}

/** Returns a number in [0, 1). */
export type Random = () => number;

/** SHA-256 of the UTF-8 bytes, lower-case hex. */
export type Hash = (text: string) => string;

/** Counts tokens in `o200k_base`. */
export interface TokenCounter {
  /** Exact counts in order, computed off the thread. Used only near a limit. */
  count(texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
}

/** `tokens` holds counts, the others answers. */
export type CacheNamespace = 'map' | 'collapse' | 'reduce' | 'tokens';

/** Right to produce an answer that several runs may need. */
export type Claim =
  | { readonly state: 'hit'; readonly value: string }
  /** The holder must call `settle`; undefined lets a waiting run claim it. Resolves when stored on disk. */
  | { readonly state: 'ours'; readonly settle: (value: string | undefined) => Promise<void> }
  /** Resolves to undefined if the other run gives up. */
  | { readonly state: 'theirs'; readonly wait: (signal: AbortSignal) => Promise<string | undefined> };

/** Damaged or expired entries are misses. */
export interface AnswerCache {
  get(namespace: CacheNamespace, key: string): Promise<string | undefined>;
  /** Resolves when stored on disk (or disk caching is off). */
  set(namespace: CacheNamespace, key: string, value: string): Promise<void>;
  claim(namespace: CacheNamespace, keys: readonly string[]): Promise<Claim[]>;
}

/** Creates a delimiter that cannot be guessed and is the same for the same text. */
export type Fence = (text: string) => string;

/** Long loops call it every few milliseconds. */
export type Yield = () => Promise<void>;
