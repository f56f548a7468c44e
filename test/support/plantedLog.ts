/** Seeded logs with planted records, and the check that the folded log shows each record at its line. */
import assert from 'node:assert/strict';
import { fold } from '../../src/engine/read/fold/index.ts';
import type { FoldResult } from '../../src/engine/read/fold/types.ts';
import { estimateTokens } from '../../src/engine/tokens.ts';
import { seeded } from './random.ts';

export const yieldToEventLoop = (): Promise<void> => Promise.resolve();
const places = 'harbour mill quarry orchard station chapel market tower bridge garden'.split(' ');
export const names = 'Anna Boris Carla Dimitri Elena Farid Greta Hugo Irene Jonas'.split(' ');
export const things = 'ledger anchor lantern compass barrel saddle kettle violin trowel mirror'.split(' ');

export type Random = () => number;
export const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

export interface Writer {
  line(level: string, component: string, message: string): string;
}
export const text: Writer & { at: number } = {
  at: 0,
  line(level, component, message) {
    const stamp = new Date(Date.UTC(2026, 2, 10) + this.at++ * 137).toISOString();
    return `${stamp} ${level} [worker-${this.at % 16}] com.acme.${component} - ${message}`;
  },
};
export const json: Writer & { at: number } = {
  at: 0,
  line(level, component, message) {
    const time = new Date(Date.UTC(2026, 2, 10) + this.at++ * 137).toISOString();
    return JSON.stringify({ time, level, logger: component, msg: message, pid: 4000 + (this.at % 16) });
  },
};

export function trace(random: Random, head: string, cause: string): string[] {
  return [
    head,
    'java.util.concurrent.TimeoutException: gave up',
    '\tat com.acme.orders.OrderService.place(OrderService.java:142)',
    `\tat com.acme.http.Handler.handle(Handler.java:${pick(random, [77, 81, 93])})`,
    cause,
    '\tat java.base/java.net.Socket.read(Socket.java:981)',
    '\t... 12 more',
  ];
}

function background(random: Random, writer: Writer): string[] {
  const r = random();
  if (r < 0.35)
    return [
      writer.line(
        'INFO',
        'orders.OrderService',
        `order ${Math.floor(random() * 1e6)} placed by ${pick(random, names)} total ${(random() * 200).toFixed(2)} EUR`,
      ),
    ];
  if (r < 0.65)
    return [
      writer.line(
        'INFO',
        'http.Access',
        `GET /orders/${Math.floor(random() * 1e6)} took ${1 + Math.floor(random() * 250)}ms status=${pick(random, ['ok', 'cached', 'moved'])}`,
      ),
    ];
  if (r < 0.9)
    return [
      writer.line(
        'DEBUG',
        'cache.Store',
        `cache ${pick(random, ['hit', 'miss', 'stale'])} for key user:${Math.floor(random() * 1e5)} in region ${pick(random, ['eu', 'us', 'ap'])}`,
      ),
    ];
  if (r < 0.96)
    return [
      writer.line(
        'WARN',
        'db.Pool',
        `pool usage ${50 + Math.floor(random() * 40)}% waiting ${Math.floor(random() * 20)} threads`,
      ),
    ];
  const head = writer.line('ERROR', 'orders.OrderService', `order ${Math.floor(random() * 1e6)} failed`);
  return writer === json ? [head] : trace(random, head, 'Caused by: java.net.SocketException: connection reset');
}

interface Planted {
  readonly line: number;
  readonly needle: string;
}
interface Case {
  readonly lines: string[];
  readonly planted: Planted[];
}

/** A log of at least `units` with twenty planted records at even places. */
function plant(
  units: number,
  seed: number,
  writer: Writer,
  make: (i: number, random: Random) => { lines: string[]; needle: string },
): Case {
  const random = seeded(seed);
  const lines: string[] = [];
  const planted: Planted[] = [];
  let length = 0;
  for (let next = 1; length < units || planted.length < 20;) {
    const due = length > (units * next) / 21 && planted.length < 20;
    const own = due ? make(planted.length, random) : undefined;
    for (const line of own?.lines ?? background(random, writer)) {
      lines.push(line);
      length += line.length + 1;
      if (own && line.includes(own.needle)) planted.push({ line: lines.length, needle: own.needle });
    }
    if (own) next++;
  }
  return { lines, planted };
}

