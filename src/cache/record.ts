/**
 * One record of a segment, little-endian:
 *
 *   0  magic (4 bytes that no UTF-8 text holds; the last is the format's version)
 *   4  kind, namespace (1 byte each), length of the key (2), length of the payload (4)
 *  12  time of writing, Unix ms (8, float)
 *  20  CRC-32 of the payload, CRC-32 of all before it and the key (4 each)
 *  28  key, payload
 *
 * Head and payload have a checksum each: a segment is indexed by its heads alone, and a payload is checked when it is read.
 */
import type { CacheNamespace } from '../engine/ports.ts';

/** In the order of their bytes in a record. */
export const namespaces: readonly CacheNamespace[] = ['map', 'collapse', 'reduce', 'tokens'];

/** `used` only records a read: eviction is least recently used. */
type RecordKind = 'put' | 'used';

/** Head of a record. */
export interface Head {
  readonly kind: RecordKind;
  /** `namespace/key` */
  readonly id: string;
  readonly time: number;
  readonly size: number;
  readonly payloadLength: number;
  readonly payloadChecksum: number;
}

/** Bytes of a record's head. */
export const headLength = 28;
const magic = [0xf5, 0x50, 0xfd, 0x01] as const;
const maxKey = 1_024;
const maxPayload = 8 * 1024 * 1024;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** Joins both to one key of the stores. */
export function toId(namespace: CacheNamespace, key: string): string {
  return `${namespace}/${key}`;
}

/** Reverses `toId`. */
export function getNamespace(id: string): CacheNamespace {
  return id.slice(0, id.indexOf('/')) as CacheNamespace;
}

/** Undefined if key or value are too long. */
export function encodeRecord(kind: RecordKind, id: string, value: string, time: number): Uint8Array | undefined {
  const namespace = getNamespace(id);
  const key = encoder.encode(id.slice(namespace.length + 1));
  const payload = encoder.encode(value);
  if (key.length > maxKey || payload.length > maxPayload) return undefined;
  const bytes = new Uint8Array(headLength + key.length + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  bytes[4] = kind === 'put' ? 0 : 1;
  bytes[5] = namespaces.indexOf(namespace);
  view.setUint16(6, key.length, true);
  view.setUint32(8, payload.length, true);
  view.setFloat64(12, time, true);
  view.setUint32(20, computeCrc32(payload), true);
  bytes.set(key, headLength);
  bytes.set(payload, headLength + key.length);
  view.setUint32(24, checksumHead(bytes, 0, key.length), true);
  return bytes;
}

/** Parses the head at `at`; 'short' if the bytes end within it, 'bad' if it is none. */
export function readHead(bytes: Uint8Array, at: number): Head | 'short' | 'bad' {
  for (let i = 0; i < magic.length; i++) {
    if (at + i >= bytes.length) return 'short';
    if (bytes[at + i] !== magic[i]) return 'bad';
  }
  if (at + headLength > bytes.length) return 'short';
  const view = new DataView(bytes.buffer, bytes.byteOffset + at, headLength);
  const keyLength = view.getUint16(6, true);
  const payloadLength = view.getUint32(8, true);
  if (keyLength > maxKey || payloadLength > maxPayload) return 'bad';
  if (at + headLength + keyLength > bytes.length) return 'short';
  if (view.getUint32(24, true) !== checksumHead(bytes, at, keyLength)) return 'bad';
  const namespace = namespaces[bytes[at + 5]!];
  if (namespace === undefined) return 'bad';
  const key = String.fromCharCode(...bytes.subarray(at + headLength, at + headLength + keyLength));
  return {
    kind: bytes[at + 4] === 0 ? 'put' : 'used',
    id: toId(namespace, key),
    time: view.getFloat64(12, true),
    size: headLength + keyLength + payloadLength,
    payloadLength,
    payloadChecksum: view.getUint32(20, true),
  };
}

/** Value of the record that fills `bytes`; undefined if it is damaged or has another id. */
export function readValue(bytes: Uint8Array, id: string): { value: string; time: number } | undefined {
  const head = readHead(bytes, 0);
  if (typeof head === 'string' || head.id !== id || head.kind !== 'put' || head.size !== bytes.length) return undefined;
  const payload = bytes.subarray(bytes.length - head.payloadLength);
  if (computeCrc32(payload) !== head.payloadChecksum) return undefined;
  try {
    return { value: decoder.decode(payload), time: head.time };
  } catch {
    return undefined;
  }
}

interface Scan {
  readonly records: readonly { readonly head: Head; readonly at: number }[];
  /** Offset for the next scan, after the last whole record. */
  readonly end: number;
  /** Damaged stretches. */
  readonly bad: number;
}

/** Returns all whole records. Skips damage; a truncated tail may still be being written. */
export function scan(bytes: Uint8Array): Scan {
  const records: { head: Head; at: number }[] = [];
  let at = 0;
  let bad = 0;
  while (at < bytes.length) {
    const head = readHead(bytes, at);
    if (typeof head !== 'string' && at + head.size <= bytes.length) {
      records.push({ head, at });
      at += head.size;
      continue;
    }
    const next = findNextRecord(bytes, at + 1);
    if (next < 0) break;
    bad++;
    at = next;
  }
  return { records, end: at, bad };
}

function findNextRecord(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(magic[0], from); at >= 0; at = bytes.indexOf(magic[0], at + 1)) {
    const head = readHead(bytes, at);
    if (typeof head !== 'string' && at + head.size <= bytes.length) return at;
  }
  return -1;
}

function checksumHead(bytes: Uint8Array, at: number, keyLength: number): number {
  const start = computeCrc32(bytes.subarray(at, at + 24));
  return computeCrc32(bytes.subarray(at + headLength, at + headLength + keyLength), start);
}

const table = new Uint32Array(256).map((_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

/** CRC-32 (IEEE 802.3) of the bytes, continuing from an earlier one. */
export function computeCrc32(bytes: Uint8Array, from = 0): number {
  let crc = ~from;
  for (let i = 0; i < bytes.length; i++) crc = table[(crc ^ bytes[i]!) & 0xff]! ^ (crc >>> 8);
  return ~crc >>> 0;
}
