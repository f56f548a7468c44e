/** Memory level: LRU bounded by bytes; one pass over a huge text cannot flush it. */
import { LRUCache } from 'lru-cache';
import { getNamespace } from './record.ts';
import { getWeight, type Entry } from './store.ts';

/** Cache level in memory. */
export interface MemoryStore {
  get(id: string): Entry | undefined;
  set(id: string, entry: Entry): void;
  delete(id: string): void;
  clear(): void;
  /** Drops entries that `has` rejects. */
  retain(has: (id: string) => boolean): void;
  readonly size: number;
}

/** Entries read once share a fifth of the space; a second hit promotes them. */
export function createMemoryStore(maxBytes = 16 * 1024 * 1024): MemoryStore {
  const part = (share: number): LRUCache<string, Entry> =>
    new LRUCache<string, Entry>({
      maxSize: Math.max(1, Math.floor(maxBytes * share)),
      maxEntrySize: Math.max(1, Math.floor(maxBytes / 8)),
      sizeCalculation: (entry, id) => getWeight(getNamespace(id), 2 * (entry.value.length + id.length) + 48),
    });
  const probation = part(0.2);
  const kept = part(0.8);
  return {
    get(id) {
      const entry = kept.get(id);
      if (entry) return entry;
      const early = probation.get(id);
      if (!early) return undefined;
      probation.delete(id);
      kept.set(id, early);
      return early;
    },
    set: (id, entry) => void (kept.has(id) ? kept : probation).set(id, entry),
    delete(id) {
      kept.delete(id);
      probation.delete(id);
    },
    clear() {
      kept.clear();
      probation.clear();
    },
    retain(has) {
      for (const part of [kept, probation]) for (const id of [...part.keys()]) if (!has(id)) part.delete(id);
    },
    get size() {
      return kept.size + probation.size;
    },
  };
}
