/** Reads Test Anything Protocol: numbered results, with a YAML block below each failure. */
import { plural, point, splitLines, type Format } from './format.ts';
import { createReport, type TestCase } from './junit.ts';

/** Results at the margin; they include those of nested tests. */
const result = /^(not )?ok\b(?: {1,8}\d+)?(?: {1,8}-(?= |$))?/;
const plan = /^1\.\.(\d+)(?:\s|#|$)/;

/** Test Anything Protocol. */
export const tap: Format = {
  id: 'tap',
  accepts({ text }) {
    const lines = text.split('\n', 2000);
    const results = lines.filter((line) => /^\s*(?:not )?ok \d+/.test(line)).length;
    return (
      (/^\ufeff?TAP version 1[2-4]\s*$/m.test(text.slice(0, 5000)) && results > 0) ||
      (results >= 3 && lines.some((line) => plan.test(line)))
    );
  },
  read(text) {
    const lines = splitLines(text);
    const cases: TestCase[] = [];
    let planned: number | undefined;
    let bail = '';
    let bailLine = 1;
    let open: { name: string; line: number; endLine: number; detail: string[] } | undefined;
    const close = (): void => {
      const last = cases.at(-1);
      if (open && last) cases[cases.length - 1] = { ...last, ...readMessage(open.detail), endLine: open.endLine };
      open = undefined;
    };
    for (const [i, line] of lines.entries()) {
      const found = result.exec(line);
      if (found) {
        close();
        const test = readCase(found[1] !== undefined, line.slice(found[0].length).trim(), i + 1);
        cases.push(test);
        open = { name: test.name, line: i + 1, endLine: i + 1, detail: [] };
      } else if (plan.test(line)) planned = Number(plan.exec(line)![1]);
      else if (/^Bail out!/i.test(line)) [bail, bailLine] = [line.slice(9).trim(), i + 1];
      else if (open && /^\s+\S|^#\s/.test(line) && line.trim() !== '') {
        open.detail.push(line);
        open.endLine = i + 1;
      }
    }
    close();
    if (cases.length === 0) return undefined;
    const report = createReport(cases, 1);
    const missing = planned === undefined ? 0 : planned - cases.length;
    if (missing !== 0 && planned !== 0)
      report.points.splice(
        1,
        0,
        point([`${plural(planned!, 'test')} planned, ${cases.length} reported.`], 1, { weight: 9 }),
      );
    if (bailLine > 1 || bail !== '')
      report.points.splice(1, 0, point([bail === '' ? 'Bailed out.' : `Bailed out: ${bail}`], bailLine, { weight: 9 }));
    return {
      ...report,
      lines: [
        ...report.points
          .slice(1, 3)
          .filter(({ weight }) => weight === 9)
          .map(({ words, line }) => ({ text: words.join(''), line })),
        ...report.lines,
      ],
    };
  },
};

function readCase(isNot: boolean, rest: string, line: number): TestCase {
  const directive = /(?:^|\s)# ?(skip|todo)/i.exec(rest);
  const reason = directive
    ? rest
        .slice(directive.index + directive[0].length)
        .replace(/^\S*\s?/, '')
        .trim()
    : '';
  const time = /# ?time=([\d.]+) ?(ms|s)/.exec(rest);
  const name = rest.slice(0, directive?.index ?? time?.index ?? rest.length).trim();
  return {
    name: name || `line ${line}`,
    suite: '',
    // a failing test marked as unfinished is no failure
    outcome: directive ? (/skip/i.test(directive[1]!) ? 'skipped' : 'todo') : isNot ? 'failed' : 'passed',
    seconds: time ? Number(time[1]) / (time[2] === 'ms' ? 1000 : 1) : 0,
    message: reason,
    detail: '',
    line,
    endLine: line,
  };
}

function readMessage(detail: readonly string[]): Partial<TestCase> {
  const all = detail.map((line) => line.replace(/^\s{0,4}(?:#\s?)?/, '').trimEnd());
  const text = all.join('\n').trim();
  /** Returns a YAML value; of a multi-line one its first line. */
  const field = (name: string): string => {
    const at = all.findIndex((line) => line.trimStart().startsWith(`${name}:`));
    const value =
      at < 0
        ? ''
        : all[at]!.trimStart()
            .slice(name.length + 1)
            .trim();
    return /^[|>][-+]?$/.test(value) ? (all[at + 1] ?? '').trim() : value.replace(/^["']|["']$/g, '');
  };
  const ms = Number(field('duration_ms')) || 0;
  const message = field('message') || field('error') || field('reason');
  const isReport = message !== '' || /^---|\b(?:expected|severity|failureType):/m.test(text);
  return {
    ...(ms > 0 ? { seconds: ms / 1000 } : {}),
    ...(isReport ? { message, detail: text } : {}),
  };
}
