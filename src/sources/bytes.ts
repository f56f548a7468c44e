/** Reads files in pieces into a few shared buffers. */
import type { FileHandle } from 'node:fs/promises';

/** Small, so that strings made of it are collected soon. */
export const pieceBytes = 64 * 1024;
const maxKept = 16;

/** Reused, because thousands would wait for a garbage collection that nothing triggers. */
const buffers: Uint8Array[] = [];

/** Yields up to `most` bytes; a piece is valid until the next one. */
export async function* streamBytes(handle: FileHandle, most: number): AsyncGenerator<Uint8Array> {
  const buffer = buffers.pop() ?? new Uint8Array(pieceBytes);
  try {
    for (let at = 0; at < most;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(pieceBytes, most - at), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    if (buffers.length < maxKept) buffers.push(buffer);
  }
}
