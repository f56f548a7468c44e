/** Bytes of files in pieces, read into a few buffers that serve all files. */
import type { FileHandle } from 'node:fs/promises';

/** Small enough that what is made of it is young garbage: larger strings live until a full collection. */
export const pieceBytes = 64 * 1024;
/** Files that are read at the same time. */
const mostKept = 16;

/** One for each of thousands of files would be there until a collection, and nothing of the script's heap tells that one is due. */
const buffers: Uint8Array[] = [];

/** The first bytes of a file, up to so many; each piece is valid until the next is asked for. */
export async function* bytesOf(handle: FileHandle, most: number): AsyncGenerator<Uint8Array> {
  const buffer = buffers.pop() ?? new Uint8Array(pieceBytes);
  try {
    for (let at = 0; at < most;) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(pieceBytes, most - at), at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    if (buffers.length < mostKept) buffers.push(buffer);
  }
}
