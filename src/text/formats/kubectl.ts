/** Reads `kubectl describe`: what is not running and why. The text itself is sent to models. */
import type { FormatPoint, Words } from '../../engine/source.ts';
import { plural, point, splitLines, type Format } from './format.ts';

interface Field {
  readonly key: string;
  readonly value: string;
  readonly indent: number;
  readonly line: number;
}

const field = /^( {0,40})([A-Za-z0-9][\w ()/.-]{0,62}):(?=\s|$)/;

/** Output of `kubectl describe`. */
export const kubectl: Format = {
  id: 'kubectl-describe',
  accepts: ({ text }) =>
    /^(?:\$ .{0,200}\n)?\s{0,200}Name:\s+\S/.test(text.slice(0, 4000)) &&
    /^(?:Namespace|Labels|Annotations|Roles):/m.test(text.slice(0, 8000)) &&
    /^(?:Events|Conditions|Containers|Init Containers|Replicas|Endpoints|Status|Pod Template|Capacity|Data|Rules|StrategyType|Selector):/m.test(
      text,
    ),
  read(text) {
    const lines = splitLines(text);
    const starts = lines.flatMap((line, i) => (/^Name:\s+\S/.test(line) ? [i] : []));
    if (starts.length === 0) return undefined;
    const points = starts.flatMap((from, i) => objectPoints(lines, from, starts[i + 1] ?? lines.length));
    if (starts.length > 1)
      points.unshift(point([`${plural(starts.length, 'object')} described.`], starts[0]! + 1, { weight: 10 }));
    return { kind: 'config', points };
  },
};

function objectPoints(lines: readonly string[], from: number, to: number): FormatPoint[] {
  const fields = readFields(lines, from, to);
  const top = (key: string): Field | undefined => fields.find((one) => one.indent === 0 && one.key === key);
  const name = top('Name')!;
  const namespace = top('Namespace')?.value;
  const states = [
    'Status',
    'Reason',
    'Message',
    'Node',
    'Replicas',
    'Pods Statuses',
    'Type',
    'Roles',
    'Taints',
    'Unschedulable',
  ]
    .map(top)
    .filter((one): one is Field => one !== undefined && !/^(?:<none>|)$/.test(one.value));
  const head = point(
    [
      { code: name.value },
      namespace ? ` in ${namespace}` : '',
      ...states.flatMap((one): Words => [', ', `${one.key.toLowerCase()} `, { code: one.value }]),
    ],
    name.line,
    { weight: 9, endLine: states.at(-1)?.line ?? name.line },
  );
  const containers = containerPoints(fields, name.value);
  const isWell = ({ section }: FormatPoint): boolean => section === 'Containers';
  return [
    head,
    ...containers.filter((one) => !isWell(one)),
    ...conditionPoints(lines, from, to, name.value),
    ...eventPoints(lines, from, to, name.value),
    ...containers.filter(isWell),
  ];
}

const readFields = (lines: readonly string[], from: number, to: number): Field[] =>
  lines.slice(from, to).flatMap((text, i) => {
    const found = field.exec(text);
    return found
      ? [{ indent: found[1]!.length, key: found[2]!, value: text.slice(found[0].length).trim(), line: from + i + 1 }]
      : [];
  });

function containerPoints(fields: readonly Field[], owner: string): FormatPoint[] {
  const points: FormatPoint[] = [];
  const isList = (one: Field): boolean => one.indent === 0 && /^(?:Init |Ephemeral )?Containers$/.test(one.key);
  for (let i = fields.findIndex(isList); i >= 0 && i < fields.length;) {
    const end = fields.findIndex((one, at) => at > i && one.indent === 0 && !isList(one));
    const inner = fields.slice(i + 1, end < 0 ? fields.length : end);
    const heads = inner.flatMap((one, at) => (one.indent === 2 && one.value === '' ? [at] : []));
    for (const [n, at] of heads.entries()) {
      const told = containerPoint(inner.slice(at, heads[n + 1] ?? inner.length), owner);
      if (told) points.push(told);
    }
    i = -1;
  }
  return points;
}

