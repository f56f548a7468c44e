/** Appends records to the window's segment; batches those that arrive during a write. */
import type { FileSystem } from './fileSystem.ts';
import { readHead, type Head } from './record.ts';

/** A written record. */
export interface Written {
  readonly head: Head;
  readonly bytes: Uint8Array;
}

/** Writes records to segments in order. */
export interface Appender {
  /**
   * Resolves once on disk.
   * @throws the disk's error
   */
  append(record: Uint8Array, segmentBytes: number): Promise<void>;
  rotate(): void;
  idle(): Promise<void>;
}

interface Waiting {
  readonly bytes: Uint8Array;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Creates an appender; it opens files on first write. */
export function createAppender(
  fs: FileSystem,
  nextName: () => string,
  onWritten: (name: string, offset: number, records: readonly Written[]) => void,
): Appender {
  let name: string | undefined;
  let full = false;
  let queue: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let segmentLimit = Infinity;

  const writeBatch = async (batch: readonly Waiting[]): Promise<void> => {
    if (name === undefined || full) name = nextName();
    full = false;
    const segment = name;
    const bytes = joinBytes(batch.map((one) => one.bytes));
    try {
      const offset = await fs.append(segment, bytes);
      const records = batch.map((one) => ({ head: readHead(one.bytes, 0) as Head, bytes: one.bytes }));
      onWritten(segment, offset, records);
      if (offset + bytes.length >= segmentLimit) full = true;
      for (const one of batch) one.resolve();
    } catch (error) {
      // never append after a record that may be incomplete
      full = true;
      for (const one of batch) one.reject(error);
    }
  };
  const work = async (): Promise<void> => {
    await Promise.resolve();
    while (queue.length) {
      const batch = queue;
      queue = [];
      await writeBatch(batch);
    }
    writing = undefined;
  };
  return {
    append(bytes, segmentBytes) {
      segmentLimit = segmentBytes;
      return new Promise((resolve, reject) => {
        queue.push({ bytes, resolve, reject });
        writing ??= work();
      });
    },
    rotate: () => void (full = true),
    idle: async () => {
      while (writing) await writing;
    },
  };
}

/** Joins byte arrays; returns a single one uncopied. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
