/** Reads and evicts entries of segments. */
import type { FileSystem } from './fileSystem.ts';
import { getNamespace, readValue } from './record.ts';
import { isFresh, getWeight, type Entry, type Limits, type Segment, type Slot } from './store.ts';

/** Values in the order of the ids; reads neighbouring records together. */
export async function readSlots(
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
      entries[i] = readValue(bytes.subarray(at, at + slot.size), id);
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

/** Removes expired entries, then the least recently used until a fifth is free. */
export function evict(
  index: ReadonlyMap<string, Slot>,
  segments: readonly Segment[],
  { ttlMs, maxBytes }: Limits,
  now: number,
  drop: (id: string) => void,
): void {
  for (const [id, slot] of index) if (!isFresh(getNamespace(id), slot.time, now, ttlMs)) drop(id);
  let live = sum(segments, (segment) => segment.live);
  if (live <= maxBytes * 0.9) return;
  const age = (id: string, slot: Slot): number =>
    (now - slot.used) * (getWeight(getNamespace(id), slot.size) / slot.size);
  const oldest = [...index].sort(([a, x], [b, y]) => age(b, y) - age(a, x));
  for (const [id, slot] of oldest) {
    if (live <= maxBytes * 0.8) return;
    live -= slot.size;
    drop(id);
  }
}

/** 0 for no items. */
export function sum<T>(items: Iterable<T>, of: (item: T) => number): number {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
}
