/**
 * The record: every answer that was paid for, in append-only segments. A window appends to segments of its own and reads
 * all, so two windows share a folder and never write one file. The index is in memory; a lost tail is a miss.
 */
import type { Clock } from '../engine/ports.ts';
import type { FileInfo, FileSystem } from './fileSystem.ts';
import { compact, planCompaction } from './compact.ts';
import { createAppender } from './appender.ts';
import { encodeRecord, namespaceOf, scan, valueOf, type Head } from './record.ts';
import { isFresh, weightOf, type Entry, type Limits } from './store.ts';

export interface FileStoreOptions {
  readonly fs: FileSystem;
  /** Unlike that of any other window, of letters, digits and `-`. */
  readonly window: string;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly limits: () => Limits;
  /** Whether that window still runs: nobody else touches its segments. */
  readonly alive: (window: string) => boolean;
  readonly log: (line: string) => void;
}

export interface FileStats {
  readonly entries: number;
  /** Of all segments. */
  readonly bytes: number;
  /** Records that were damaged and skipped. */
  readonly damaged: number;
  /** Whether answers can be written. */
  readonly on: boolean;
}

export interface FileStore {
  getMany(ids: readonly string[]): Promise<(Entry | undefined)[]>;
  /** Resolves when the entry is in the file, or the level is off. Never rejects. */
  set(id: string, entry: Entry): Promise<void>;
  /** Reads what other windows have written since. */
  refresh(): Promise<void>;
  /** Evicts and compacts, if there is reason to. */
  tidy(): Promise<void>;
  clear(): Promise<{ entries: number; bytes: number }>;
  close(): Promise<void>;
  stats(): FileStats;
  /** Called when segments are gone: another window emptied the folder, or wrote it anew. Only what `has` is still there. */
  onEmptied(listener: (has: (id: string) => boolean) => void): void;
}

export interface Slot {
  readonly segment: string;
  readonly offset: number;
  readonly size: number;
  readonly time: number;
  used: number;
}

export interface Segment {
  readonly name: string;
  /** Bytes that are scanned. */
  scanned: number;
  /** Bytes on disk. */
  size: number;
  live: number;
}

const usedAgainAfterMs = 3_600_000;
const restMs = 60_000;
const namePattern = /^seg-(.+)-(\d+)\.bin$/;
export const ownerOf = (segment: string): string | undefined => namePattern.exec(segment)?.[1];

