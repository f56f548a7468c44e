/**
 * Cache of paid answers: memory, workspace state, files. An answer counts as stored once it is in the files.
 */
import type { AnswerCache, CacheNamespace, Claim, Clock } from '../engine/ports.ts';
import type { FileSystem } from './fileSystem.ts';
import { openFileStore, type FileStats, type FileStore } from './fileStore.ts';
import { createMemoryStore, type MemoryStore } from './memoryStore.ts';
import { toId, getNamespace } from './record.ts';
import { createStateStore, type Memento, type StateStore } from './mementoStore.ts';
import { isFresh, type Entry, type Limits } from './store.ts';

/** Levels and limits of the cache. */
export interface CacheOptions {
  /** Undefined: answers last as long as the window. */
  readonly files?: { readonly fs: FileSystem; readonly alive: (window: string) => boolean };
  readonly memento?: Memento;
  /** Unique among windows; letters, digits and `-`. */
  readonly window: string;
  readonly clock: Clock;
  /** Unix ms. */
  readonly now: () => number;
  /** Read for each answer, so that changed settings apply at once. */
  readonly limits: () => Limits;
  readonly log: (line: string) => void;
  /** Size of the memory level; default 16 MB. */
  readonly memoryBytes?: number;
}

/** Entries per level. */
interface CacheStats {
  readonly inMemory: number;
  readonly inState: number;
  readonly files?: FileStats;
}

/** A cache that owns its levels. */
export interface ClosableCache extends AnswerCache {
  /** Empties all levels. Answers in flight are still stored. */
  clear(): Promise<{ entries: number; bytes: number }>;
  stats(): CacheStats;
  /** Writes pending data. */
  close(): Promise<void>;
}

/** Minimum interval between checks for entries that other windows cleared. */
const refreshMs = 1_000;

/** Opens the levels in `options`. Never rejects: entries in damaged or unreadable folders are misses. */
export async function createAnswerCache(options: CacheOptions): Promise<ClosableCache> {
  const files = options.files && (await openFileStore({ ...options, ...options.files }));
  return new LevelledCache(options, files);
}

/** Returns a cache that stores nothing but still deduplicates requests in flight. */
export function createNoCache(): AnswerCache {
  const inFlight = new InFlight();
  return {
    get: () => Promise.resolve(undefined),
    set: () => Promise.resolve(),
    claim: (namespace, keys) =>
      Promise.resolve(
        keys.map((key) => {
          const id = toId(namespace, key);
          return inFlight.join(id) ?? inFlight.start(id, () => Promise.resolve());
        }),
      ),
  };
}

class LevelledCache implements ClosableCache {
  private readonly options: CacheOptions;
  private readonly files: FileStore | undefined;
  private readonly memory: MemoryStore;
  private readonly state: StateStore | undefined;
  private readonly inFlight = new InFlight();
  private lastRefresh: number;
  private refreshing: Promise<void> | undefined;

  constructor(options: CacheOptions, files: FileStore | undefined) {
    const { memento, clock } = options;
    this.options = options;
    this.files = files;
    this.memory = createMemoryStore(options.memoryBytes);
    this.state = memento && createStateStore({ memento, clock });
    this.lastRefresh = clock.now();
    files?.onEmptied((has) => {
      this.memory.retain(has);
      this.state?.retain(has);
    });
  }

  async get(namespace: CacheNamespace, key: string): Promise<string | undefined> {
    await this.refresh();
    return (await this.lookUp([toId(namespace, key)]))[0];
  }

  async set(namespace: CacheNamespace, key: string, value: string): Promise<void> {
    await this.keep(toId(namespace, key), value);
  }

  async claim(namespace: CacheNamespace, keys: readonly string[]): Promise<Claim[]> {
    await this.refresh();
    const claims: Claim[] = [];
    const missing: { readonly place: number; readonly id: string; readonly own: OwnClaim }[] = [];
    keys.forEach((key, place) => {
      const id = toId(namespace, key);
      const value = this.lookUpNear(id);
      const claim = value === undefined ? this.inFlight.join(id) : ({ state: 'hit', value } as const);
      if (claim) claims[place] = claim;
      else missing.push({ place, id, own: this.inFlight.start(id, (answer) => this.keep(id, answer)) });
    });
    const values = await this.lookUp(missing.map(({ id }) => id)).catch(() => []);
    for (const [i, { place, own }] of missing.entries()) {
      const value = values[i];
      claims[place] = value === undefined ? own : { state: 'hit', value };
      if (value !== undefined) own.end(value);
    }
    return claims;
  }

