import assert from 'node:assert/strict';
import type { SummaryResult } from '../../src/engine/events.ts';
import { documentWith, type Document } from './document.ts';
import { long } from '../support/long.ts';
import { checkNothingLost, inParallel, play, waits, type Play, type Played } from './play.ts';
import { rows, wireNames, type Row, type WireName } from './table.ts';

type Place = 'single' | 'map' | 'collapse' | 'reduce';

/** Calls at a time. */
const lanes = 4;

interface Case {
  readonly row: Row;
  readonly wire: WireName;
  readonly place: Place;
  readonly at: number;
  readonly times: number;
}

const stageOf = (place: Place): Exclude<Place, 'single'> => (place === 'single' ? 'reduce' : place);
const named = ({ wire, place, at, times }: Case): string =>
  `${wire}, ${place} ${at}, ${times === Infinity ? 'for good' : 'once'}`;

/** Rows whose names match; all without it. */
const only = new RegExp(process.env['PRECIS_FAULTS'] ?? '');
const chosen = rows.filter((row) => only.test(row.name));

/** What closes the gate or opens the circuit is waited for, minutes in all when it lasts. */
const slow: ReadonlySet<string> = new Set([
  'status',
  'rate-limit',
  'reset-before-headers',
  'other-protocol',
  'proxy-auth',
]);
const stalls: ReadonlySet<string> = new Set(['stall-before-headers', 'stall-midway']);

/** Virtual seconds in a real one: where there is nothing to wait for the clock is the machine's, and every call can be counted. */
function paceOf({ row, times }: Case): number {
  if (row.nature !== 'passing') return 1;
  if (row.fault.retryAfter === 90) return 40;
  return slow.has(row.fault.kind) && times === Infinity ? 40 : 8;
}

interface Text {
  readonly document: Document;
  readonly window: number;
  /** Calls of a run without faults. */
  readonly calls: Readonly<Record<string, number>>;
  readonly total: number;
  readonly chunks: number;
}

