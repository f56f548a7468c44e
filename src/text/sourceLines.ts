import type { LinePlace } from '../engine/source.ts';

/** Maximum lines to search for the next match. */
const maxAhead = 400;

/**
 * Returns for each text line the next file line (from 1) that contains it, else the previous result.
 * @param spell returns a line as written in the file
 */
export function alignLines(
  text: readonly string[],
  file: readonly string[],
  first: number,
  last: number,
  spell: (line: string) => string = (line) => line,
): number[] {
  let at = first;
  let next = first;
  return text.map((line) => {
    const wanted = spell(line.trim());
    if (wanted === '') return at;
    for (let number = next; number <= last && number < next + maxAhead; number++) {
      if (!file[number - 1]?.includes(wanted)) continue;
      at = number;
      next = number + 1;
      break;
    }
    return at;
  });
}

/** Returns the same as places of a part. */
export function mapLines(uri: string, lines: readonly number[]): LinePlace[] {
  const places: LinePlace[] = [];
  lines.forEach((to, index) => {
    const line = index + 1;
    const last = places.at(-1);
    if (last && to === last.startLine + (last.moves ? line - last.line : 0)) return;
    places.push({ line, uri, startLine: to, moves: lines[index + 1] === to + 1 });
  });
  return places;
}
