/** Caches over a folder in memory, with a clock that a test turns. */
import { createAnswerCache, type ClosableCache, type CacheOptions } from '../../src/cache/cache.ts';
import { realClock } from '../../src/host/clock.ts';
import { memoryFs, type MemoryFs } from './memoryFs.ts';

export interface Folder {
  readonly fs: MemoryFs;
  /** Ms since 1970. */
  time: number;
  readonly lines: string[];
  readonly limits: { ttlMs: number; maxBytes: number };
  readonly dead: Set<string>;
  open(window: string, more?: Partial<CacheOptions>, fs?: MemoryFs): Promise<ClosableCache>;
}

export const hour = 3_600_000;

export function folder(): Folder {
  const place: Folder = {
    fs: memoryFs(() => place.time),
    time: 1_800_000_000_000,
    lines: [],
    limits: { ttlMs: 168 * hour, maxBytes: 64 * 1024 * 1024 },
    dead: new Set(),
    open: async (window, more = {}, fs = place.fs) => {
      const cache = await createAnswerCache({
        files: { fs, alive: (other) => !place.dead.has(other) },
        window,
        clock: realClock,
        now: () => place.time,
        limits: () => place.limits,
        log: (line) => void place.lines.push(line),
        ...more,
      });
      opened.push(cache);
      return cache;
    },
  };
  return place;
}

const opened: ClosableCache[] = [];

/** After each test: no timer of a cache outlives it. */
export async function closeAll(): Promise<void> {
  await Promise.all(opened.splice(0).map((cache) => cache.close()));
}

export const key = (n: number): string => n.toString(16).padStart(64, '0');

export function bytesIn(place: Folder): number {
  return [...place.fs.files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
}
