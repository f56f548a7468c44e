/** Reads build logs with steps (GitHub, GitLab, Azure, Travis): failed steps and their errors first, then warnings and times. */
import type { FormatLine, FormatReading } from '../../engine/read/format.ts';
import { fold } from '../../engine/read/fold/index.ts';
import type { FormatPoint, Words } from '../../engine/source.ts';
import { duration, listed, plural, point, pointLines, sourceLines, splitLines, type Format } from './format.ts';

interface Step {
  readonly name: string;
  readonly line: number;
  endLine: number;
  /** Seconds since 1970. */
  readonly start: number | undefined;
  end: number | undefined;
  readonly errors: { readonly text: string; readonly line: number }[];
}
interface Log {
  readonly system: string;
  readonly steps: Step[];
  readonly warnings: { readonly text: string; readonly line: number }[];
  first: number | undefined;
  last: number | undefined;
}

/** Columns of `gh run view --log`, then a time, then GitLab's stream marker. */
const prefix =
  /^\ufeff?(?:[^\t]{1,120}\t[^\t]{1,120}\t\ufeff?)?(?:(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z?(?: \d\d[OE]\+?)? ?)?/;
const jobAndStep = /^\ufeff?([^\t]{1,120})\t([^\t]{1,120})\t/;
const section = /^section_(start|end):(\d{9,11}):([\w.-]{1,100})(?:\[[^\]]{0,100}\])?/;
const says =
  /errors?\b|\bfailed\b|\bfailure|\bfatal\b|exception\b|\bpanic|\bassert|\bcannot\b|undefined reference|\bnot found\b|[✗✕✖]|^(?:E  |FAIL|not ok)/i;
const tail = 40;
const maxSteps = 200;

