/** Shared types and rules of the cache levels. Ids are `namespace/key`. */
import type { CacheNamespace } from '../engine/ports.ts';

export interface Entry {
  readonly value: string;
  /** When it was paid for, ms since 1970. */
  readonly time: number;
}

export interface Limits {
  readonly ttlMs: number;
  /** Of the files together. */
  readonly maxBytes: number;
}

/** Where an entry is in the files. */
export interface Slot {
  readonly segment: string;
  readonly offset: number;
  readonly size: number;
  readonly time: number;
  /** Last use, ms since 1970. */
  used: number;
}

/** One append-only file of the record; sizes in bytes. */
export interface Segment {
  readonly name: string;
  /** Bytes that are scanned. */
  scanned: number;
  /** Bytes on disk. */
  size: number;
  /** Of entries that the index holds. */
  live: number;
}

/** Token counts cost nothing but time: they make room for answers. */
const share: Readonly<Record<CacheNamespace, number>> = { map: 1, collapse: 1, reduce: 1, tokens: 0.25 };

/** An entry from the future (a clock that was turned back) lives as long as one from the past. */
export function isFresh(namespace: CacheNamespace, time: number, now: number, ttlMs: number): boolean {
  return Math.abs(now - time) < ttlMs * share[namespace];
}

/** One answer of the upper stages stands for many calls: it leaves later than its bytes say. */
export function weightOf(namespace: CacheNamespace, bytes: number): number {
  return namespace === 'map' || namespace === 'tokens' ? bytes : Math.ceil(bytes / 4);
}
