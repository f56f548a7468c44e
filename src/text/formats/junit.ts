/** Reads JUnit XML reports: failures with reasons first, slow and skipped tests, then counts by suite. */
import type { FormatLine } from '../../engine/read/format.ts';
import type { FormatPoint, Words } from '../../engine/source.ts';
import { duration, listed, plural, point, pointLines, type Format } from './format.ts';
import { below, listChildren, parseMarkup, rootOf, getWords, type Element } from './markup.ts';

const maxShown = 60;
const maxTraceLines = 80;
const slowest = 3;

/** A test's result. */
export interface TestCase {
  readonly name: string;
  readonly suite: string;
  /** `todo`: expected to fail as yet (TAP). */
  readonly outcome: 'passed' | 'failed' | 'error' | 'skipped' | 'todo';
  readonly seconds: number;
  /** Of a failure, or the reason for skipping. */
  readonly message: string;
  /** Trace and output; '' if there is none. */
  readonly detail: string;
  readonly line: number;
  readonly endLine: number;
}

/** JUnit's XML. */
export const junit: Format = {
  id: 'junit',
  accepts: ({ text }) => /^\ufeff?\s*</.test(text) && /<testsuites?[\s>]/.test(text.slice(0, 20_000)),
  async read(text) {
    const root = rootOf(await parseMarkup(text, true), /^testsuites?$/);
    if (!root) return undefined;
    const suites = suiteNames(root);
    const cases = [...below(root)]
      .filter(({ name }) => name === 'testcase')
      .map((element) => readCase(element, suites));
    if (cases.length === 0) return undefined;
    return createReport(cases, root.line);
  },
};

function suiteNames(root: Element): ReadonlyMap<Element, string> {
  const names = new Map<Element, string>();
  for (const suite of [root, ...below(root)])
    if (suite.name === 'testsuite')
      for (const test of listChildren(suite, 'testcase')) names.set(test, suite.attributes['name'] ?? '');
  return names;
}

function readCase(element: Element, suites: ReadonlyMap<Element, string>): TestCase {
  const { attributes, line, endLine } = element;
  const outcomes = ['error', 'failure', 'skipped'] as const;
  const name = outcomes.find((one) => listChildren(element, one).length > 0);
  const found = name && listChildren(element, name)[0];
  const output = ['system-err', 'system-out'].flatMap((one) => listChildren(element, one).map(getWords));
  const own = found ? getWords(found).trim() : '';
  return {
    name: [attributes['classname'], attributes['name']].filter(Boolean).join(' › ') || '(no name)',
    suite: suites.get(element) || attributes['classname'] || '',
    outcome: name === 'failure' ? 'failed' : (name ?? 'passed'),
    seconds: Number((attributes['time'] ?? '').replaceAll(',', '')) || 0,
    message: findMessage(found?.attributes['message'] ?? '', own, attributes['name'] ?? ''),
    detail: [own, ...(name === 'skipped' || !name ? [] : output)]
      .map((part) => part.trim())
      .filter(Boolean)
      .join('\n'),
    line: found?.line ?? line,
    endLine,
  };
}

/** Returns the stated message, else the trace's line that names the error. */
function findMessage(stated: string, trace: string, name: string): string {
  if (/^[^\n]{1,400}$/.test(stated.trim())) return stated.trim().replace(/^: /, '');
  const lines = `${stated}\n${trace}`.split('\n').map((line) => line.trim());
  const said =
    lines.find((line) => /^E\s+\S/.test(line)) ??
    lines.find((line) => /(?:Error|Exception|Failure)\b|\b(?:expected|assert)/i.test(line));
  return (said ?? lines.find((line) => line !== '' && !line.endsWith(`::${name}`)) ?? '').replace(/^E\s+/, '');
}

