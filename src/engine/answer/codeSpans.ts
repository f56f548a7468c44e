/** Pairs runs of backticks. A regular expression with a backreference would take quadratic time. */

interface CodeSpan {
  /** UTF-16 indices, including backticks. */
  readonly start: number;
  readonly end: number;
  readonly inner: string;
}

/** Finds non-empty spans between equal runs of backticks on one line. */
export function findCodeSpans(text: string): CodeSpan[] {
  const runs = [...text.matchAll(/`+|\n/g)];
  const next = findClosingFence(runs);
  const spans: CodeSpan[] = [];
  for (let i = 0; i < runs.length; i++) {
    const closing = next[i];
    if (closing === undefined) continue;
    const [opening, close] = [runs[i]!, runs[closing]!];
    const from = opening.index + opening[0].length;
    const end = close.index + close[0].length;
    spans.push({ start: opening.index, end, inner: text.slice(from, close.index) });
    i = closing;
  }
  return spans;
}

/** Replaces each code span by `replace(inner)`. */
export function replaceCodeSpans(text: string, replace: (inner: string) => string): string {
  let out = '';
  let from = 0;
  for (const { start, end, inner } of findCodeSpans(text)) {
    out += text.slice(from, start) + replace(inner);
    from = end;
  }
  return out + text.slice(from);
}

/** Index of the run that closes each run; undefined if it stays open. */
function findClosingFence(runs: readonly RegExpExecArray[]): (number | undefined)[] {
  const next = new Array<number | undefined>(runs.length);
  const ahead = new Map<number, number>();
  for (let i = runs.length - 1; i >= 0; i--) {
    const run = runs[i]![0];
    if (run === '\n') {
      ahead.clear();
      continue;
    }
    next[i] = ahead.get(run.length);
    ahead.set(run.length, i);
  }
  return next;
}
