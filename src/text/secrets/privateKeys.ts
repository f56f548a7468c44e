/** Finds private keys, the only secrets of several lines, in one pass. */
import type { Finding } from './patternChecks.ts';

const starts =
  /-----BEGIN (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----|---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----|PuTTY-User-Key-File-\d[^\r\n]{0,100}|\$ANSIBLE_VAULT;\d\.\d;\w{1,20}(?:;[\w.-]{1,60})?/g;
const end =
  /-?-----END (?:[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?|OpenVPN Static key V1)-----|---- END SSH2 ENCRYPTED PRIVATE KEY ----|Private-MAC: ?[0-9a-f]{1,128}/y;
/** Base64, and escaped line ends. */
const body = /(?:[A-Za-z0-9+/= \t]|\\+[nrt])*/y;
/** Quotation, comment, diff or string marks before a line. */
const margin = /[ \t>+#*|"'-]{0,8}/y;
const tail = /["'`,;.)+\\ \t]{0,6}(?=\r|\n|$)/y;
const header = /[A-Za-z-]{1,40}: [^\r\n]{0,200}/y;
const lineEnd = /\r\n?|\n/y;

/** Finds keys up to END, or as far as lines look like a key. */
export function findPrivateKeys(text: string): Finding[] {
  const out: Finding[] = [];
  if (
    !text.includes('---- BEGIN') &&
    !text.includes('-----BEGIN') &&
    !text.includes('PuTTY') &&
    !text.includes('$ANSIBLE_VAULT')
  )
    return out;
  starts.lastIndex = 0;
  for (let match = starts.exec(text); match; match = starts.exec(text)) {
    const from = match.index + match[0].length;
    const to = endOfKey(text, from) ?? text.length;
    if (to > from + 20) out.push({ start: match.index, end: to });
    starts.lastIndex = Math.max(from, to);
  }
  return out;
}

/** Undefined if the text ends first. */
export function endOfKey(text: string, from: number): number | undefined {
  let at = skip(body, text, from);
  for (;;) {
    const closed = skip(end, text, at);
    if (closed > at) return closed;
    at = skip(tail, text, at);
    if (at >= text.length) return undefined;
    const next = skip(lineEnd, text, at);
    if (next === at) return at;
    const line = lineOfKey(text, next);
    if (line === undefined) return at;
    at = line;
  }
}

/** Undefined for other lines. */
function lineOfKey(text: string, start: number): number | undefined {
  const inner = skipMargin(text, start);
  const close = skip(end, text, inner);
  if (close > inner) return inner;
  const named = skip(header, text, inner);
  if (named > inner) return named;
  const stop = skip(body, text, inner);
  if (skip(end, text, stop) > stop) return stop;
  const after = skip(tail, text, stop);
  const ended = after >= text.length || skip(lineEnd, text, after) > after;
  // a sentence has spaces, a key line none
  return ended && !/\S[ \t]+\S/.test(text.slice(inner, stop)) ? stop : lineBehindPrefix(text, start);
}

/** The same after a prefix such as a time stamp. */
function lineBehindPrefix(text: string, start: number): number | undefined {
  const line = text.slice(start, start + maxLine).split(/[\r\n]/, 1)[0]!;
  const close = line.indexOf('-----END ');
  if (close > 0) return start + close;
  const found = /[\s|>"'](?<key>[A-Za-z0-9+/]{4,80}={0,2})["'\\,}\]]{0,6}$/.exec(line.slice(-100));
  const key = found?.groups?.['key'];
  if (key === undefined) return undefined;
  const end = start + line.length - found![0].length + 1 + key.length;
  if (key.length >= 40) return end;
  const next = text
    .slice(start + line.length, start + line.length + maxLine)
    .trimStart()
    .split(/[\r\n]/, 1)[0]!;
  return next.includes('-----END ') ? end : undefined;
}
const maxLine = 400;

function skipMargin(text: string, start: number): number {
  const at = skip(margin, text, start);
  // dashes of END are no margin
  const dashes = text.slice(start, start + 16).indexOf('-----END');
  return dashes >= 0 && dashes <= at - start ? start + dashes : at;
}

function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