/** GitHub, GitLab, Azure and Travis. */
export const ciLog: Format = {
  id: 'ci-log',
  accepts({ text }) {
    const marks = text.match(
      /(?:^|[\tZ ])(?:##\[(?:group|section|error|warning|command|endgroup)\]|::(?:group|error|warning|endgroup)\b[^\n]{0,200}?::)|^(?:\d{4}-[\dT:.-]+Z \d\d[OE]\+? ?)?section_(?:start|end):\d{9,11}:|travis_fold:(?:start|end):/gm,
    );
    return (marks?.length ?? 0) >= 2 && !/^#{1,6} \S/.test(text);
  },
  async read(text) {
    const lines = splitLines(text);
    const log = readSteps(lines);
    if (log.steps.length === 0) return undefined;
    const failed = log.steps.filter(({ errors }) => errors.length > 0);
    const points = createPoints(log, failed, lines);
    const folded = await fold('log', text, () => Promise.resolve());
    if (!folded) return { kind: 'log', points };
    const digest = folded.text.split('\n').flatMap((line, i): FormatLine[] => {
      const from = folded.sourceLines[i];
      return from === undefined ? [] : [{ text: line, line: from }];
    });
    const reading: FormatReading = {
      kind: 'log',
      points,
      lines: [...pointLines(points), ...failed.flatMap((step) => tailLines(step, lines)), ...digest],
      foldedLines: folded.foldedLines,
      ...(folded.gaps ? { gaps: folded.gaps } : {}),
    };
    return reading;
  },
};

function readSteps(lines: readonly string[]): Log {
  const log: Log = { system: detectSystem(lines), steps: [], warnings: [], first: undefined, last: undefined };
  let step: Step | undefined;
  let known = '';
  const open = (name: string, line: number, start: number | undefined): void => {
    step = { name: name.trim(), line, endLine: line, start, end: undefined, errors: [] };
    log.steps.push(step);
  };
  for (const [i, line] of lines.entries()) {
    const found = prefix.exec(line)!;
    const at = found[1] === undefined ? undefined : Date.parse(`${found[1]}Z`) / 1000;
    const columns = jobAndStep.exec(line);
    const said = line.slice(found[0].length);
    if (at !== undefined) {
      log.first ??= at;
      log.last = at;
    }
    const mark = section.exec(said);
    if (columns) {
      const name = columns[2] === 'UNKNOWN STEP' ? columns[1]! : `${columns[1]} › ${columns[2]}`;
      if (name !== known) open(name, i + 1, at);
      known = name;
    } else if (mark?.[1] === 'start') open(sectionTitle(said, lines[i + 1], mark), i + 1, Number(mark[2]));
    else if (mark) closeSection(log.steps, Number(mark[2]), i + 1, mark[3]!.replaceAll('_', ' '), lines);
    else {
      const name = /^##\[(?:group)\](Run .*)|^##\[section\]Starting: (.*)|^travis_fold:start:(.*)/.exec(said);
      const title = name?.[1] ?? name?.[2] ?? name?.[3];
      const isOwn = /^##\[group\]|^::group::/.test(said) && log.system !== 'GitHub';
      if (title !== undefined) open(title, i + 1, at);
      else if (isOwn) open(said.replace(/^##\[group\]|^::group::/, ''), i + 1, at);
      else if (!step && said.trim() !== '') open('Set up', i + 1, at);
    }
    if (!step) continue;
    if (!mark) step.endLine = i + 1;
    if (at !== undefined && !mark) step.end = at;
    // GitLab states the failure of the script after it cleaned up.
    const script = /^\s*ERROR: Job failed/.test(said)
      ? log.steps.findLast(({ name }) => /script/i.test(name))
      : undefined;
    readMark(log, script ?? step, said, i + 1);
  }
  return log;
}

function detectSystem(lines: readonly string[]): string {
  const head = lines.slice(0, 3000);
  if (head.some((line) => section.test(line.slice(prefix.exec(line)![0].length)))) return 'GitLab';
  if (head.some((line) => line.includes('##[section]'))) return 'Azure Pipelines';
  if (head.some((line) => line.includes('travis_fold:'))) return 'Travis';
  return head.some((line) => line.includes('##[group]Run ') || line.includes('##[group]Runner Image')) ? 'GitHub' : '';
}

/** GitLab writes the title after the mark, or on the next line after a carriage return. */
function sectionTitle(said: string, next: string | undefined, mark: RegExpExecArray): string {
  const behind = said.slice(mark[0].length).trim();
  const title = behind || (next ?? '').replace(prefix, '').trim();
  return title !== '' && !section.test(title) ? title : mark[3]!.replaceAll('_', ' ');
}

function closeSection(steps: readonly Step[], at: number, line: number, name: string, lines: readonly string[]): void {
  const opened = steps.findLast(
    (step) =>
      step.end === undefined &&
      (section.exec((lines[step.line - 1] ?? '').replace(prefix, ''))?.[3] ?? '').replaceAll('_', ' ') === name,
  );
  if (!opened) return;
  opened.end = at;
  opened.endLine = Math.max(opened.endLine, line);
}

function readMark(log: Log, step: Step, said: string, line: number): void {
  const found =
    /^(?:##\[(error|warning)\]|::(error|warning)\b([^:\n]{0,300})::|(ERROR): (?=Job failed|Uploading|Preparation))/.exec(
      said.trimStart(),
    );
  if (!found) return;
  const kind = (found[1] ?? found[2] ?? found[4])!.toLowerCase();
  const file = /file=([^,]+)(?:,line=(\d+))?/.exec(found[3] ?? '');
  const place = file ? `${file[1]}${file[2] ? `:${file[2]}` : ''}: ` : '';
  const entry = { text: `${place}${said.trimStart().slice(found[0].length).trim()}`, line };
  if (kind === 'error') step.errors.push(entry);
  else log.warnings.push(entry);
}

const seconds = ({ start, end }: Step): number =>
  start === undefined || end === undefined ? 0 : Math.max(0, end - start);

function createPoints(log: Log, failed: readonly Step[], lines: readonly string[]): FormatPoint[] {
  const { steps, first, last, system } = log;
  const took = first !== undefined && last !== undefined && last > first ? `, ${duration(last - first)}` : '';
  const points: FormatPoint[] = [
    point(
      [
        `${system === '' ? 'Build' : system} log of ${plural(steps.length, 'step')}${took}: ${failed.length === 0 ? 'no error is marked' : `errors are marked in ${plural(failed.length, 'step')}`}.`,
      ],
      steps[0]!.line,
      { weight: 10 },
    ),
  ];
  for (const step of failed) {
    const causes = findCauses(step, lines);
    const shown = step.errors.slice(0, 4).map(({ text }): Words => [{ code: text }]);
    const before = causes.map(({ text }): Words => [{ code: text }]);
    points.push(
      point([{ code: step.name }, ': ', ...listed([...before, ...shown])], causes[0]?.line ?? step.errors[0]!.line, {
        endLine: step.errors[0]!.line,
        section: 'Failed steps',
        weight: 6,
      }),
    );
  }
  const warnings = new Map<string, { text: string; line: number }[]>();
  for (const one of log.warnings) warnings.set(one.text, [...(warnings.get(one.text) ?? []), one]);
  for (const [text, entries] of [...warnings].slice(0, 12))
    points.push(
      point([entries.length > 1 ? `${entries.length}× ` : '', { code: text }], entries[0]!.line, {
        section: 'Warnings',
        weight: 3,
      }),
    );
  for (const step of steps.slice(0, maxSteps))
    points.push(
      point(
        [
          { code: step.name },
          `: ${plural(step.endLine - step.line + 1, 'line')}${seconds(step) > 0 ? `, ${duration(seconds(step))}` : ''}${step.errors.length > 0 ? `, ${plural(step.errors.length, 'error')}` : ''}`,
        ],
        step.line,
        { endLine: step.endLine, section: 'Steps', weight: 1 },
      ),
    );
  const slow = steps
    .filter((step) => seconds(step) >= 1)
    .sort((a, b) => seconds(b) - seconds(a))
    .slice(0, 5);
  if (slow.length > 1 && steps.length > 8)
    points.push(
      point(listed(slow.map((step): Words => [{ code: step.name }, ` (${duration(seconds(step))})`])), slow[0]!.line, {
        section: 'Slowest',
        weight: 2,
      }),
    );
  return points;
}

/** Returns up to three lines before a step's first error that state the reason. */
function findCauses({ line, errors }: Step, lines: readonly string[]): { text: string; line: number }[] {
  const end = errors[0]!.line;
  const found: { text: string; line: number }[] = [];
  for (let at = Math.max(line, end - 400); at < end; at++) {
    const text = lines[at - 1]!.replace(prefix, '').trim();
    if (says.test(text) && !/\b0 (?:failed|errors|failures)\b|##\[/.test(text))
      found.push({ text: text.slice(0, 200), line: at });
  }
  return found.slice(0, 1).concat(found.slice(1).slice(-2));
}

/** Verbatim. */
function tailLines(step: Step, lines: readonly string[]): FormatLine[] {
  const end = Math.min(step.errors[0]!.line + 3, step.endLine);
  const from = Math.max(step.line, step.errors[0]!.line - tail);
  return [{ text: `Before the error in ${step.name}:`, line: from }, ...sourceLines(lines, from, end)];
}
