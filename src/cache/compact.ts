/** Compacts segments: copies live records into a new file, created atomically. */
import type { FileSystem } from './fileSystem.ts';
import type { Segment, Slot } from './store.ts';
import { joinBytes } from './appender.ts';
import { readValue } from './record.ts';

/** More segments slow down opening. */
const maxSegments = 16;

/**
 * Returns segments to rewrite: those more than half dead, and the emptiest while the folder is too large or
 * has too many.
 * @param mine whether nobody else may append to it
 */
export function planCompaction(
  segments: readonly Segment[],
  maxBytes: number,
  mine: (name: string) => boolean,
): string[] {
  const own = segments.filter((segment) => segment.size > 0 && mine(segment.name));
  const sorted = [...own].sort((a, b) => a.live / a.size - b.live / b.size);
  let total = segments.reduce((sum, segment) => sum + segment.size, 0);
  let count = segments.length;
  const names: string[] = [];
  for (const { name, live, size } of sorted) {
    if (live === size && count <= maxSegments) continue;
    if (live >= size / 2 && total <= maxBytes && count <= maxSegments) break;
    names.push(name);
    total -= size - live;
    count -= 1;
  }
  return names;
}

/** A new segment and the records moved there. */
export interface Compacted {
  readonly name: string;
  readonly size: number;
  readonly moved: readonly { readonly id: string; readonly from: Slot; readonly to: number }[];
}

/** Copies live records of `names`; the caller removes the old segments. Undefined if there were none. */
export async function compact(
  fs: FileSystem,
  names: readonly string[],
  index: ReadonlyMap<string, Slot>,
  name: string,
): Promise<Compacted | undefined> {
  const temporary = `tmp-${name}`;
  const moved: { id: string; from: Slot; to: number }[] = [];
  let size = 0;
  for (const source of names) {
    const slots = [...index].filter(([, slot]) => slot.segment === source).sort(([, a], [, b]) => a.offset - b.offset);
    if (!slots.length) continue;
    const end = slots[slots.length - 1]![1];
    const bytes = await fs.read(source, 0, end.offset + end.size);
    const records: Uint8Array[] = [];
    for (const [id, from] of slots) {
      const record = bytes.subarray(from.offset, from.offset + from.size);
      if (!readValue(record, id)) continue;
      records.push(record);
      moved.push({ id, from, to: size });
      size += record.length;
    }
    if (records.length) await fs.append(temporary, joinBytes(records));
  }
  if (!size) return undefined;
  await fs.rename(temporary, name);
  return { name, size, moved };
}
