import { estimateTokens } from '../../tokens.ts';
import type { PreparedPart } from '../../source.ts';

type Draft = PreparedPart['chunks'][number];

/** Chunks a call: with fewer the window is filled badly, with more their names cost tokens. */
const chunksPerCall = 9;
/** Tokens. */
const minTokens = 250;
/** Window above which chunks keep their usual size, tokens. */
const largeWindow = 20_000;

/** Maximum chunk size, tokens; undefined for the usual one. */
export function getChunkLimit(contextWindow: number): number | undefined {
  if (contextWindow >= largeWindow) return undefined;
  return Math.max(minTokens, Math.floor((contextWindow * 0.8) / chunksPerCall));
}

/** Cuts chunks to about `most` tokens, by each chunk's text alone. Repeats stay whole. */
export function refine(chunks: readonly Draft[], most: number): Draft[] {
  return chunks.flatMap((chunk) => (chunk.repeat || chunk.tokens <= most ? [chunk] : cutPieces(chunk, most)));
}

function cutPieces(chunk: Draft, most: number): Draft[] {
  const lines = chunk.text.split(/(?<=\n)/);
  const sizes = lines.map(estimateTokens);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const count = Math.ceil(chunk.tokens / most);
  const scale = total > 0 ? chunk.tokens / total : 0;
  const cuts = cutLines(lines, sizes, total, count);
  return cuts.map((from, at) => {
    const to = cuts[at + 1] ?? lines.length;
    const tokens = sizes.slice(from, to).reduce((sum, size) => sum + size, 0);
    return {
      ...chunk,
      text: lines.slice(from, to).join(''),
      startLine: chunk.sourceLines ? (chunk.sourceLines[from] ?? chunk.startLine) : chunk.startLine + from,
      endLine: to === lines.length ? chunk.endLine : findEnd(chunk, from, to),
      ...(chunk.sourceLines ? { sourceLines: chunk.sourceLines.slice(from, to) } : {}),
      tokens: Math.max(1, Math.ceil(tokens * scale)),
      // weaker than any boundary of the splitter
      priority: at === 0 ? chunk.priority : 0,
    };
  });
}

function findEnd(chunk: Draft, from: number, to: number): number {
  if (!chunk.sourceLines) return chunk.startLine + to - 1;
  return Math.max(...chunk.sourceLines.slice(from, to));
}

/** Cuts into nearly equal parts, preferably after a blank line. */
function cutLines(lines: readonly string[], sizes: readonly number[], total: number, count: number): number[] {
  const cuts = [0];
  const share = total / count;
  let sum = 0;
  let best: { line: number; off: number } | undefined;
  for (let line = 1; line < lines.length && cuts.length < count; line++) {
    sum += sizes[line - 1] ?? 0;
    const target = cuts.length * share;
    const blank = lines[line - 1]?.trim() === '' ? 0.15 * share : 0;
    const off = Math.abs(sum - target) - blank;
    if (best === undefined || off < best.off) best = { line, off };
    if (sum < target + 0.2 * share) continue;
    cuts.push(best.line);
    best = undefined;
  }
  if (best !== undefined && cuts.length < count && best.line > (cuts.at(-1) ?? 0)) cuts.push(best.line);
  return [...new Set(cuts)];
}
