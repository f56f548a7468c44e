/**
 * File level: every paid answer, in append-only segments. A window appends to its own segments and reads all,
 * so windows share a folder without write conflicts. The index is in memory; a lost tail is a miss.
 */
import type { Clock } from '../engine/ports.ts';
import type { FileInfo, FileSystem } from './fileSystem.ts';
import { compact, planCompaction, type Compacted } from './compact.ts';
import { createAppender, type Appender, type Written } from './appender.ts';
import { encodeRecord, getNamespace, scan, type Head } from './record.ts';
import { evict, readSlots, sum } from './segments.ts';
import { isFresh, type Entry, type Limits, type Segment, type Slot } from './store.ts';

interface FileStoreOptions {
  readonly fs: FileSystem;
  /** Unique among windows; letters, digits and `-`. */
  readonly window: string;
  /** Unix ms. */
  readonly now: () => number;
  readonly clock: Clock;
  readonly limits: () => Limits;
  /** Whether that window still runs: its segments are its own. */
  readonly alive: (window: string) => boolean;
  readonly log: (line: string) => void;
}

/** Figures of the file level. */
export interface FileStats {
  readonly entries: number;
  /** Size of all segments. */
  readonly bytes: number;
  readonly damaged: number;
  readonly on: boolean;
}

/** Persistent cache level, shared by windows. */
export interface FileStore {
  getMany(ids: readonly string[]): Promise<(Entry | undefined)[]>;
  /** Resolves once stored or while the level is off. Never rejects. */
  set(id: string, entry: Entry): Promise<void>;
  refresh(): Promise<void>;
  tidy(): Promise<void>;
  clear(): Promise<{ entries: number; bytes: number }>;
  close(): Promise<void>;
  stats(): FileStats;
  /** Called when another window emptied or rewrote the folder; only entries that `has` confirms remain. */
  onEmptied(listener: (has: (id: string) => boolean) => void): void;
}

/** Minimum interval between two `used` records of an entry. */
const usedAgainAfterMs = 3_600_000;
const restMs = 60_000;
const minSegmentBytes = 64 * 1024;
const maxSegmentBytes = 4 * 1024 * 1024;
const namePattern = /^seg-(.+)-(\d+)\.bin$/;

/** Window that appends to this segment; undefined for other file names. */
const findOwner = (segment: string): string | undefined => namePattern.exec(segment)?.[1];

/** Indexes the folder. Never rejects: a disk error turns the level off for a minute. */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const store = new SegmentStore(options);
  await store.open();
  return store;
}

class SegmentStore implements FileStore {
  private readonly options: FileStoreOptions;
  private readonly index = new Map<string, Slot>();
  private readonly segments = new Map<string, Segment>();
  private readonly appender: Appender;
  private damaged = 0;
  private offUntil = -Infinity;
  private logged = false;
  private lastNumber = 0;
  private onEmptiedListener: (has: (id: string) => boolean) => void = () => undefined;
  private tidying: Promise<void> | undefined;
  private refreshing: Promise<void> | undefined;
  private cancelTidy: (() => void) | undefined;

  constructor(options: FileStoreOptions) {
    this.options = options;
    this.appender = createAppender(
      options.fs,
      () => this.nextName(),
      (name, offset, records) => this.indexAppended(name, offset, records),
    );
  }

  async open(): Promise<void> {
    const { fs, alive, window } = this.options;
    await this.readFolder().catch((error: unknown) => this.turnOff(error, 'reading'));
    await removeLeftovers(fs, alive, window);
    if (this.segments.size > 0) this.tidyLater();
  }