function containerPoint(fields: readonly Field[], owner: string): FormatPoint | undefined {
  const at = (key: string): number => fields.findIndex((one) => one.key === key && one.indent === 4);
  const stateWords = (key: string): string => {
    const from = at(key);
    if (from < 0 || fields[from]!.value === '') return '';
    const details: string[] = [];
    for (let i = from + 1; i < fields.length && fields[i]!.indent > 4; i++)
      if (/^(?:Reason|Message|Exit Code|Signal)$/.test(fields[i]!.key))
        details.push(`${fields[i]!.key.toLowerCase()} ${fields[i]!.value}`);
    return `${fields[from]!.value}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
  };
  const [state, last] = [stateWords('State'), stateWords('Last State')];
  const restarts = Number(fields[at('Restart Count')]?.value ?? 0);
  const ready = fields[at('Ready')]?.value;
  const isWell =
    /^Running|^Terminated \(reason Completed/.test(state) &&
    restarts === 0 &&
    (ready !== 'False' || state.startsWith('Terminated'));
  if (state === '') return undefined;
  const image = fields[at('Image')];
  if (isWell)
    return point(
      [
        'Container ',
        { code: fields[0]!.key },
        ': ',
        { code: state },
        ...(image ? [', image ', { code: image.value }] : []),
      ],
      fields[0]!.line,
      { endLine: fields.at(-1)!.line, section: 'Containers', weight: 2 },
    );
  const words: Words = [
    'Container ',
    { code: fields[0]!.key },
    ` of ${owner}: `,
    { code: state },
    last === '' ? '' : ', before ',
    ...(last === '' ? [] : [{ code: last }]),
    ready === 'False' ? ', not ready' : '',
    restarts > 0 ? `, ${plural(restarts, 'restart')}` : '',
  ];
  return point(words, fields[0]!.line, { endLine: fields.at(-1)!.line, section: 'Not well', weight: 7 });
}

function conditionPoints(lines: readonly string[], from: number, to: number, owner: string): FormatPoint[] {
  const head = lines.slice(from, to).findIndex((line) => /^Conditions:/.test(line));
  if (head < 0) return [];
  const points: FormatPoint[] = [];
  for (let i = from + head + 1; i < to && /^\s/.test(lines[i]!); i++) {
    const found = /^\s+(\w+)\s+(True|False|Unknown)\b(.*)$/.exec(lines[i]!);
    if (!found) continue;
    const isBadWhenTrue = /Pressure$|Unavailable$|Failure$|^Failed$|Stalled/.test(found[1]!);
    if ((found[2] === 'True') !== isBadWhenTrue) continue;
    points.push(
      point(
        [
          `${owner}: condition `,
          { code: found[1]! },
          ` is ${found[2]!.toLowerCase()}`,
          ...(found[3]!.trim() === '' ? [] : [' (', { code: found[3]!.trim().replace(/\s{2,}/g, ' ') }, ')']),
        ],
        i + 1,
        {
          section: 'Not well',
          weight: 5,
        },
      ),
    );
  }
  return points;
}

function eventPoints(lines: readonly string[], from: number, to: number, owner: string): FormatPoint[] {
  const head = lines.slice(from, to).findIndex((line) => /^Events:/.test(line));
  if (head < 0) return [];
  const points: FormatPoint[] = [];
  let normal = 0;
  for (let i = from + head + 1; i < to; i++) {
    const found = /^\s+(Normal|Warning)\s+(\S+)\s+(\S+(?: \(x\d+ over [^)]+\))?)\s+(.*)$/.exec(lines[i]!);
    if (found?.[1] === 'Normal') normal++;
    if (found?.[1] !== 'Warning') continue;
    const message = found[4]!.replace(/^\S+(?:, \S+)?\s{2,}/, '');
    points.push(
      point([{ code: found[2]! }, ` ${found[3]}: `, { code: message }], i + 1, { section: 'Warnings', weight: 5 }),
    );
  }
  if (normal > 0)
    points.push(
      point([`${plural(normal, 'normal event')} of ${owner}.`], from + head + 1, { section: 'Events', weight: 1 }),
    );
  return points;
}
