import type { SourcePart } from './source.ts';

/** Lines from 1, inclusive. */
export interface Place {
  readonly uri?: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** Falls back to the part's own lines. */
export function getPlace(
  part: SourcePart | undefined,
  { startLine, endLine }: { readonly startLine: number; readonly endLine: number },
): Place {
  const own: Place = { ...(part?.uri ? { uri: part.uri } : {}), startLine, endLine };
  const places = part?.places;
  if (!places) return own;
  const at = findLastBefore(places, startLine);
  const first = places[at];
  if (!first?.uri) return own;
  const toLine = (index: number, line: number): number => {
    const { startLine: to, line: from, moves } = places[index]!;
    return moves ? to + line - from : to;
  };
  const start = toLine(at, startLine);
  let last = at;
  while (places[last + 1]?.uri === first.uri && places[last + 1]!.line <= endLine) last++;
  const next = places[last + 1];
  const end = toLine(last, next && next.line <= endLine ? next.line - 1 : endLine);
  return { uri: first.uri, startLine: start, endLine: Math.max(start, end) };
}

/** −1 if none. */
function findLastBefore(places: readonly { readonly line: number }[], line: number): number {
  let low = 0;
  let high = places.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (places[middle]!.line <= line) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