export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const { fs, window, now, limits, log } = options;
  const index = new Map<string, Slot>();
  const segments = new Map<string, Segment>();
  let damaged = 0;
  let offUntil = -Infinity;
  let told = false;
  let number = 0;
  let onEmptied: (has: (id: string) => boolean) => void = () => undefined;
  const emptied = (): void => onEmptied((id) => index.has(id));
  let tidying: Promise<void> | undefined;
  let refreshing: Promise<void> | undefined;

  const nextName = (): string => `seg-${window}-${++number}.bin`;
  const segmentOf = (name: string): Segment => {
    let segment = segments.get(name);
    if (!segment) segments.set(name, (segment = { name, scanned: 0, size: 0, live: 0 }));
    return segment;
  };
  const drop = (id: string): void => {
    const slot = index.get(id);
    if (!slot) return;
    index.delete(id);
    const segment = segments.get(slot.segment);
    if (segment) segment.live -= slot.size;
  };
  const forget = (name: string): void => {
    segments.delete(name);
    for (const [id, slot] of index) if (slot.segment === name) index.delete(id);
  };
  const add = (segment: Segment, head: Head, offset: number): void => {
    const known = index.get(head.id);
    if (head.kind === 'used') {
      if (known) known.used = Math.max(known.used, head.time);
      return;
    }
    if (known && (known.time > head.time || (known.segment === segment.name && known.offset === offset))) return;
    if (!isFresh(namespaceOf(head.id), head.time, now(), limits().ttlMs)) return;
    drop(head.id);
    segment.live += head.size;
    index.set(head.id, {
      segment: segment.name,
      offset,
      size: head.size,
      time: head.time,
      used: known?.used ?? head.time,
    });
  };
  const off = (error: unknown, doing: string): void => {
    offUntil = now() + restMs;
    if (!told) log(`The cache's files are off: ${doing} failed (${reasonOf(error)}). Answers are kept in memory.`);
    told = true;
  };

  const scanSegment = async (file: FileInfo): Promise<void> => {
    const segment = segmentOf(file.name);
    if (file.size < segment.scanned) {
      forget(file.name);
      return scanSegment(file);
    }
    segment.size = file.size;
    if (file.size === segment.scanned) return;
    const from = segment.scanned;
    const bytes = await fs.read(file.name, from, file.size - from);
    // what this window appended meanwhile is indexed already
    const found = scan(bytes);
    damaged += found.bad;
    for (const { head, at } of found.records) add(segment, head, from + at);
    segment.scanned = Math.max(segment.scanned, from + found.end);
  };

  const readFolder = async (): Promise<void> => {
    const files = (await fs.list()).filter((file) => namePattern.test(file.name));
    const there = new Set(files.map((file) => file.name));
    const gone = [...segments.values()].filter((segment) => segment.size > 0 && !there.has(segment.name));
    for (const segment of gone) forget(segment.name);
    for (const file of files) {
      // own segments are indexed as they are written
      if (ownerOf(file.name) === window) continue;
      await scanSegment(file).catch((error: unknown) => {
        if (fs.missing(error)) forget(file.name);
      });
    }
    if (gone.length) emptied();
  };
  const refresh = (): Promise<void> =>
    (refreshing ??= readFolder()
      .catch(() => undefined)
      .finally(() => (refreshing = undefined)));

  const appender = createAppender(fs, nextName, (name, offset, records) => {
    let segment = segmentOf(name);
    if (segment.size !== offset) {
      forget(name);
      segment = segmentOf(name);
      emptied();
    }
    let at = offset;
    for (const record of records) {
      add(segment, record.head, at);
      at += record.bytes.length;
    }
    segment.scanned = segment.size = at;
  });

  const write = async (id: string, kind: 'put' | 'used', entry: Entry): Promise<void> => {
    const bytes = encodeRecord(kind, id, entry.value, entry.time);
    if (!bytes || now() < offUntil) return;
    try {
      await appender.append(bytes, Math.max(64 * 1024, Math.min(4 * 1024 * 1024, limits().maxBytes / 8)));
    } catch (error) {
      off(error, 'writing');
    }
  };

  const tidyNow = async (): Promise<void> => {
    evict(index, [...segments.values()], limits(), now(), drop);
    const mine = (name: string): boolean => ownerOf(name) === window || !options.alive(ownerOf(name) ?? '');
    const names = planCompaction([...segments.values()], limits().maxBytes, mine);
    if (!names.length) return;
    appender.rotate();
    await appender.idle();
    try {
      const made = await compact(fs, names, index, nextName());
      if (made) {
        const segment = segmentOf(made.name);
        segment.scanned = segment.size = made.size;
        for (const { id, from, to } of made.moved) {
          // written anew meanwhile: the newer one stays
          if (index.get(id) !== from) continue;
          index.set(id, { ...from, segment: made.name, offset: to });
          segment.live += from.size;
        }
      }
      for (const name of names) {
        forget(name);
        await fs.remove(name);
      }
    } catch (error) {
      off(error, 'compacting');
    }
  };
  const tidy = (): Promise<void> => (tidying ??= tidyNow().finally(() => (tidying = undefined)));
  let due: (() => void) | undefined;
  const tidyLater = (): void => {
    if (due || tidying) return;
    const total = sum([...segments.values()], (s) => s.size);
    const live = sum([...segments.values()], (s) => s.live);
    const wasteful = total > 1024 * 1024 && live < total / 2;
    if (total <= limits().maxBytes && !wasteful) return;
    due = options.clock.timer(20, () => {
      due = undefined;
      void tidy();
    });
  };

  await readFolder().catch((error: unknown) => off(error, 'reading'));
  await removeLeftovers(fs, options.alive, window);
  if (segments.size > 0) tidyLater();

  return {
    async getMany(ids) {
      const slots = ids.map(freshSlot);
      const entries = await readSlots(fs, ids, slots);
      const lost = ids.map((_, i) => i).filter((i) => slots[i] && !entries[i]);
      if (lost.length) {
        // compacted meanwhile, here or by another window: then it stands elsewhere now
        await refresh();
        const moved = lost.filter((i) => index.has(ids[i]!) && index.get(ids[i]!) !== slots[i]);
        for (const i of moved) slots[i] = freshSlot(ids[i]!);
        const again = await readSlots(
          fs,
          moved.map((i) => ids[i]!),
          moved.map((i) => slots[i]),
        );
        moved.forEach((i, place) => (entries[i] = again[place]));
      }
      ids.forEach((id, i) => {
        const slot = slots[i];
        if (!slot) return;
        if (entries[i]) touch(id, slot);
        else if (index.get(id) === slot) {
          damaged++;
          drop(id);
        }
      });
      return entries;
    },
    async set(id, entry) {
      await write(id, 'put', entry);
      tidyLater();
    },
    refresh,
    tidy,
    async clear() {
      due?.();
      due = undefined;
      await tidying;
      await appender.idle();
      await refresh();
      const freed = { entries: index.size, bytes: 0 };
      appender.rotate();
      for (const file of await fs.list().catch(() => [])) {
        await fs.remove(file.name).then(
          () => (freed.bytes += file.size),
          (error: unknown) => log(`A file of the cache could not be removed (${reasonOf(error)}).`),
        );
      }
      index.clear();
      segments.clear();
      return freed;
    },
    async close() {
      due?.();
      due = undefined;
      await tidying;
      await appender.idle();
    },
    stats: () => ({
      entries: index.size,
      bytes: sum([...segments.values()], (s) => s.size),
      damaged,
      on: now() >= offUntil,
    }),
    onEmptied: (listener) => void (onEmptied = listener),
  };

  function touch(id: string, slot: Slot): void {
    const recorded = slot.used;
    slot.used = now();
    if (slot.used - recorded > usedAgainAfterMs) void write(id, 'used', { value: '', time: slot.used });
  }

  function freshSlot(id: string): Slot | undefined {
    const slot = index.get(id);
    if (slot && !isFresh(namespaceOf(id), slot.time, now(), limits().ttlMs)) {
      drop(id);
      return undefined;
    }
    return slot;
  }
}

