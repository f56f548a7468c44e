/**
 * Finds base64, hex dumps and data URIs, which nobody can read. A note with kind and size replaces them, and they are reported
 * as left out.
 */
import type { Pace } from '../split/pace.ts';
import { formatFigure } from './lines.ts';
import { getLineEnd, getLineLength, type Lines, spaces, getLineStart, getLineText } from './spans.ts';

/** Shorter ones are sent. */
const minRunLines = 12;
/** Minimum characters of a value; shorter ones are sent. */
export const minValueLength = 400;
const minLineLength = 56;

const base64Line = /^\s*["']?[A-Za-z0-9+/_-]{56,}={0,2}["']?,?\\?\s*\r?$/;
/** The last line of a base64 block, which may be short. */
const base64Tail = /^\s*["']?[A-Za-z0-9+/_-]{1,76}={0,2}["']?[,;]?\s*\r?$/;
/** `xxd`, `hexdump -C`, `od`, byte arrays. */
const hexLine =
  /^\s*(?:(?:0x)?[0-9a-fA-F]{4,16}[: ]\s{0,2}(?:[0-9a-fA-F]{2}(?:[0-9a-fA-F]{2})?\s{1,3}){6,32}(?:\s*\|?.{0,34}\|?)?|(?:0x[0-9a-fA-F]{2},\s?){8,40}|[0-9a-fA-F]{56,}|(?:[0-9a-fA-F]{2}[ :]){15,64}[0-9a-fA-F]{0,2})\s*\\?\r?$/;

interface EncodedRun {
  readonly kind: 'base64' | 'hex dump';
  /** Lines. */
  readonly length: number;
}

/** Returns undefined for fewer than 12 lines. */
export function findEncodedRun(lines: Lines, line: number, limit: number): EncodedRun | undefined {
  if (!mayBeEncoded(lines, line)) return undefined;
  const kind = classifyLine(lines, line);
  if (!kind) return undefined;
  let end = line + 1;
  while (end < limit && mayBeEncoded(lines, end) && classifyLine(lines, end) === kind) end++;
  if (end - line < minRunLines) return undefined;
  if (kind === 'base64' && end < limit && getLineLength(lines, end) > 0 && base64Tail.test(getLineText(lines, end)))
    end++;
  return { kind, length: end - line };
}

/** Quick test: most lines that are not encoded have a word and a space early. */
function mayBeEncoded({ text, starts }: Lines, line: number): boolean {
  let at = starts[line] as number;
  const end = (starts[line + 1] as number) - 1;
  if (end - at >= minValueLength || end - at < 32) return false;
  while (at < end && spaces[text.charCodeAt(at)] === 1) at++;
  if (isHexDigit(text.charCodeAt(at)) && isHexDigit(text.charCodeAt(at + 1))) return true;
  const quote = text.charCodeAt(at);
  if (quote === 34 || quote === 39) at++;
  if (end - at < minLineLength) return false;
  for (const checked = at + minLineLength; at < checked; at++)
    if (inBase64[text.charCodeAt(at) & 127] === 0) return false;
  return true;
}

const isHexDigit = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 70) || (code >= 97 && code <= 102);

const inBase64 = new Uint8Array(128);
for (let code = 0; code < 128; code++) if (/[A-Za-z0-9+/_-]/.test(String.fromCharCode(code))) inBase64[code] = 1;

function classifyLine(lines: Lines, line: number): EncodedRun['kind'] | undefined {
  const text = lines.text.slice(getLineStart(lines, line), getLineEnd(lines, line));
  if (hexLine.test(text)) return 'hex dump';
  return base64Line.test(text) ? 'base64' : undefined;
}

/** UTF-16 units. */
const scanLength = 65_536;
const dataUriHead = /data:([\w.+/-]{0,80})(?:;[\w.=+-]{1,60}){0,3},$/;

/** Replaces values of 400 characters or more by notes; undefined if there are none. */
export async function replaceEncodedValues(lines: Lines, line: number, pace: Pace): Promise<string | undefined> {
  const { text } = lines;
  const end = getLineEnd(lines, line);
  let result = '';
  let copied = getLineStart(lines, line);
  for (let at = copied; at < end;) {
    const from = at;
    let scanned = at;
    while (at < end && inBase64[text.charCodeAt(at) & 127] === 1 && text.charCodeAt(at) < 128) {
      if (++at - scanned < scanLength) continue;
      scanned = at;
      const due = pace(scanLength >>> 2);
      if (due) await due;
    }
    if (at - from >= minValueLength) {
      while (at < end && text.charCodeAt(at) === 61) at++;
      const value = describeValue(text, from, at);
      if (value) {
        result += `${text.slice(copied, from - value.head)}[${value.kind}, ${formatFigure(at - from)} characters left out]`;
        copied = at;
      }
    }
    at++;
  }
  return result === '' ? undefined : result + text.slice(copied, end);
}

/** Kind of a base64 run, with the number of characters before it that belong to it; else undefined. */
function describeValue(text: string, from: number, to: number): { kind: string; head: number } | undefined {
  const uri = dataUriHead.exec(text.slice(Math.max(0, from - 240), from));
  if (uri) return { kind: `data URI ${uri[1]}`.trimEnd(), head: uri[0].length };
  const sample = text.slice(from, Math.min(to, from + minValueLength));
  if (/^[0-9a-f]+$/i.test(sample)) return new Set(sample).size < 6 ? undefined : { kind: 'hex data', head: 0 };
  return looksRandom(sample) ? { kind: 'base64 data', head: 0 } : undefined;
}

/** Whether characters are mixed as in base64, unlike words or paths. */
function looksRandom(sample: string): boolean {
  const count = (form: RegExp): number => sample.match(form)?.length ?? 0;
  return count(/[A-Z]/g) > 40 && count(/[a-z]/g) > 40 && count(/\d/g) > 12;
}