  async clear(): Promise<{ entries: number; bytes: number }> {
    const held = Math.max(this.memory.size, this.state?.size ?? 0);
    this.memory.clear();
    await this.state?.clear();
    const freed = await this.files?.clear();
    return { entries: Math.max(held, freed?.entries ?? 0), bytes: freed?.bytes ?? 0 };
  }

  stats(): CacheStats {
    const { memory, state, files } = this;
    return { inMemory: memory.size, inState: state?.size ?? 0, ...(files ? { files: files.stats() } : {}) };
  }

  async close(): Promise<void> {
    await this.state?.flush();
    await this.files?.close();
  }

  /** Drops from memory what another window cleared. */
  private refresh(): Promise<void> | undefined {
    const now = this.options.clock.now();
    if (this.files && now - this.lastRefresh > refreshMs) {
      this.lastRefresh = now;
      this.refreshing = this.files.refresh();
    }
    return this.refreshing;
  }

  private isFresh(id: string, { time }: Entry): boolean {
    return isFresh(getNamespace(id), time, this.options.now(), this.options.limits().ttlMs);
  }

  /** Looks up memory and state, not the disk. */
  private lookUpNear(id: string): string | undefined {
    for (const level of this.state ? [this.memory, this.state] : [this.memory]) {
      const entry = level.get(id);
      if (!entry) continue;
      if (this.isFresh(id, entry)) return entry.value;
      level.delete(id);
    }
    return undefined;
  }

  /** Looks up all levels; results in the order of `ids`. */
  private async lookUp(ids: readonly string[]): Promise<(string | undefined)[]> {
    const values = ids.map((id) => this.lookUpNear(id));
    const missing = ids.map((_, i) => i).filter((i) => values[i] === undefined);
    if (!this.files || !missing.length) return values;
    const entries = await this.files.getMany(missing.map((i) => ids[i]!));
    missing.forEach((i, place) => {
      const entry = entries[place];
      if (!entry || !this.isFresh(ids[i]!, entry)) return;
      this.memory.set(ids[i]!, entry);
      values[i] = entry.value;
    });
    return values;
  }

  private async keep(id: string, value: string): Promise<void> {
    const entry = { value, time: this.options.now() };
    this.memory.set(id, entry);
    this.state?.set(id, entry);
    await this.files?.set(id, entry);
  }
}

type OwnClaim = Extract<Claim, { state: 'ours' }> & {
  /** Stores nothing. */
  end(value: string | undefined): void;
};

/** Answers in flight in this window: concurrent requests share the first. */
class InFlight {
  private readonly answers = new Map<string, Promise<string | undefined>>();

  /** Undefined if the answer is not in flight. */
  join(id: string): Claim | undefined {
    const answer = this.answers.get(id);
    return answer && { state: 'theirs', wait: (signal) => rejectOnAbort(answer, signal) };
  }

  /** @param keep stores the answer before waiters resolve */
  start(id: string, keep: (value: string) => Promise<void>): OwnClaim {
    let resolve!: (value: string | undefined) => void;
    const answer = new Promise<string | undefined>((r) => (resolve = r));
    this.answers.set(id, answer);
    const end = (value: string | undefined): void => {
      if (this.answers.get(id) === answer) this.answers.delete(id);
      resolve(value);
    };
    let settled: Promise<void> | undefined;
    const settle = async (value: string | undefined): Promise<void> => {
      try {
        if (value !== undefined) await keep(value);
      } finally {
        end(value);
      }
    };
    return { state: 'ours', settle: (value) => (settled ??= settle(value)), end };
  }
}

/** Resolves with the promise, or rejects with the abort reason at once. */
function rejectOnAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