/** Values in the order of the ids; neighbours in a file are read at once. */
async function readSlots(
  fs: FileSystem,
  ids: readonly string[],
  slots: readonly (Slot | undefined)[],
): Promise<(Entry | undefined)[]> {
  const entries: (Entry | undefined)[] = ids.map(() => undefined);
  const wanted = ids
    .map((id, i) => ({ id, i, slot: slots[i] }))
    .filter((one): one is { id: string; i: number; slot: Slot } => one.slot !== undefined)
    .sort((a, b) =>
      a.slot.segment < b.slot.segment ? -1 : a.slot.segment > b.slot.segment ? 1 : a.slot.offset - b.slot.offset,
    );
  const readRun = async (run: typeof wanted): Promise<void> => {
    const start = run[0]!.slot.offset;
    const last = run[run.length - 1]!.slot;
    const bytes = await fs.read(last.segment, start, last.offset + last.size - start).catch(() => new Uint8Array(0));
    for (const { id, i, slot } of run) {
      const at = slot.offset - start;
      entries[i] = valueOf(bytes.subarray(at, at + slot.size), id);
    }
  };
  for (let from = 0; from < wanted.length;) {
    let to = from + 1;
    while (to < wanted.length && together(wanted[from]!.slot, wanted[to - 1]!.slot, wanted[to]!.slot)) to++;
    await readRun(wanted.slice(from, to));
    from = to;
  }
  return entries;
}

function together(first: Slot, before: Slot, next: Slot): boolean {
  const gap = next.offset - (before.offset + before.size);
  return next.segment === first.segment && gap < 16_384 && next.offset + next.size - first.offset < 1024 * 1024;
}

/** What is expired goes; of the rest what was used longest ago, until there is room for a fifth more. */
function evict(
  index: ReadonlyMap<string, Slot>,
  segments: readonly Segment[],
  { ttlMs, maxBytes }: Limits,
  now: number,
  drop: (id: string) => void,
): void {
  for (const [id, slot] of index) if (!isFresh(namespaceOf(id), slot.time, now, ttlMs)) drop(id);
  let live = sum(segments, (segment) => segment.live);
  if (live <= maxBytes * 0.9) return;
  const age = (id: string, slot: Slot): number =>
    (now - slot.used) * (weightOf(namespaceOf(id), slot.size) / slot.size);
  const oldest = [...index].sort(([a, x], [b, y]) => age(b, y) - age(a, x));
  for (const [id, slot] of oldest) {
    if (live <= maxBytes * 0.8) return;
    live -= slot.size;
    drop(id);
  }
}

/** Half-written files of windows that are gone. */
async function removeLeftovers(fs: FileSystem, alive: (window: string) => boolean, window: string): Promise<void> {
  const files = await fs.list().catch(() => []);
  for (const { name } of files) {
    const found = /^(?:tmp-seg-(.+)-\d+\.bin|(?:tmp-)?flights-(.+)\.json)$/.exec(name);
    const owner = found?.[1] ?? found?.[2];
    if (owner !== undefined && owner !== window && !alive(owner)) await fs.remove(name).catch(() => undefined);
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}

export function reasonOf(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
}
