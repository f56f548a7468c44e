/** Shared types of cache levels. Ids are `namespace/key`. */
import type { CacheNamespace } from '../engine/ports.ts';

/** A cached answer. */
export interface Entry {
  readonly value: string;
  /** When paid for, Unix ms. */
  readonly time: number;
}

/** Lifetime and size of the cache. */
export interface Limits {
  readonly ttlMs: number;
  /** Total of the files. */
  readonly maxBytes: number;
}

/** Location of an entry in the files. */
export interface Slot {
  readonly segment: string;
  readonly offset: number;
  readonly size: number;
  readonly time: number;
  /** Last use, Unix ms. */
  used: number;
}

/** One append-only file; sizes in bytes. */
export interface Segment {
  readonly name: string;
  /** Bytes scanned. */
  scanned: number;
  /** Bytes on disk. */
  size: number;
  /** Bytes of indexed entries. */
  live: number;
}

/** Token counts are free to recompute, so they expire first. */
const share: Readonly<Record<CacheNamespace, number>> = { map: 1, collapse: 1, reduce: 1, tokens: 0.25 };

/** Entries from the future (clock set back) age like those from the past. */
export function isFresh(namespace: CacheNamespace, time: number, now: number, ttlMs: number): boolean {
  return Math.abs(now - time) < ttlMs * share[namespace];
}

/** Returns the eviction weight: answers of later stages are worth many calls. */
export function getWeight(namespace: CacheNamespace, bytes: number): number {
  return namespace === 'map' || namespace === 'tokens' ? bytes : Math.ceil(bytes / 4);
}
