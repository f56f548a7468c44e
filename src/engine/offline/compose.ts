import { type Cite, type OfflinePiece, type Point, wordBudget } from './types.ts';
import { offlinePhrases, type Wording } from './phrases.ts';
import { countWords } from './view.ts';

/**
 * Writes the best points that fit, in order, under headings.
 * @param room share of the length's words
 */
export function compose(
  points: readonly Point[],
  length: keyof typeof wordBudget,
  wording: Wording,
  room = 1,
): OfflinePiece[] {
  const kept = choose(points, wordBudget[length] * room);
  const pieces = write(
    points.filter((point) => kept.has(point)),
    wording,
  );
  const left = points.length - kept.size;
  if (left > 0 && length !== 'brief')
    pieces.push({ text: `\n\n${wording.count(left, offlinePhrases.morePoint, offlinePhrases.morePoints)}` });
  return pieces;
}

/** Writes all points, in order, under headings. */
export function write(points: readonly Point[], wording: Wording): OfflinePiece[] {
  const sections = order(points);
  const pieces: OfflinePiece[] = [];
  for (const [section, list] of sections) {
    if (section !== '') pieces.push({ text: `${pieces.length > 0 ? '\n\n' : ''}## ${wording.translate(section)}\n` });
    let depths: number[] = [];
    for (const [i, point] of list.entries()) {
      if (point.flows) {
        pieces.push(withCites(` ${point.text}`, point.cite));
        continue;
      }
      const depth = nest(depths, point.depth ?? 0);
      depths = depth.open;
      const lead = point.plain
        ? pieces.length > 0
          ? '\n\n'
          : ''
        : `${pieces.length === 0 ? '' : i > 0 && list[i - 1]?.plain ? '\n\n' : '\n'}${'  '.repeat(depth.at)}- `;
      pieces.push(withCites(lead + point.text, point.cite));
    }
  }
  return pieces;
}

const withCites = (text: string, cites: readonly Cite[] | undefined): OfflinePiece =>
  cites && cites.length > 0 ? { text, cite: cites } : { text };

/** Reduces the depth of an item if its parent is missing. */
function nest(open: readonly number[], depth: number): { at: number; open: number[] } {
  const outer = open.filter((one) => one < depth);
  return { at: outer.length, open: [...outer, depth] };
}

function choose(points: readonly Point[], budget: number): Set<Point> {
  const ranked = points.map((point, i) => ({ point, i })).sort((a, b) => b.point.weight - a.point.weight || a.i - b.i);
  const kept = new Set<Point>();
  const headings = new Set<string>();
  let words = 0;
  const take = (point: Point): void => {
    const cost = countWords(point.text) + (headings.has(point.section) ? 0 : countWords(point.section));
    if (kept.has(point) || (words + cost > budget && kept.size > 0)) return;
    words += cost;
    headings.add(point.section);
    kept.add(point);
  };
  // take one point of each section first
  const seen = new Set<string>();
  for (const { point } of ranked) {
    if (seen.has(point.section)) continue;
    seen.add(point.section);
    take(point);
  }
  for (const { point } of ranked) {
    if (words >= budget * 0.96) break;
    take(point);
  }
  return kept;
}

function order(points: readonly Point[]): Map<string, Point[]> {
  const sections = new Map<string, Point[]>();
  for (const point of points) if (point.section === '') sections.set('', [...(sections.get('') ?? []), point]);
  for (const point of points)
    if (point.section !== '') sections.set(point.section, [...(sections.get(point.section) ?? []), point]);
  return sections;
}
