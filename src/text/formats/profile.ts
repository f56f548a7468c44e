/** Reads profiles (V8's `.cpuprofile`, tables of `pprof -top`): time by function. */
import type { Words } from '../../engine/source.ts';
import { duration, plural, point, pointLines, sourceLines, splitLines, type Format } from './format.ts';
import { asList, asObject, asText, parseJson, type Json } from './json.ts';

const maxFunctions = 60;

interface Frame {
  readonly name: string;
  self: number;
  total: number;
  readonly line: number;
}

/** V8's `.cpuprofile`. */
export const cpuProfile: Format = {
  id: 'cpuprofile',
  accepts: ({ text }) =>
    /^\ufeff?\s*\{/.test(text) && /"(?:callFrame|functionName)"\s*:/.test(text) && /"(?:nodes|head)"\s*:/.test(text),
  read(text) {
    const json = parseJson(text);
    const top = asObject(json?.value);
    const old = flatten(asObject(top?.['head']));
    const nodes = old.length > 0 ? old : asList(top?.['nodes']).map(asObject);
    const stamps = asList(top?.['timestamps']);
    const isStamped = old.length > 0 && stamps.length > 1;
    const [start, end] = isStamped ? [stamps[0], stamps.at(-1)] : [top?.['startTime'], top?.['endTime']];
    if (!json || !top || nodes.length === 0 || nodes.some((node) => !node || typeof node['id'] !== 'number'))
      return undefined;
    if (typeof start !== 'number' || typeof end !== 'number' || end <= start) return undefined;
    const times = selfTimes(top, nodes as Json[]);
    if (!times) return undefined;
    const frames = listFrames(nodes as Json[], times, json.lineOf);
    const seconds = (end - start) / (old.length > 0 && !isStamped ? 1 : 1_000_000);
    const sum = [...times.values()].reduce((all, one) => all + one, 0);
    const share = (value: number): string => `${((100 * value) / sum).toFixed(1)} %`;
    const idle = frames.filter(({ name }) => name === '(idle)').reduce((all, { self }) => all + self, 0);
    const busy = frames.filter(({ name }) => !/^\((?:idle|root)\)$/.test(name));
    const bySelf = busy.toSorted((a, b) => b.self - a.self).filter(({ self }) => self > 0);
    const byTotal = busy.toSorted((a, b) => b.total - a.total).filter(({ name }) => !name.startsWith('('));
    const told = (frame: Frame, key: 'self' | 'total'): Words => [{ code: frame.name }, `: ${share(frame[key])}`];
    const points = [
      point(
        [
          `CPU profile of ${duration(seconds)}, ${plural(asList(top['samples']).length, 'sample')}${idle > 0 ? `, idle ${share(idle)}` : ''}.`,
        ],
        1,
        { weight: 10 },
      ),
      ...bySelf
        .slice(0, 10)
        .map((frame) => point(told(frame, 'self'), frame.line, { section: 'Time in the function itself', weight: 4 })),
      ...byTotal
        .slice(0, 8)
        .map((frame) => point(told(frame, 'total'), frame.line, { section: 'Time with what it calls', weight: 3 })),
    ];
    const rest = bySelf.slice(10, maxFunctions).map((frame) => ({
      text: `${frame.name}: ${share(frame.self)} itself, ${share(frame.total)} with what it calls`,
      line: frame.line,
    }));
    const more = bySelf.slice(maxFunctions);
    return {
      kind: 'table',
      points,
      lines: [
        ...pointLines(points),
        ...rest,
        ...(more.length > 0
          ? [
              {
                text: `${plural(more.length, 'more function')}: ${share(more.reduce((all, { self }) => all + self, 0))}`,
                line: more[0]!.line,
              },
            ]
          : []),
      ],
    };
  },
};

/** Converts the tree of versions before 2017 to the list of later ones. */
function flatten(head: Json | undefined): Json[] {
  const nodes: Json[] = [];
  const open = head ? [head] : [];
  for (let node = open.pop(); node; node = open.pop()) {
    const children = asList(node['children'])
      .map(asObject)
      .filter((child) => child !== undefined);
    open.push(...children);
    nodes.push({ id: node['id'], hitCount: node['hitCount'], callFrame: node, children: children.map(({ id }) => id) });
  }
  return nodes;
}

/** Microseconds by node, or hits if a profile has no samples; undefined without either. */
function selfTimes(top: Json, nodes: readonly Json[]): Map<number, number> | undefined {
  const times = new Map<number, number>();
  const samples = asList(top['samples']);
  const deltas = asList(top['timeDeltas']);
  const add = (id: unknown, value: unknown): void => {
    if (typeof id === 'number' && typeof value === 'number') times.set(id, (times.get(id) ?? 0) + Math.max(0, value));
  };
  if (samples.length > 0 && deltas.length === samples.length) samples.forEach((id, i) => add(id, deltas[i + 1] ?? 0));
  else nodes.forEach((node) => add(node['id'], node['hitCount']));
  return [...times.values()].some((time) => time > 0) ? times : undefined;
}

function listFrames(
  nodes: readonly Json[],
  times: ReadonlyMap<number, number>,
  lineOf: (node: object) => number,
): Frame[] {
  const byId = new Map(nodes.map((node) => [node['id'] as number, node]));
  const names = new Map(nodes.map((node) => [node['id'] as number, formatFrame(asObject(node['callFrame']))]));
  const frames = new Map<string, Frame>();
  const children = new Set(nodes.flatMap((node) => asList(node['children'])));
  const roots = nodes.filter((node) => !children.has(node['id'])).map((node) => node['id'] as number);
  const totals = new Map<number, number>();
  // visited after its children; a recursive function counts once, at its outermost frame
  const stack: { id: number; open: readonly string[]; isLeaving: boolean }[] = roots.map((id) => ({
    id,
    open: [],
    isLeaving: false,
  }));
  while (stack.length > 0) {
    const { id, open, isLeaving } = stack.pop()!;
    const node = byId.get(id);
    if (!node) continue;
    const name = names.get(id)!;
    const inner = asList(node['children']).filter((child): child is number => typeof child === 'number');
    if (!isLeaving) {
      stack.push({ id, open, isLeaving: true });
      for (const child of inner)
        stack.push({ id: child, open: open.includes(name) ? open : [...open, name], isLeaving: false });
      continue;
    }
    const self = times.get(id) ?? 0;
    const total = self + inner.reduce((all, child) => all + (totals.get(child) ?? 0), 0);
    totals.set(id, total);
    const frame = frames.get(name) ?? { name, self: 0, total: 0, line: lineOf(node) };
    frame.self += self;
    if (!open.includes(name)) frame.total += total;
    frames.set(name, frame);
  }
  return [...frames.values()];
}

function formatFrame(frame: Json | undefined): string {
  const name = asText(frame?.['functionName']) || '(anonymous)';
  const url = asText(frame?.['url']);
  const line = frame?.['lineNumber'];
  return url === ''
    ? name
    : `${name} (${url
        .replace(/^file:\/\//, '')
        .split('/')
        .slice(-2)
        .join('/')}${typeof line === 'number' && line >= 0 ? `:${line + 1}` : ''})`;
}

const header = /^\s*flat\s+flat%\s+sum%\s+cum\s+cum%\s*$/;
const row = /^\s*(\S+)\s+([\d.]+)%\s+([\d.]+)%\s+(\S+)\s+([\d.]+)%\s+(\S.*)$/;

/** Table of `go tool pprof -top`. */
export const pprof: Format = {
  id: 'pprof',
  accepts({ text }) {
    const lines = text.split('\n', 400);
    const at = lines.findIndex((line) => header.test(line));
    const following = lines.slice(at + 1, -1).filter((line) => line.trim() !== '');
    return at >= 0 && at < 20 && following.filter((line) => row.test(line)).length * 10 >= following.length * 8;
  },
  read(text) {
    const lines = splitLines(text);
    const at = lines.findIndex((line) => header.test(line));
    const rows = lines.slice(at + 1).flatMap((line, i) => {
      const found = row.exec(line);
      return found
        ? [
            {
              flat: found[1]!,
              share: Number(found[2]),
              cum: found[4]!,
              cumShare: Number(found[5]),
              name: found[6]!.trim(),
              line: at + i + 2,
            },
          ]
        : [];
    });
    if (rows.length === 0) return undefined;
    const head = lines
      .slice(0, at)
      .filter(
        (line) =>
          /^(?:File|Type|Time|Duration|Showing|Dropped|Build ID): ?|^Showing|^Dropped/.test(line) &&
          !/^Build/.test(line),
      );
    const points = [
      point([head.map((line) => line.trim()).join('; ') || `Profile of ${plural(rows.length, 'function')}`, '.'], 1, {
        weight: 10,
        endLine: Math.max(1, at),
      }),
      ...rows
        .toSorted((a, b) => b.share - a.share)
        .slice(0, 10)
        .filter(({ share }) => share > 0)
        .map(({ name, flat, share, line }) =>
          point([{ code: name }, `: ${flat} (${share} %)`], line, {
            section: 'Time in the function itself',
            weight: 4,
          }),
        ),
      ...rows
        .toSorted((a, b) => b.cumShare - a.cumShare)
        .slice(0, 8)
        .map(({ name, cum, cumShare, line }) =>
          point([{ code: name }, `: ${cum} (${cumShare} %)`], line, { section: 'Time with what it calls', weight: 3 }),
        ),
    ];
    return { kind: 'table', points, lines: [...pointLines(points), ...sourceLines(lines, 1, lines.length)] };
  },
};
