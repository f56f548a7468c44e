/** The cache of paid answers over its levels: memory, the workspace's state, files. Only the files count as done. */
import type { AnswerCache, CacheNamespace, Claim, Clock } from '../engine/ports.ts';
import type { FileSystem } from './fileSystem.ts';
import { openFileStore, type FileStats } from './fileStore.ts';
import { createFlights, orAborted, type Flight } from './inFlight.ts';
import { createMemoryStore } from './memoryStore.ts';
import { idOf, namespaceOf } from './record.ts';
import { createStateStore, type Memento } from './mementoStore.ts';
import { isFresh, type Limits } from './store.ts';
import { createWindows } from './windows.ts';

export interface CacheOptions {
  /** Left out: no files, answers live as long as the window. */
  readonly files?: { readonly fs: FileSystem; readonly alive: (window: string) => boolean };
  readonly memento?: Memento;
  /** Unlike that of any other window, of letters, digits and `-`. */
  readonly window: string;
  readonly clock: Clock;
  /** Ms since 1970. */
  readonly now: () => number;
  /** As they are at this moment: a change holds from the next answer on. */
  readonly limits: () => Limits;
  readonly log: (line: string) => void;
  readonly memoryBytes?: number;
}

export interface CacheStats {
  readonly inMemory: number;
  readonly inState: number;
  readonly files?: FileStats;
}

export interface ClosableCache extends AnswerCache {
  /** Empties all levels. What is being produced at this moment goes on and is kept. */
  clear(): Promise<{ entries: number; bytes: number }>;
  stats(): CacheStats;
  /** Writes what waits and lets go of what is claimed. */
  close(): Promise<void>;
}

/** The folder is looked at before an answer counts as known, but not more often. */
const lookMs = 1_000;

export async function createAnswerCache(options: CacheOptions): Promise<ClosableCache> {
  const { clock, now, limits, window } = options;
  const memory = createMemoryStore(options.memoryBytes);
  const state = options.memento && createStateStore({ memento: options.memento, clock });
  const files =
    options.files && (await openFileStore({ ...options.files, window, now, clock, limits, log: options.log }));
  files?.onEmptied((has) => {
    memory.retain(has);
    state?.retain(has);
  });
  let looked = clock.now();
  let looking: Promise<void> | undefined;
  /** What another window cleared is not answered from memory. */
  const upToDate = (): Promise<void> | undefined => {
    if (files && clock.now() - looked > lookMs) {
      looked = clock.now();
      looking = files.refresh();
    }
    return looking;
  };
  const flights = createFlights();

  /** Without a look at the disk. */
  const near = (id: string): string | undefined => {
    for (const level of state ? [memory, state] : [memory]) {
      const entry = level.get(id);
      if (!entry) continue;
      if (isFresh(namespaceOf(id), entry.time, now(), limits().ttlMs)) return entry.value;
      level.delete(id);
    }
    return undefined;
  };
  const look = async (ids: readonly string[]): Promise<(string | undefined)[]> => {
    const values = ids.map(near);
    if (!files) return values;
    const missing = ids.map((_, i) => i).filter((i) => values[i] === undefined);
    if (!missing.length) return values;
    const entries = await files.getMany(missing.map((i) => ids[i]!));
    missing.forEach((i, place) => {
      const entry = entries[place];
      if (!entry || !isFresh(namespaceOf(ids[i]!), entry.time, now(), limits().ttlMs)) return;
      memory.set(ids[i]!, entry);
      values[i] = entry.value;
    });
    return values;
  };
  const keep = async (id: string, value: string): Promise<void> => {
    const entry = { value, time: now() };
    memory.set(id, entry);
    state?.set(id, entry);
    await files?.set(id, entry);
  };
  const windows =
    options.files &&
    files &&
    createWindows({
      ...options.files,
      window,
      clock,
      now,
      lookup: async (ids) => {
        await files.refresh();
        return look(ids);
      },
    });

  const ours = (id: string, flight: Flight): Claim => {
    let settled: Promise<void> | undefined;
    const end = async (value: string | undefined): Promise<void> => {
      try {
        if (value !== undefined) await keep(id, value);
      } finally {
        flight.land(value);
        windows?.release(id);
      }
    };
    return { state: 'ours', settle: (value) => (settled ??= end(value)) };
  };

  const claim = async (namespace: CacheNamespace, keys: readonly string[]): Promise<Claim[]> => {
    await upToDate();
    const claims: Claim[] = [];
    const mine: { readonly place: number; readonly id: string; readonly flight: Flight }[] = [];
    keys.forEach((key, place) => {
      const id = idOf(namespace, key);
      const value = near(id);
      const flown = flights.get(id);
      if (value !== undefined) claims[place] = { state: 'hit', value };
      else if (flown) claims[place] = { state: 'theirs', wait: (signal) => orAborted(flown.answer, signal) };
      else mine.push({ place, id, flight: flights.start(id) });
    });
    const found = await lookFar(mine.map(({ id }) => id));
    mine.forEach(({ place, id, flight }, i) => {
      const one = found[i]!;
      if (one === 'ours') {
        claims[place] = ours(id, flight);
        return;
      }
      // who joined meanwhile gets the value, or asks anew and then waits for the other window too
      flight.land(one === 'held' ? undefined : one.value);
      claims[place] =
        one === 'held'
          ? { state: 'theirs', wait: (signal) => windows!.wait(id, signal) }
          : { state: 'hit', value: one.value };
    });
    return claims;
  };
  const lookFar = async (ids: readonly string[]): Promise<({ value: string } | 'held' | 'ours')[]> => {
    if (!ids.length) return [];
    const values = await look(ids).catch(() => ids.map(() => undefined));
    const missing = ids.filter((_, i) => values[i] === undefined);
    const claims = missing.length && windows ? await windows.claim(missing) : missing.map(() => 'ours' as const);
    let next = 0;
    return values.map((value) => (value === undefined ? claims[next++]! : { value }));
  };

  return {
    async get(namespace, key) {
      await upToDate();
      return (await look([idOf(namespace, key)]))[0];
    },
    set: (namespace, key, value) => keep(idOf(namespace, key), value),
    claim,
    async clear() {
      const held = Math.max(memory.size, state?.size ?? 0);
      memory.clear();
      await state?.clear();
      const freed = await files?.clear();
      return { entries: Math.max(held, freed?.entries ?? 0), bytes: freed?.bytes ?? 0 };
    },
    stats: () => ({
      inMemory: memory.size,
      inState: state?.size ?? 0,
      ...(files ? { files: files.stats() } : {}),
    }),
    async close() {
      await windows?.close();
      await state?.flush();
      await files?.close();
    },
  };
}
