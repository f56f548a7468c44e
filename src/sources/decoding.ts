/** Detects encodings and decodes. */
import { normalizePieces } from '../engine/lineEnds.ts';

/** Bytes needed to decide. */
export const sampleBytes = 64 * 1024;

/** How bytes become text. */
export interface Decoding {
  /** A label of `TextDecoder`. */
  readonly encoding: string;
  /** Length of the byte order mark, bytes. */
  readonly bom: number;
  /** Whether a mark decides, or no other encoding fits. */
  readonly sure: boolean;
}

/**
 * Returns undefined if the bytes are no text.
 * @param whole whether the sample is the whole file; else its last character may be cut
 */
export function detectDecoding(sample: Uint8Array, whole: boolean): Decoding | undefined {
  const bom = detectBom(sample);
  if (bom) return bom;
  if (hasMagic(sample)) return undefined;
  const wide = detectWide(sample);
  if (wide) return { encoding: wide, bom: 0, sure: true };
  if (controlShare(sample) > 0.02 || sample.subarray(0, 8192).includes(0)) return undefined;
  if (isUtf8(sample, whole)) return { encoding: 'utf-8', bom: 0, sure: true };
  return { encoding: guessLegacy(sample), bom: 0, sure: false };
}

function detectBom(bytes: Uint8Array): Decoding | undefined {
  const [a, b, c, d] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return { encoding: 'utf-8', bom: 3, sure: true };
  // UTF-32 begins like UTF-16, but the platform cannot decode it
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return undefined;
  if (a === 0xff && b === 0xfe) return { encoding: 'utf-16le', bom: 2, sure: true };
  return a === 0xfe && b === 0xff ? { encoding: 'utf-16be', bom: 2, sure: true } : undefined;
}

const magics: readonly (readonly number[])[] = [
  [0x25, 0x50, 0x44, 0x46, 0x2d], // %PDF-
  [0x50, 0x4b, 0x03, 0x04], // zip and what is built on it
  [0x89, 0x50, 0x4e, 0x47],
  [0xff, 0xd8, 0xff],
  [0x47, 0x49, 0x46, 0x38],
  [0x1f, 0x8b],
  [0x7f, 0x45, 0x4c, 0x46],
  [0xca, 0xfe, 0xba, 0xbe],
  [0xcf, 0xfa, 0xed, 0xfe],
  [0x42, 0x5a, 0x68],
  [0xfd, 0x37, 0x7a, 0x58, 0x5a],
  [0x28, 0xb5, 0x2f, 0xfd],
  [0x37, 0x7a, 0xbc, 0xaf],
  [0xd0, 0xcf, 0x11, 0xe0], // older office documents
  [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66], // SQLite
];

function hasMagic(bytes: Uint8Array): boolean {
  return magics.some((magic) => magic.every((byte, i) => bytes[i] === byte));
}

/** Without a mark, Western text has zeros at every other byte. */
function detectWide(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const length = Math.min(bytes.length, 4096) & ~1;
  if (length < 4) return undefined;
  let even = 0;
  let odd = 0;
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++;
    if (bytes[i + 1] === 0) odd++;
  }
  const pairs = length / 2;
  if (odd > pairs * 0.4 && even < pairs * 0.02) return 'utf-16le';
  return even > pairs * 0.4 && odd < pairs * 0.02 ? 'utf-16be' : undefined;
}

function controlShare(bytes: Uint8Array): number {
  const length = Math.min(bytes.length, 16_384);
  let controls = 0;
  for (let i = 0; i < length; i++) {
    const byte = bytes[i]!;
    // tab, line ends, form feed and escape are text
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 12 && byte !== 13 && byte !== 27) controls++;
  }
  return length ? controls / length : 0;
}

function isUtf8(bytes: Uint8Array, whole: boolean): boolean {
  const decoded = decodes(bytes, 'utf-8', whole);
  return decoded !== undefined;
}

/** Decodes strictly; undefined for wrong bytes or an unknown encoding. */
function decodes(bytes: Uint8Array, encoding: string, whole: boolean): string | undefined {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes, { stream: !whole });
  } catch {
    return undefined;
  }
}

/** Multi-byte encodings with the characters usual in their texts. */
const legacy: readonly { readonly encoding: string; readonly usual: RegExp }[] = [
  { encoding: 'shift_jis', usual: /[\u3040-\u30ff\u3000-\u3002\uff01-\uff5e]/g },
  { encoding: 'euc-jp', usual: /[\u3040-\u30ff\u3000-\u3002\uff01-\uff5e]/g },
  { encoding: 'euc-kr', usual: /[\uac00-\ud7a3]/g },
  {
    encoding: 'gb18030',
    usual:
      /[\u7684\u4e00\u662f\u4e0d\u4e86\u5728\u4eba\u6709\u6211\u4ed6\u8fd9\u4e2a\u4e2d\u5927\u4e3a\u548c\u56fd\u3002\uff0c]/g,
  },
  {
    encoding: 'big5',
    usual:
      /[\u7684\u4e00\u662f\u4e0d\u4e86\u5728\u4eba\u6709\u6211\u4ed6\u9019\u500b\u4e2d\u5927\u70ba\u548c\u570b\u3002\uff0c]/g,
  },
  { encoding: 'windows-1251', usual: /[\u0410-\u044f]{3,}/g },
];

/** Returns the encoding with the most usual characters; Western by default. */
function guessLegacy(bytes: Uint8Array): string {
  let best = { encoding: 'windows-1252', score: 0.3 };
  for (const { encoding, usual } of legacy) {
    const text = decodes(bytes, encoding, false);
    if (text === undefined) continue;
    const foreign = text.match(/\P{ASCII}/gu)?.length ?? 0;
    const score = foreign
      ? (usualLength(text, usual) / foreign) * (encoding === 'gb18030' || encoding === 'big5' ? 4 : 1)
      : 0;
    // Western bytes look like half-width katakana in Shift-JIS.
    const odd = (text.match(/[\uff61-\uff9f]/g)?.length ?? 0) / Math.max(1, foreign);
    if (score - odd > best.score && (encoding !== 'windows-1251' || foreign > 8))
      best = { encoding, score: score - odd };
  }
  return best.encoding;
}

/** Cyrillic has whole words beyond ASCII, Western text single letters, so long runs count. */
function usualLength(text: string, usual: RegExp): number {
  return text.match(usual)?.reduce((sum, run) => sum + run.length, 0) ?? 0;
}

/**
 * Decodes pieces with `
 * ` line ends, whole characters across pieces; wrong bytes become `\ufffd`.
 */
export function decodePieces(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  decoding: Decoding,
): AsyncGenerator<string> {
  return normalizePieces(decode(pieces, decoding));
}

async function* decode(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  decoding: Decoding,
): AsyncGenerator<string> {
  const decoder = new TextDecoder(decoding.encoding, { ignoreBOM: false });
  for await (const piece of pieces) {
    const text = decoder.decode(piece, { stream: true });
    if (text) yield text;
  }
  const rest = decoder.decode();
  if (rest) yield rest;
}

/** Only white space, control and invisible characters. */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text);
}
