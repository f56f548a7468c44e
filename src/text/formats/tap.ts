/** Test Anything Protocol: numbered results, with a block of YAML below what failed. */
import { plural, point, splitLines, type Format } from './format.ts';
import { reportOf, type TestCase } from './junit.ts';

const result = /^(\s*)(not )?ok\b(?:\s+(\d+))?(?:\s+-)?\s*(.*)$/;
const plan = /^1\.\.(\d+)(?:\s*#\s*(.*))?$/;

export const tap: Format = {
  id: 'tap',
  accepts({ text }) {
    const lines = text.split('\n', 2000);
    const results = lines.filter((line) => /^\s*(?:not )?ok \d+/.test(line)).length;
    return (/^\ufeff?TAP version 1[2-4]\s*$/m.test(text.slice(0, 5000)) && results > 0) || (results >= 3 && lines.some((line) => plan.test(line)));
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
      if (open && last) cases[cases.length - 1] = { ...last, ...messageOf(open.detail), endLine: open.endLine };
      open = undefined;
    };
    for (const [i, line] of lines.entries()) {
      const found = result.exec(line);
      // Results of a nested test are told by its own line.
      if (found && found[1] === '') {
        close();
        const test = caseOf(found, i + 1);
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
    const report = reportOf(cases, 1);
    const missing = planned === undefined ? 0 : planned - cases.length;
    if (missing !== 0 && planned !== 0)
      report.points.splice(1, 0, point([`${plural(planned!, 'test')} planned, ${cases.length} reported.`], 1, { weight: 9 }));
    if (bailLine > 1 || bail !== '') report.points.splice(1, 0, point([`Bailed out: ${bail}`], bailLine, { weight: 9 }));
    return { ...report, lines: [...report.points.slice(1, 3).filter(({ weight }) => weight === 9).map(({ words, line }) => ({ text: words.join(''), line })), ...report.lines] };
  },
};

function caseOf([, , not, , rest = '']: RegExpExecArray, line: number): TestCase {
  const directive = /(?:^|\s)#\s*(skip|todo)\S*\s*(.*)$/i.exec(rest);
  const name = directive ? rest.slice(0, directive.index).trim() : rest.trim();
  const time = /#\s*time=([\d.]+)\s*(ms|s)/.exec(rest);
  return {
    name: name.replace(/\s*#\s*time=.*$/, '').replace(/^- /, '') || `line ${line}`,
    suite: '',
    // A failing test that is marked as to do is no failure.
    outcome: directive ? 'skipped' : not ? 'failed' : 'passed',
    seconds: time ? Number(time[1]) / (time[2] === 'ms' ? 1000 : 1) : 0,
    message: directive ? [directive[1]!.toUpperCase(), directive[2]!].filter(Boolean).join(' ') : '',
    detail: '',
    line,
    endLine: line,
  };
}

/** The message and duration that the block below a result states. */
function messageOf(detail: readonly string[]): Partial<TestCase> {
  const all = detail.map((line) => line.replace(/^\s{0,4}(?:#\s?)?/, '').trimEnd());
  const text = all.join('\n').trim();
  const field = (name: string): string => new RegExp(`^\\s*${name}:\\s*(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const ms = Number(field('duration_ms')) || 0;
  const message = (field('message') || field('error') || field('reason')).replace(/^["'|>][-+]?|["']$/g, '');
  const following = /^\s*(?:message|error):\s*[|>][-+]?\s*\n\s*(.*)$/m.exec(text)?.[1] ?? '';
  const isReport = /^\s*(?:---|message|error|severity|at|expected|failureType)\b/m.test(text) && (message !== '' || /expected|not ok|Error/i.test(text));
  return {
    ...(ms > 0 ? { seconds: ms / 1000 } : {}),
    ...(isReport ? { message: message || following, detail: text } : {}),
  };
}
