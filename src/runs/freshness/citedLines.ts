/** Finds cited lines again after edits. */

/** Lines from 1, inclusive. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
}

/** Lines from `startLine` (from 1) to `endLine` were replaced by `delta` more or fewer lines. */
export interface LineEdit extends LineRange {
  readonly delta: number;
}

/** Moves a range by edits; a line inside an edit stays within it. */
export function shifted({ startLine, endLine }: LineRange, edits: readonly LineEdit[]): LineRange {
  let [start, end] = [startLine, endLine];
  for (const edit of edits) {
    start = through(start, edit);
    end = Math.max(start, through(end, edit));
  }
  return { startLine: start, endLine: end };
}

function through(line: number, { startLine, endLine, delta }: LineEdit): number {
  if (line > endLine) return Math.max(1, line + delta);
  return line <= startLine ? line : Math.max(1, Math.min(line, Math.max(startLine, endLine + delta)));
}

/** An editor's change: lines from 0, and their new text. */
export interface Change {
  readonly range: {
    readonly start: { readonly line: number; readonly character: number };
    readonly end: { readonly line: number };
  };
  readonly text: string;
}

/** Undefined where no line moves. */
export function lineEdit({ range, text }: Change): LineEdit | undefined {
  const delta = text.split(/\r\n|\n|\r/).length - 1 - (range.end.line - range.start.line);
  if (delta === 0) return undefined;
  // text before a line's first character moves that line
  const startLine = range.start.line + (range.start.character === 0 ? 0 : 1);
  return { startLine, endLine: Math.max(startLine, range.end.line), delta };
}

/** Where cited lines are now. */
export interface Found extends LineRange {
  /** `changed` means that the cited lines are gone. */
  readonly state: 'same' | 'moved' | 'changed';
}

/** The current text. */
export interface Lines {
  readonly count: number;
  /** From 1. */
  line(number: number): string;
}

/** Some may be masked or folded. */
const enough = 0.5;
const anchors = 3;

/** Finds the excerpt at its place, else at the nearest one. */
export function follow(place: LineRange, excerpt: string, text: Lines): Found {
  const lines = telling(excerpt);
  const score = (start: number): number => {
    const hits = lines.filter(({ index, line }) => {
      const at = start + index;
      return at >= 1 && at <= text.count && text.line(at).includes(line);
    });
    return hits.length / lines.length;
  };
  if (lines.length === 0 || score(place.startLine) >= enough) return { ...place, state: 'same' };
  let best: { readonly start: number; readonly score: number } | undefined;
  const longest = [...lines].sort((a, b) => b.line.length - a.line.length).slice(0, anchors);
  for (let at = 1; at <= text.count; at++) {
    const now = text.line(at);
    for (const { index, line } of longest) {
      const start = at - index;
      if (start < 1 || !now.includes(line)) continue;
      const found = { start, score: score(start) };
      if (found.score >= enough && (best === undefined || nearer(found, best, place.startLine))) best = found;
    }
  }
  if (best === undefined) return { ...place, state: 'changed' };
  return { startLine: best.start, endLine: best.start + place.endLine - place.startLine, state: 'moved' };
}

function nearer(
  one: { readonly start: number; readonly score: number },
  other: { readonly start: number; readonly score: number },
  from: number,
): boolean {
  if (one.score !== other.score) return one.score > other.score;
  return Math.abs(one.start - from) < Math.abs(other.start - from);
}

/** Lists lines of an excerpt that can be recognized, except a cut one. */
function telling(excerpt: string): { readonly index: number; readonly line: string }[] {
  const lines = excerpt.split(/\r\n|\n|\r/).map((line, index) => ({ index, line: line.trim() }));
  if (excerpt.endsWith('…') && lines.length > 1) lines.pop();
  return lines
    .map(({ index, line }) => ({ index, line: line.replace(/…$/, '') }))
    .filter(({ line }) => /[\p{L}\p{N}].*[\p{L}\p{N}]/u.test(line));
}
