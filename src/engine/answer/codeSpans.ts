/** Code in a line of Markdown. A regular expression with a back reference takes quadratic time for this; pairing the runs does not. */

export interface CodeSpan {
  /** UTF-16 indices, backticks included. */
  readonly start: number;
  readonly end: number;
  /** The text between the backticks. */
  readonly inner: string;
}

/** Code spans in order: a run of backticks and the next run of the same length on the same line, with something between. */
export function findCodeSpans(text: string): CodeSpan[] {
  const runs = [...text.matchAll(/`+|\n/g)];
  const next = nextOfSameLength(runs);
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

/** The text with each code span replaced by what `replace` makes of its inner text. */
export function replaceCodeSpans(text: string, replace: (inner: string) => string): string {
  let out = '';
  let from = 0;
  for (const { start, end, inner } of findCodeSpans(text)) {
    out += text.slice(from, start) + replace(inner);
    from = end;
  }
  return out + text.slice(from);
}

/** For each run the index of the run that closes it; undefined for a line break and where none follows on its line. */
function nextOfSameLength(runs: readonly RegExpExecArray[]): (number | undefined)[] {
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
