/** One notion of a line, as in VS Code: `\r\n`, `\n` and a lone `\r` end one. A text is brought to `\n` before anything counts its lines. */

/** The text with `\n` as its only line end. */
export const normalizeLineEnds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

/** The same over pieces that may be cut anywhere, also between `\r` and `\n`. Empty pieces are left out. */
export async function* normalizePieces(pieces: AsyncIterable<string> | Iterable<string>): AsyncGenerator<string> {
  let held = '';
  for await (const piece of pieces) {
    const text = held + piece;
    held = text.endsWith('\r') ? '\r' : '';
    const safe = normalizeLineEnds(held ? text.slice(0, -1) : text);
    if (safe) yield safe;
  }
  if (held) yield '\n';
}
