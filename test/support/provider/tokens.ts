/** The simulated models' tokens: four UTF-8 bytes each. */

export function countTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text, 'utf8') / 4);
}

const widthOf = (code: number): number => (code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);

/** Cuts a text into pieces of `size` tokens, the first of `first`; characters stay whole, so a piece may differ by one character. */
export function cutTokens(text: string, size: number, first = size): { text: string; tokens: number }[] {
  const pieces: { text: string; tokens: number }[] = [];
  let from = 0;
  let bytes = 0;
  let limit = first * 4;
  for (let at = 0; at < text.length;) {
    const code = text.codePointAt(at) as number;
    at += code > 0xffff ? 2 : 1;
    bytes += widthOf(code);
    if (bytes >= limit || at >= text.length) {
      pieces.push({ text: text.slice(from, at), tokens: Math.ceil(bytes / 4) });
      from = at;
      bytes = 0;
      limit = size * 4;
    }
  }
  return pieces;
}

/** The first `tokens` tokens of a text. */
export function firstTokens(text: string, tokens: number): string {
  if (tokens <= 0) return '';
  return cutTokens(text, Number.MAX_SAFE_INTEGER, tokens)[0]?.text ?? '';
}

/** The last `tokens` tokens of a text. */
export function lastTokens(text: string, tokens: number): string {
  const bytes = Buffer.from(text, 'utf8');
  let from = Math.max(0, bytes.length - tokens * 4);
  while (from < bytes.length && ((bytes[from] as number) & 0xc0) === 0x80) from++;
  return bytes.subarray(from).toString('utf8');
}
