/** Measures ZIP entries and PDF streams before a library unpacks them: 184 KB can hold 4.4 GB. */

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endLength = 22;
const maxComment = 65_535;
const deflated = 8;

type Zlib = typeof import('node:zlib');
/** Node's zlib, which is much faster, if available. */
const zlib = typeof process === 'undefined' ? undefined : (process.getBuiltinModule?.('node:zlib') as Zlib | undefined);

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly compressed: number;
  /** Offset of the entry's local header. */
  readonly offset: number;
}

/**
 * Whether the entries that `wanted` accepts exceed `limit` bytes. Unpacks them as a stream, because stated sizes may be wrong.
 * @throws if it is no ZIP file
 */
export async function exceedsUnpackedSize(
  bytes: Uint8Array,
  limit: number,
  wanted: (name: string) => boolean,
): Promise<boolean> {
  let total = 0;
  for (const entry of listEntries(bytes)) {
    if (!wanted(entry.name)) continue;
    total += await measureUnpacked(bytes, entry, limit - total);
    if (total > limit) return true;
  }
  return false;
}

function listEntries(bytes: Uint8Array): Entry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - endLength;
  const first = Math.max(0, end - maxComment);
  while (end >= first && view.getUint32(end, true) !== endSignature) end--;
  if (end < first) throw new Error('not a ZIP file');
  const entries: Entry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let count = view.getUint16(end + 10, true); count > 0; count--) {
    if (view.getUint32(at, true) !== entrySignature) throw new Error('not a ZIP file');
    const [nameLength, extraLength, commentLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength!)),
      method: view.getUint16(at + 10, true),
      compressed: view.getUint32(at + 20, true),
      offset: view.getUint32(at + 42, true),
    });
    at += 46 + nameLength! + extraLength! + commentLength!;
  }
  return entries;
}

async function measureUnpacked(bytes: Uint8Array, entry: Entry, limit: number): Promise<number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(entry.offset, true) !== localSignature) throw new Error('not a ZIP file');
  const start = entry.offset + 30 + view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  const packed = bytes.slice(start, start + entry.compressed);
  if (entry.method !== deflated) return packed.length;
  if (zlib) return measureInflated(zlib, packed, limit);
  const stream = new DecompressionStream('deflate-raw');
  const writer = stream.writable.getWriter();
  const reader = stream.readable.getReader();
  // the reader reports damaged data
  void writer.write(packed).catch(() => undefined);
  void writer.close().catch(() => undefined);
  let size = 0;
  for (let piece = await reader.read(); !piece.done && size <= limit; piece = await reader.read())
    size += piece.value.length;
  // not awaited: cancelling may take as long as the rest
  if (size > limit) void reader.cancel().catch(() => undefined);
  return size;
}

function measureInflated({ inflateRawSync }: Zlib, packed: Uint8Array, limit: number): number {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, limit) }).length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') return limit + 1;
    throw error;
  }
}

/** Longest dictionary before a stream. */
const maxDictionary = 2_000;
/** Maximum filters of a stream, which may be compressed repeatedly. */
const maxFilters = 3;

/** Whether the compressed streams of a PDF, except pictures, exceed `limit` bytes. False if they cannot be measured. */
export function pdfUnpacksBeyond(bytes: Uint8Array, limit: number): boolean {
  if (!zlib) return false;
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let total = 0;
  let last = 0;
  for (let at = file.indexOf('stream'); at >= 0; at = file.indexOf('stream', last)) {
    const end = file.indexOf('endstream', at);
    const dictionary = file.toString('latin1', Math.max(last, at - maxDictionary), at);
    const filters = dictionary.slice(dictionary.lastIndexOf(' obj')).match(/\/(?:FlateDecode|Fl)\b/g)?.length ?? 0;
    const start = at + 'stream'.length + (file[at + 6] === 13 ? 2 : 1);
    last = end < 0 ? file.length : end + 'endstream'.length;
    if (filters === 0 || /\/Subtype\s*\/Image\b/.test(dictionary)) continue;
    if (filters > maxFilters) return true;
    total += flateSize(zlib, file.subarray(start, end < 0 ? file.length : end), filters, limit - total);
    if (total > limit) return true;
  }
  return false;
}

function flateSize({ inflateSync, constants }: Zlib, packed: Uint8Array, filters: number, limit: number): number {
  const options = { maxOutputLength: Math.max(1, limit), finishFlush: constants.Z_SYNC_FLUSH };
  try {
    let data: Uint8Array = packed;
    for (let i = 0; i < filters; i++) data = inflateSync(data, options);
    return data.length;
  } catch (error) {
    // the library judges damaged streams
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? limit + 1 : packed.length;
  }
}
