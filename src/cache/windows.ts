/**
 * Who produces an answer among the windows on one folder. Each window keeps a small file that lists what it is producing;
 * a claim is made under a lock file, so that of two windows that want the same one gets it. A window that died holds nothing.
 */
import type { Clock } from '../engine/ports.ts';
import type { FileSystem } from './fileSystem.ts';
import { orAborted } from './inFlight.ts';

export interface WindowsOptions {
  readonly fs: FileSystem;
  readonly window: string;
  readonly clock: Clock;
  /** Ms since 1970, as the disk dates its files. */
  readonly now: () => number;
  readonly alive: (window: string) => boolean;
  /** What is on disk by now, also by other windows; for one that waits. */
  readonly lookup: (ids: readonly string[]) => Promise<(string | undefined)[]>;
}

export interface Windows {
  /** Of each id: its value, 'held' by another window, or 'ours' from now on. Never rejects. */
  claim(ids: readonly string[]): Promise<({ value: string } | 'held' | 'ours')[]>;
  release(id: string): void;
  /** Resolves with the value once the other window has stored it, or undefined when that window gave up. */
  wait(id: string, signal: AbortSignal): Promise<string | undefined>;
  close(): Promise<void>;
}

const beatMs = 2_000;
const staleMs = 10_000;
const pollMs = 120;
const lockName = 'claims.lock';
const lockStaleMs = 3_000;
const encoder = new TextEncoder();

export function createWindows(options: WindowsOptions): Windows {
  const { fs, window, clock } = options;
  const own = `flights-${window}.json`;
  const held = new Set<string>();
  const waiting = new Map<string, { answer: Promise<string | undefined>; resolve: (value?: string) => void }>();
  let publishing: Promise<void> = Promise.resolve();
  let cancelBeat: (() => void) | undefined;
  let cancelPoll: (() => void) | undefined;
  let cancelSoon: (() => void) | undefined;
  let closed = false;
  let turn: Promise<unknown> = Promise.resolve();

  const publishNow = async (): Promise<void> => {
    cancelSoon?.();
    cancelSoon = undefined;
    if (!held.size) return fs.remove(own);
    const temporary = `tmp-${own}`;
    await fs.remove(temporary);
    await fs.append(temporary, encoder.encode(JSON.stringify([...held])));
    await fs.rename(temporary, own);
  };
  const publish = (): Promise<void> => (publishing = publishing.then(publishNow).catch(() => undefined));
  const publishSoon = (): void => void (cancelSoon ??= clock.timer(100, () => void publish()));
  const beat = (): void => {
    if (cancelBeat || closed) return;
    cancelBeat = clock.timer(beatMs, () => {
      cancelBeat = undefined;
      if (!held.size) return;
      void publish();
      beat();
    });
  };

  /** What windows that live are producing. */
  const others = async (): Promise<Set<string>> => {
    const ids = new Set<string>();
    for (const file of await fs.list()) {
      const other = /^flights-(.+)\.json$/.exec(file.name)?.[1];
      if (other === undefined || other === window) continue;
      if (!options.alive(other) || Math.abs(options.now() - file.modified) > staleMs) continue;
      const bytes = await fs.read(file.name, 0, file.size).catch(() => new Uint8Array(0));
      for (const id of listed(bytes)) ids.add(id);
    }
    return ids;
  };

  const locked = async <T>(work: () => Promise<T>): Promise<T> => {
    const has = await lock(options);
    try {
      return await work();
    } finally {
      if (has) await fs.remove(lockName).catch(() => undefined);
    }
  };

  const claimAll = async (ids: readonly string[]): Promise<({ value: string } | 'held' | 'ours')[]> =>
    locked(async () => {
      const theirs = await others();
      // after the list: what left the list in between is on disk
      const values = await options.lookup(ids);
      const claims = ids.map((id, i) => {
        const value = values[i];
        return value !== undefined ? { value } : theirs.has(id) ? ('held' as const) : ('ours' as const);
      });
      const before = held.size;
      ids.forEach((id, i) => claims[i] === 'ours' && held.add(id));
      if (held.size > before) {
        await publish();
        beat();
      }
      return claims;
    });

  const poll = (): void => {
    if (cancelPoll || closed || !waiting.size) return;
    cancelPoll = clock.timer(pollMs, () => {
      void look().finally(() => {
        cancelPoll = undefined;
        poll();
      });
    });
  };
  const look = async (): Promise<void> => {
    const theirs = await others().catch(() => new Set<string>());
    const ids = [...waiting.keys()];
    const values = await options.lookup(ids).catch(() => ids.map(() => undefined));
    ids.forEach((id, i) => {
      if (values[i] === undefined && theirs.has(id)) return;
      waiting.get(id)?.resolve(values[i]);
      waiting.delete(id);
    });
  };

  return {
    claim(ids) {
      const claims = turn.then(() => claimAll(ids)).catch(() => ids.map(() => 'ours' as const));
      turn = claims;
      return claims;
    },
    release(id) {
      if (held.delete(id)) publishSoon();
    },
    wait(id, signal) {
      let wait = waiting.get(id);
      if (!wait) {
        let resolve!: (value?: string) => void;
        const answer = new Promise<string | undefined>((r) => (resolve = r));
        waiting.set(id, (wait = { answer, resolve }));
        poll();
      }
      return orAborted(wait.answer, signal);
    },
    async close() {
      closed = true;
      cancelBeat?.();
      cancelPoll?.();
      cancelSoon?.();
      held.clear();
      for (const wait of waiting.values()) wait.resolve();
      waiting.clear();
      await turn;
      await publish();
    },
  };
}

/** Whether the lock was got; without it after a while the claim is made all the same: at worst something is paid for twice. */
async function lock({ fs, window, clock, now, alive }: WindowsOptions): Promise<boolean> {
  for (let attempt = 0; attempt < 60; attempt++) {
    if (await fs.create(lockName, encoder.encode(window))) return true;
    const file = (await fs.list()).find(({ name }) => name === lockName);
    if (file) {
      const holder = new TextDecoder().decode(await fs.read(lockName, 0, 200).catch(() => new Uint8Array(0)));
      const stale =
        Math.abs(now() - file.modified) > lockStaleMs || holder === window || (holder !== '' && !alive(holder));
      if (stale) await fs.remove(lockName);
    }
    await clock.sleep(5 + (attempt % 7));
  }
  return false;
}

function listed(bytes: Uint8Array): string[] {
  try {
    const ids: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return Array.isArray(ids) ? ids.filter((id) => typeof id === 'string') : [];
  } catch {
    return [];
  }
}