const remark = (i: number, random: Random): string =>
  `ZQ-4711 records that the ${pick(random, things)} of ${pick(random, names)} was moved by ${pick(random, names)} in ${pick(random, places)} mark${String.fromCharCode(97 + i)}x`;

export const kinds: Readonly<
  Record<string, (i: number, random: Random, writer: Writer) => { lines: string[]; needle: string }>
> = {
  'twenty warnings of one rare form': (i, random, writer) => ({
    lines: [writer.line('WARN', 'audit.Trail', remark(i, random))],
    needle: `mark${String.fromCharCode(97 + i)}x`,
  }),
  'records of a form of their own': (i, random, writer) => {
    const word = `${pick(random, things)}q${String.fromCharCode(97 + i)}`;
    const forms = [
      `licence ${word} renewed until next spring`,
      `operator opened ${word} by hand at the ${pick(random, places)} door today`,
      `${word} was seen twice near ${pick(random, places)}`,
    ];
    return {
      lines: [writer.line('INFO', `side.Part${String.fromCharCode(65 + i)}`, forms[i % 3] as string)],
      needle: word,
    };
  },
  'a usual message at another level': (i, random, writer) => ({
    lines: [
      writer.line(
        'ERROR',
        'http.Access',
        `GET /orders/${7_000_001 + i} took ${1 + Math.floor(random() * 250)}ms status=ok`,
      ),
    ],
    needle: String(7_000_001 + i),
  }),
  'a word of its own in a usual message': (i, random, writer) => ({
    lines: [
      writer.line(
        'INFO',
        'orders.OrderService',
        `order ${Math.floor(random() * 1e6)} placed by zzwaltz${String.fromCharCode(97 + i)} total ${(random() * 200).toFixed(2)} EUR`,
      ),
    ],
    needle: `zzwaltz${String.fromCharCode(97 + i)}`,
  }),
  'an outlying number': (i, random, writer) => ({
    lines: [
      writer.line(
        'INFO',
        'http.Access',
        `GET /orders/${Math.floor(random() * 1e6)} took ${900_000 + 1117 * i}ms status=ok`,
      ),
    ],
    needle: `${900_000 + 1117 * i}ms`,
  }),
};

function assertReaches(result: FoldResult, planted: readonly Planted[]): void {
  const lines = result.text.split('\n');
  const missing = planted.filter(
    ({ needle, line }) => !lines.some((own, i) => own.includes(needle) && result.sourceLines[i] === line),
  );
  assert.deepEqual(missing, [], `${20 - missing.length} of 20 in ${lines.length} lines`);
}

/** Folds a log of `units` characters and asserts that all twenty records are shown within `budget` tokens. */
export async function checkPlanted(
  units: number,
  budget: number,
  writer: Writer & { at: number },
  make: (i: number, random: Random, writer: Writer) => { lines: string[]; needle: string },
): Promise<void> {
  writer.at = 0;
  const { lines, planted } = plant(units, 31, writer, (i, random) => make(i, random, writer));
  const result = await fold('log', lines.join('\n'), yieldToEventLoop);
  assert.ok(result);
  assertReaches(result, planted);
  assert.ok(estimateTokens(result.text) <= budget, `${estimateTokens(result.text)} tokens`);
  const unread = (result.gaps ?? []).reduce((sum, gap) => sum + gap.lines, 0);
  const verbatim = new Set(result.sourceLines.filter((line, i) => result.text.split('\n')[i] === lines[line - 1])).size;
  assert.equal(verbatim + result.foldedLines + unread, lines.length, 'every line is shown, folded or a gap');
}
