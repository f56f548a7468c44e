/** Reads Terraform and OpenTofu plans: destroyed resources first, in full; similar changes once, with their differences. */
import type { FormatLine, FormatReading } from '../../engine/read/format.ts';
import type { FormatPoint, Words } from '../../engine/source.ts';
import { readTerraformPlan, type PlannedChange } from '../../engine/read/terraformPlan.ts';
import { listed, plural, point, pointLines, sourceLines, splitLines, type Format } from './format.ts';

const order: readonly PlannedChange['action'][] = ['destroyed', 'replaced', 'created', 'updated in-place'];

/** Output of `plan` and `apply`. */
export const terraform: Format = {
  id: 'terraform',
  accepts: ({ text }) =>
    /^(?:Terraform|OpenTofu) (?:used the selected providers|will perform|planned)|Refreshing state\.\.\.|^\s{0,4}# \S.{0,300}(?:will|must) be (?:created|destroyed|updated|replaced)|^An execution plan has been generated|^No changes\. (?:Your infrastructure|Infrastructure is)|^(?:Apply|Destroy) complete! Resources: /m.test(
      text,
    ),
  read(text) {
    const lines = splitLines(text);
    const plan = readTerraformPlan(lines.map((line, i) => ({ text: line, line: i + 1 })));
    if (!plan) return readOutcome(lines);
    const groups = order.flatMap((action) => [
      ...groupChanges(plan.changes.filter((change) => change.action === action)),
    ]);
    const points = [
      point([plan.total], plan.totalLine, { weight: 10 }),
      ...groups.map((group) => groupPoint(group, 8 - order.indexOf(group[0]!.action))),
    ];
    const inBlocks = new Set(plan.changes.flatMap(({ line, endLine }) => range(line, endLine)));
    const refreshed = lines.flatMap((line, i) => (isRefresh(line) ? [i + 1] : []));
    const rest = lines.flatMap((_, i) =>
      inBlocks.has(i + 1) || isRefresh(lines[i]!) || lines[i]!.trim() === '' ? [] : sourceLines(lines, i + 1, i + 1),
    );
    const refresh =
      refreshed.length > 0
        ? [{ text: `${plural(refreshed.length, 'line')} of reading and refreshing state.`, line: refreshed[0]! }]
        : [];
    return {
      kind: 'diff',
      points,
      lines: [...pointLines(points), ...groups.flatMap((group) => groupLines(lines, group)), ...refresh, ...rest],
    };
  },
};

/** What a run without a plan says at its end: no changes, what was applied, errors. */
function readOutcome(lines: readonly string[]): FormatReading | undefined {
  const points = lines.flatMap((line, i): FormatPoint[] => {
    const error = /^(?:│ )?Error: (\S.*)$/.exec(line)?.[1];
    if (error) return [point([{ code: error }], i + 1, { section: 'Errors', weight: 8, endLine: i + 1 })];
    return outcome.test(line) ? [point([line.trim()], i + 1, { weight: 10 })] : [];
  });
  const order = [...points].sort((a, b) => b.weight - a.weight);
  return points.length > 0 && !lines.some((line) => planned.test(line)) ? { kind: 'log', points: order } : undefined;
}
const outcome =
  /^(?:No changes\. (?:Your infrastructure matches|Infrastructure is)|(?:Apply|Destroy) complete! Resources: (?:\d+ \w+, ){0,3}\d+ \w+\.)/;
const planned = /^\s{0,4}# \S.{0,300} (?:will|must) be (?:created|destroyed|updated|replaced)|^Plan: /;

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const isRefresh = (line: string): boolean =>
  /: (?:Refreshing state\.\.\.|Reading\.\.\.|Still reading\.\.\.|Read complete after|Preparing import\.\.\.)/.test(
    line,
  );

/** Groups changes by form; destroyed and replaced resources stay alone. */
function groupChanges(changes: readonly PlannedChange[]): IterableIterator<PlannedChange[]> {
  const groups = new Map<string, PlannedChange[]>();
  for (const change of changes) {
    const isLost = order.indexOf(change.action) < 2;
    const key = isLost ? `${change.line}` : toForm([change.address, ...change.changes].join('\n'));
    groups.set(key, [...(groups.get(key) ?? []), change]);
  }
  return groups.values();
}

/** Returns the form of a change, without indices, numbers and identifiers. */
const toForm = (text: string): string =>
  text
    .replace(/\[[^\][]{0,200}\]|"[^"\n]{0,200}"/g, (part) => (part.startsWith('[') || /\d/.test(part) ? '#' : part))
    .replace(/\d+/g, '#');

function groupPoint(group: readonly PlannedChange[], weight: number): FormatPoint {
  const { address, action, because, changes, line, endLine } = group[0]!;
  const forced = changes.filter((change) => change.includes('# forces replacement'));
  const shown = (forced.length > 0 ? forced : changes).slice(0, 3).map((change): Words => [{ code: change }]);
  const what: Words =
    group.length > 1
      ? [`${group.length}× ${action}: `, { code: address }, ' to ', { code: group.at(-1)!.address }]
      : [{ code: address }, action === 'replaced' ? ' must be replaced' : ` will be ${action}`];
  return point(
    [...what, because === '' ? '' : ` (${because})`, ...(shown.length > 0 ? [': ', ...listed(shown)] : [])],
    line,
    {
      endLine,
      weight,
    },
  );
}

/** Quotes the first of a group in full, of the others the lines that differ. */
function groupLines(lines: readonly string[], group: readonly PlannedChange[]): FormatLine[] {
  const [first, ...others] = group as [PlannedChange, ...PlannedChange[]];
  const known = new Set(lines.slice(first.line - 1, first.endLine).map((line) => line.trim()));
  return [
    ...sourceLines(lines, first.line, first.endLine),
    ...others.flatMap(({ line, endLine }) =>
      range(line, endLine).flatMap((at) => (known.has(lines[at - 1]!.trim()) ? [] : sourceLines(lines, at, at))),
    ),
    ...(others.length > 0
      ? [{ text: `(the other lines of these ${group.length} are as in the first)`, line: first.line }]
      : []),
  ];
}
