/** Line ends as in VS Code: `\r\n`, `\n` and lone `\r`, all normalized to `\n`. */

export const normalizeLineEnds = (text: string): string => (text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);

/** Normalizes pieces of text; a piece may end within `\r\n`. Omits empty pieces. */
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
