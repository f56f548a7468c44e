/**
 * Workspace state level: small, recent entries under one key; written rarely because VS Code rewrites the
 * whole state.
 */
import type { Clock } from '../engine/ports.ts';
import { computeCrc32 } from './record.ts';
import type { Entry } from './store.ts';

/** Subset of VS Code's `Memento`. */
export interface Memento {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

/** Cache level in the workspace state. */
export interface StateStore {
  get(id: string): Entry | undefined;
  set(id: string, entry: Entry): void;
  delete(id: string): void;
  clear(): Promise<void>;
  /** Drops entries that `has` rejects. */
  retain(has: (id: string) => boolean): void;
  /** Writes pending entries. */
  flush(): Promise<void>;
  readonly size: number;
}

interface StateOptions {
  readonly memento: Memento;
  readonly clock: Clock;
}

/** Half of VS Code's warning size, to leave room for other extensions. */
const stateBytes = 256 * 1024;
const maxEntryBytes = 4_096;
const delayMs = 5_000;
const stateKey = 'precis.cache.1';
const encoder = new TextEncoder();
type Row = [id: string, time: number, checksum: number, value: string];
/** Bytes around id and value: time, checksum, quotes, commas, brackets. */
const rowFrame = 48;

/** Opens the level; damaged rows are dropped. */
export function createStateStore(options: StateOptions): StateStore {
  const { memento, clock } = options;
  /** Least recently used first. */
  const rows = new Map<string, { entry: Entry; bytes: number }>();
  let total = 2;
  let cancel: (() => void) | undefined;
  let writing: Promise<void> = Promise.resolve();

  const add = (id: string, entry: Entry): void => {
    const bytes = encoder.encode(JSON.stringify(entry.value)).length + id.length + rowFrame;
    if (bytes > maxEntryBytes) return;
    rows.set(id, { entry, bytes });
    total += bytes;
    for (const [id, oldest] of rows) {
      if (total <= stateBytes) break;
      rows.delete(id);
      total -= oldest.bytes;
    }
  };
  const drop = (id: string): boolean => {
    const found = rows.get(id);
    if (found) total -= found.bytes;
    return rows.delete(id);
  };
  const write = (): Promise<void> => {
    cancel?.();
    cancel = undefined;
    const value = [...rows].map(([id, { entry }]): Row => {
      return [id, entry.time, computeChecksum(id, entry.time, entry.value), entry.value];
    });
    // a failed write loses nothing: the files hold every entry
    writing = writing.then(() => memento.update(stateKey, value.length ? value : undefined)).catch(() => undefined);
    return writing;
  };
  const later = (): void => void (cancel ??= clock.timer(delayMs, () => void write()));

  for (const [id, time, , value] of readRows(memento.get(stateKey))) add(id, { value, time });
  return {
    get(id) {
      const found = rows.get(id);
      if (!found) return undefined;
      rows.delete(id);
      rows.set(id, found);
      return found.entry;
    },
    set(id, entry) {
      drop(id);
      if (id.length + entry.value.length > maxEntryBytes) return;
      add(id, entry);
      later();
    },
    delete(id) {
      if (drop(id)) later();
    },
    retain(has) {
      const gone = [...rows.keys()].filter((id) => !has(id));
      for (const id of gone) drop(id);
      if (gone.length) later();
    },
    async clear() {
      rows.clear();
      total = 2;
      await write();
    },
    flush: () => (cancel ? write() : writing),
    get size() {
      return rows.size;
    },
  };
}

function computeChecksum(id: string, time: number, value: string): number {
  return computeCrc32(encoder.encode(JSON.stringify([id, time, value])));
}

function readRows(stored: unknown): Row[] {
  return Array.isArray(stored) ? stored.filter(isRow) : [];
}

function isRow(row: unknown): row is Row {
  if (!Array.isArray(row) || row.length !== 4) return false;
  const [id, time, checksum, value] = row as unknown[];
  return (
    typeof id === 'string' &&
    typeof time === 'number' &&
    typeof value === 'string' &&
    checksum === computeChecksum(id, time, value)
  );
}