  async getMany(ids: readonly string[]): Promise<(Entry | undefined)[]> {
    const { fs } = this.options;
    const slots = ids.map((id) => this.freshSlot(id));
    const entries = await readSlots(fs, ids, slots);
    const lost = ids.map((_, i) => i).filter((i) => slots[i] && !entries[i]);
    if (lost.length) {
      // compaction, here or in another window, has moved the entry
      await this.refresh();
      const moved = lost.filter((i) => this.index.has(ids[i]!) && this.index.get(ids[i]!) !== slots[i]);
      for (const i of moved) slots[i] = this.freshSlot(ids[i]!);
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
      if (entries[i]) this.markUsed(id, slot);
      else if (this.index.get(id) === slot) {
        this.damaged++;
        this.drop(id);
      }
    });
    return entries;
  }

  async set(id: string, entry: Entry): Promise<void> {
    await this.write(id, 'put', entry);
    this.tidyLater();
  }

  refresh(): Promise<void> {
    return (this.refreshing ??= this.readFolder()
      .catch(() => undefined)
      .finally(() => (this.refreshing = undefined)));
  }

  tidy(): Promise<void> {
    return (this.tidying ??= this.tidyNow().finally(() => (this.tidying = undefined)));
  }

  async clear(): Promise<{ entries: number; bytes: number }> {
    const { fs, log } = this.options;
    await this.settle();
    await this.refresh();
    const freed = { entries: this.index.size, bytes: 0 };
    this.appender.rotate();
    for (const file of await fs.list().catch(() => [])) {
      await fs.remove(file.name).then(
        () => (freed.bytes += file.size),
        (error: unknown) => log(`A file of the cache could not be removed (${describeReason(error)}).`),
      );
    }
    this.index.clear();
    this.segments.clear();
    return freed;
  }

  close(): Promise<void> {
    return this.settle();
  }

  stats(): FileStats {
    return {
      entries: this.index.size,
      bytes: sum(this.segments.values(), ({ size }) => size),
      damaged: this.damaged,
      on: this.options.now() >= this.offUntil,
    };
  }

  onEmptied(listener: (has: (id: string) => boolean) => void): void {
    this.onEmptiedListener = listener;
  }

  private async settle(): Promise<void> {
    this.cancelTidy?.();
    this.cancelTidy = undefined;
    await this.tidying;
    await this.appender.idle();
  }

  private nextName(): string {
    return `seg-${this.options.window}-${++this.lastNumber}.bin`;
  }

  private segmentOf(name: string): Segment {
    let segment = this.segments.get(name);
    if (!segment) this.segments.set(name, (segment = { name, scanned: 0, size: 0, live: 0 }));
    return segment;
  }

  private drop(id: string): void {
    const slot = this.index.get(id);
    if (!slot) return;
    this.index.delete(id);
    const segment = this.segments.get(slot.segment);
    if (segment) segment.live -= slot.size;
  }

  private forget(name: string): void {
    this.segments.delete(name);
    for (const [id, slot] of this.index) if (slot.segment === name) this.index.delete(id);
  }

  private isFresh(id: string, time: number): boolean {
    return isFresh(getNamespace(id), time, this.options.now(), this.options.limits().ttlMs);
  }

  private freshSlot(id: string): Slot | undefined {
    const slot = this.index.get(id);
    if (!slot || this.isFresh(id, slot.time)) return slot;
    this.drop(id);
    return undefined;
  }

  private markUsed(id: string, slot: Slot): void {
    const recorded = slot.used;
    slot.used = this.options.now();
    if (slot.used - recorded > usedAgainAfterMs) void this.write(id, 'used', { value: '', time: slot.used });
  }

  private add(segment: Segment, head: Head, offset: number): void {
    const known = this.index.get(head.id);
    if (head.kind === 'used') {
      if (known) known.used = Math.max(known.used, head.time);
      return;
    }
    if (known && (known.time > head.time || (known.segment === segment.name && known.offset === offset))) return;
    if (!this.isFresh(head.id, head.time)) return;
    this.drop(head.id);
    segment.live += head.size;
    const { size, time } = head;
    this.index.set(head.id, { segment: segment.name, offset, size, time, used: known?.used ?? time });
  }

  private turnOff(error: unknown, doing: string): void {
    const { now, log } = this.options;
    this.offUntil = now() + restMs;
    if (!this.logged)
      log(`The cache's files are off: ${doing} failed (${describeReason(error)}). Answers are kept in memory.`);
    this.logged = true;
  }

  private async readFolder(): Promise<void> {
    const { fs, window } = this.options;
    const files = (await fs.list()).filter((file) => namePattern.test(file.name));
    const there = new Set(files.map((file) => file.name));
    const gone = [...this.segments.values()].filter((segment) => segment.size > 0 && !there.has(segment.name));
    for (const segment of gone) this.forget(segment.name);
    for (const file of files) {
      // own segments are indexed on write
      if (findOwner(file.name) === window) continue;
      await this.scanSegment(file).catch((error: unknown) => {
        if (fs.missing(error)) this.forget(file.name);
      });
    }
    if (gone.length) this.notifyEmptied();
  }

  private notifyEmptied(): void {
    this.onEmptiedListener((id) => this.index.has(id));
  }

  private async scanSegment(file: FileInfo): Promise<void> {
    const segment = this.segmentOf(file.name);
    if (file.size < segment.scanned) {
      this.forget(file.name);
      return this.scanSegment(file);
    }
    segment.size = file.size;
    if (file.size === segment.scanned) return;
    const from = segment.scanned;
    const found = scan(await this.options.fs.read(file.name, from, file.size - from));
    this.damaged += found.bad;
    for (const { head, at } of found.records) this.add(segment, head, from + at);
    segment.scanned = Math.max(segment.scanned, from + found.end);
  }

  private indexAppended(name: string, offset: number, records: readonly Written[]): void {
    let segment = this.segmentOf(name);
    if (segment.size !== offset) {
      // another window removed the file and this one recreated it
      this.forget(name);
      segment = this.segmentOf(name);
      this.notifyEmptied();
    }
    let at = offset;
    for (const record of records) {
      this.add(segment, record.head, at);
      at += record.bytes.length;
    }
    segment.scanned = segment.size = at;
  }

  private async write(id: string, kind: 'put' | 'used', entry: Entry): Promise<void> {
    const { now, limits } = this.options;
    const bytes = encodeRecord(kind, id, entry.value, entry.time);
    if (!bytes || now() < this.offUntil) return;
    try {
      const segmentBytes = Math.max(minSegmentBytes, Math.min(maxSegmentBytes, limits().maxBytes / 8));
      await this.appender.append(bytes, segmentBytes);
    } catch (error) {
      this.turnOff(error, 'writing');
    }
  }

  private async tidyNow(): Promise<void> {
    const { fs, window, alive, limits, now } = this.options;
    evict(this.index, [...this.segments.values()], limits(), now(), (id) => this.drop(id));
    const mine = (name: string): boolean => findOwner(name) === window || !alive(findOwner(name) ?? '');
    const names = planCompaction([...this.segments.values()], limits().maxBytes, mine);
    if (!names.length) return;
    this.appender.rotate();
    await this.appender.idle();
    try {
      const made = await compact(fs, names, this.index, this.nextName());
      if (made) this.moveTo(made);
      for (const name of names) {
        this.forget(name);
        await fs.remove(name);
      }
    } catch (error) {
      this.turnOff(error, 'compacting');
    }
  }

  private moveTo({ name, size, moved }: Compacted): void {
    const segment = this.segmentOf(name);
    segment.scanned = segment.size = size;
    for (const { id, from, to } of moved) {
      // keep a newer entry
      if (this.index.get(id) !== from) continue;
      this.index.set(id, { ...from, segment: name, offset: to });
      segment.live += from.size;
    }
  }

  private tidyLater(): void {
    if (this.cancelTidy || this.tidying) return;
    const total = sum(this.segments.values(), ({ size }) => size);
    const live = sum(this.segments.values(), (segment) => segment.live);
    const wasteful = total > 1024 * 1024 && live < total / 2;
    if (total <= this.options.limits().maxBytes && !wasteful) return;
    this.cancelTidy = this.options.clock.timer(20, () => {
      this.cancelTidy = undefined;
      void this.tidy();
    });
  }
}

/** Removes partial files of closed windows, and work-sharing files of version 0.1.0. */
async function removeLeftovers(fs: FileSystem, alive: (window: string) => boolean, window: string): Promise<void> {
  const files = await fs.list().catch(() => []);
  for (const { name } of files) {
    const owner = /^(?:tmp-seg-(.+)-\d+\.bin|(?:tmp-)?flights-(.+)\.json)$/.exec(name)?.slice(1).find(Boolean);
    if (owner !== undefined && owner !== window && !alive(owner)) await fs.remove(name).catch(() => undefined);
  }
}

function describeReason(error: unknown): string {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown';
}