describe('a fault at every call', function () {
  this.timeout(120_000);
  const texts = new Map<string, Text>();
  const textOf = ({ wire, place }: Pick<Case, 'wire' | 'place'>): Text => texts.get(`${wire} ${place}`) as Text;
  const problems = new Map<Row, string[]>(chosen.map((row) => [row, []]));
  const done = new Map<Row, Promise<void>>();

  before(async () => {
    const small = await documentWith(60_000, 16);
    const single = await documentWith(5_000, 4);
    const set = async (wire: WireName, place: Place, document: Document, window: number): Promise<void> => {
      const base = await play({ document, window, wire });
      assert.deepEqual([base.found.length, base.result?.status], [document.facts.length, 'complete']);
      const planned = base.events.find((event) => event.type === 'plan');
      const chunks = planned?.chunks.length ?? 0;
      texts.set(`${wire} ${place}`, { document, window, calls: base.calls, total: base.total, chunks });
    };
    for (const wire of wireNames) {
      await set(wire, 'single', single, 32_768);
      await set(wire, 'map', small, 4_096);
      await set(wire, 'reduce', small, 4_096);
      await set(wire, 'collapse', small, 1_500);
    }
    startAll();
  });

  /** All at once, the ones that wait longest first: most of the time is waiting. */
  function startAll(): void {
    const left = new Map<Row, { count: number; ready: () => void }>();
    const all = chosen.flatMap(casesOf).sort((a, b) => paceOf(b) - paceOf(a));
    for (const row of chosen) {
      let ready!: () => void;
      done.set(row, new Promise<void>((resolve) => (ready = resolve)));
      left.set(row, { count: all.filter((one) => one.row === row).length, ready });
    }
    void inParallel(all, 16, async (one) => {
      await check(one).catch((error: unknown) =>
        problems.get(one.row)?.push(`${named(one)}: ${error instanceof Error ? error.message : String(error)}`),
      );
      const state = left.get(one.row);
      if (state && --state.count === 0) state.ready();
    });
  }

  function casesOf(row: Row): Case[] {
    const places: Place[] = ['single', 'map', 'collapse', 'reduce'];
    return (row.wires ?? wireNames).flatMap((wire) =>
      // Where a fault comes is the engine's matter, not the wire's: every stage on one wire, two stages on each.
      (wire === 'chat' || long ? places : places.slice(0, 2)).flatMap((place) => {
        const count = textOf({ wire, place }).calls[stageOf(place)] ?? 0;
        assert.ok(count > 0, `${wire} ${place} has calls`);
        const every = wire === 'chat' ? callsOf(count) : [1];
        const once = row.nature === 'harmless' ? [] : every.map((at) => ({ row, wire, place, at, times: 1 }));
        const middle = wire === 'chat' && row.nature !== 'harmless' ? Math.ceil(count / 2) : 1;
        return [...once, { row, wire, place, at: middle, times: Infinity }];
      }),
    );
  }

  /** All calls of a stage, by number from 1; the first, second, middle and last where time is short. */
  function callsOf(count: number): number[] {
    const all = Array.from({ length: count }, (_, i) => i + 1);
    return long ? all : all.filter((at) => at <= 2 || at === Math.ceil(count / 2) || at === count);
  }

  async function check(one: Case): Promise<void> {
    const text = textOf(one);
    const factor = paceOf(one);
    const setup: Play = {
      ...text,
      wire: one.wire,
      faults: [{ ...one.row.fault, stage: stageOf(one.place), at: one.at, times: one.times }],
      idleMs: stalls.has(one.row.fault.kind) ? 8_000 : 120_000,
      factor,
    };
    const played = await play(setup);
    assert.ok(played.hits > 0, 'the fault was played');
    checkNothingLost(setup, played);
    if (factor === 1) assert.equal(played.paidTwice, 0, 'nothing that was answered is asked again');
    if (one.row.nature === 'harmless') checkUnnoticed(played, text);
    else if (one.times === 1) checkOnce(one, played, text);
    else checkForGood(one, played, text);
  }

  function checkUnnoticed(played: Played, { document, total }: Text): void {
    // On a busy machine a stream may count as too slow; then the run says that it asked again.
    const needed = total + (played.result?.usage.retries ?? 0);
    assert.deepEqual(
      [played.result?.status, played.found.length, played.total],
      ['complete', document.facts.length, needed],
    );
  }

  function checkOnce({ row }: Case, played: Played, { document, total }: Text): void {
    if (row.nature === 'passing') {
      assert.deepEqual([played.error?.message, played.result?.status], [undefined, 'complete']);
      assert.equal(played.found.length, document.facts.length, 'all facts are there');
    }
    // A window that was believed and is not there makes a single call into many.
    if (row.nature !== 'window') assert.ok(played.total <= total + 4, `${played.total} calls, ${total} needed`);
    if (row.fault.retryAfter === 90) {
      const longest = Math.max(0, ...waits(played));
      assert.ok(longest >= 80_000 && played.virtualMs >= 90_000, `waited ${longest} ms, said and sat out`);
    }
  }

  function checkForGood({ row, at, place }: Case, played: Played, { total, chunks }: Text): void {
    if (row.nature === 'account') {
      const stopped = played.total <= total + lanes && played.hits <= 2 * lanes;
      assert.ok(stopped, `${played.total} calls after a failure that stays, ${played.hits} of them refused`);
      if (place === 'map' && at > 1) assert.ok(played.found.length > 0 && played.cached > 0, 'what was paid is kept');
      checkSaidOnce(played.result?.gaps ?? []);
    }
    // What is refused is asked in halves down to each chunk alone, and what is cut is continued once.
    const alone = chunks * (row.fault.kind === 'length' ? 3 : 2);
    // A limit is waited out for 75 s before its retries count, however short each wait.
    const patience = row.fault.kind === 'rate-limit' ? 5 + Math.ceil(75 / (row.fault.retryAfter ?? 75)) : 0;
    const most = Math.max(total * 6 + 12, total + patience, place === 'map' ? total + alone : 0);
    assert.ok(played.total <= most, `${played.total} calls, ${total} needed, ${chunks} chunks`);
  }

  /** Chunks are read all over the text: what was not read between them is one gap, not one a chunk. */
  function checkSaidOnce(gaps: SummaryResult['gaps']): void {
    assert.ok(new Set(gaps.map(({ reason }) => reason)).size <= 1, 'for one reason');
    gaps.forEach(({ startLine }, i) => {
      const before = gaps[i - 1];
      assert.ok(before === undefined || startLine > before.endLine + 1, 'neighbours are one gap');
    });
  }

  for (const row of chosen)
    it(`${row.name}: recovered or declared`, async () => {
      await done.get(row);
      assert.deepEqual(problems.get(row), []);
    });
});