/** Writes counts, failures, skipped and slow tests, and passed ones by suite. Shared by all test reports. */
export function createReport(
  cases: readonly TestCase[],
  line: number,
): { kind: 'log'; points: FormatPoint[]; lines: FormatLine[] } {
  const of = (outcome: TestCase['outcome']): TestCase[] => cases.filter((one) => one.outcome === outcome);
  const failed = cases.filter(({ outcome }) => outcome === 'failed' || outcome === 'error');
  const [skipped, todo] = [of('skipped'), of('todo')];
  const seconds = cases.reduce((sum, one) => sum + one.seconds, 0);
  const counts = [
    `${plural(cases.length, 'test')}: ${of('failed').length} failed`,
    ...(of('error').length > 0 ? [`${of('error').length} with an error`] : []),
    `${of('passed').length} passed`,
    ...(skipped.length > 0 ? [`${skipped.length} skipped`] : []),
    ...(todo.length > 0 ? [`${todo.length} to do`] : []),
  ];
  const points: FormatPoint[] = [
    point([`${counts.join(', ')}${seconds > 0 ? `, ${duration(seconds)} in all` : ''}.`], line, { weight: 10 }),
    ...failed.slice(0, maxShown).map((one) => failurePoint(one)),
    ...groupSkipped(skipped, 'skipped', 'Skipped'),
    ...groupSkipped(todo, 'to do', 'To do'),
  ];
  const slow = cases
    .filter((one) => one.seconds > 0)
    .sort((a, b) => b.seconds - a.seconds)
    .slice(0, slowest);
  if (slow.length > 0 && cases.length > 3)
    points.push(
      point(
        listed(slow.map(({ name, seconds }): Words => [{ code: name }, ` (${duration(seconds)})`])),
        slow[0]!.line,
        { section: 'Slowest', weight: 2 },
      ),
    );
  return { kind: 'log', points, lines: [...pointLines(points), ...detailLines(failed), ...suiteLines(cases)] };
}

function failurePoint({ name, message, outcome, line, endLine }: TestCase): FormatPoint {
  const words: Words = [{ code: name }, ...(message === '' ? [] : [': ', { code: message.split('\n', 2).join(' ') }])];
  return point(words, line, { section: outcome === 'error' ? 'Errors' : 'Failures', endLine, weight: 6 });
}

function groupSkipped(skipped: readonly TestCase[], what: string, section: string): FormatPoint[] {
  const reasons = new Map<string, TestCase[]>();
  for (const one of skipped) reasons.set(one.message, [...(reasons.get(one.message) ?? []), one]);
  return [...reasons]
    .slice(0, 12)
    .map(([reason, tests]) =>
      point(
        [
          `${plural(tests.length, 'test')} ${what}${reason === '' ? '' : `: ${reason}`} (`,
          ...listed(tests.slice(0, 3).map(({ name }): Words => [{ code: name }])),
          tests.length > 3 ? ', …)' : ')',
        ],
        tests[0]!.line,
        { section, weight: 2 },
      ),
    );
}

function detailLines(failed: readonly TestCase[]): FormatLine[] {
  const seen = new Map<string, string>();
  return failed.flatMap(({ name, detail, message, line }, i) => {
    if (detail === '' || detail === message) return i < maxShown ? [] : [{ text: `${name}: ${message}`, line }];
    const same = seen.get(detail);
    if (same !== undefined) return [{ text: `${name}: as ${same}`, line }];
    seen.set(detail, name);
    const all = detail.split('\n');
    const left = all.length - maxTraceLines;
    return [
      { text: `${name}: ${message}`, line },
      ...all.slice(0, maxTraceLines).map((text) => ({ text: `  ${text}`, line })),
      ...(left > 0 ? [{ text: `  (${plural(left, 'more line')} of this trace)`, line }] : []),
    ];
  });
}

function suiteLines(cases: readonly TestCase[]): FormatLine[] {
  const suites = new Map<string, TestCase[]>();
  for (const one of cases) suites.set(one.suite, [...(suites.get(one.suite) ?? []), one]);
  return [...suites].map(([name, tests]) => {
    const passed = tests.filter(({ outcome }) => outcome === 'passed').length;
    const seconds = tests.reduce((sum, one) => sum + one.seconds, 0);
    return {
      text: `${name || 'tests'}: ${passed} of ${tests.length} passed${seconds > 0 ? `, ${duration(seconds)}` : ''}`,
      line: tests[0]!.line,
    };
  });
}
