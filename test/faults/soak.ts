/**
 * Many short runs one after another, each with faults at random (seeded), in one process: nothing may stay behind.
 *   node test/faults/soak.ts [RUNS] [SEED]
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { realClock } from '../../src/host/clock.ts';
import { createScheduler } from '../../src/engine/schedule/scheduler.ts';
import { pick, seeded } from '../support/random.ts';
import { startProvider, type Fault } from '../support/provider/index.ts';
import { documentWith } from './document.ts';
import { fastClock } from './fastClock.ts';
import { checkNothingLost, playOn } from './play.ts';
import { rows, wires } from './table.ts';

export interface Soaked {
  readonly runs: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Bytes after garbage collection, after a fifth of the runs and after all. */
  readonly heapBefore: number;
  readonly heapAfter: number;
  readonly seconds: number;
  /** What keeps the process alive, by kind, that was not there before. */
  readonly left: readonly string[];
}

/** Faults whose waits are short; the long ones have their own tests. */
const faults = rows.filter(({ fault }) => fault.retryAfter !== 90 && !fault.kind.startsWith('stall'));

export async function soak(runs: number, seed: number): Promise<Soaked> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = async (): Promise<number> => {
    for (let i = 0; i < 3; i++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().heapUsed;
  };
  const random = seeded(seed);
  const short = await documentWith(5_000, 4);
  const long = await documentWith(24_000, 8);
  const before = process.getActiveResourcesInfo();
  const provider = await startProvider({ flavour: 'compatible' });
  const clock = fastClock(200);
  const limits = { concurrency: 4, maxRetries: 5, requestTimeoutMs: 60_000, firstTokenTimeoutMs: 60_000, hedge: true };
  const scheduler = createScheduler(limits, { clock, random: seeded(seed + 1) });
  const statuses: Record<string, number> = {};
  const began = realClock.now();
  let heapBefore = 0;
  try {
    for (let i = 0; i < runs; i++) {
      if (i === Math.floor(runs / 5)) heapBefore = await heap();
      const document = random() < 0.5 ? short : long;
      const fault: Fault = { ...pick(random, faults).fault, at: 1 + Math.floor(random() * 4), times: 1 };
      provider.reset({ faults: random() < 0.7 ? [fault] : [] });
      // settings that change let an account that failed for good be tried again, as each run of the extension does
      scheduler.configure(limits);
      const abort = new AbortController();
      const timer = random() < 0.1 ? setTimeout(() => abort.abort(), random() * 20) : undefined;
      const setup = { document, window: 4_096, wire: 'chat', clock, scheduler, signal: abort.signal } as const;
      const played = await playOn(provider, setup, { provider: wires.chat.provider, model: 'm' });
      clearTimeout(timer);
      checkNothingLost(setup, played);
      const status = played.result?.status ?? 'failed';
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
  } finally {
    await provider.close();
  }
  const heapAfter = await heap();
  const left = [...process.getActiveResourcesInfo()];
  for (const one of before) if (left.includes(one)) left.splice(left.indexOf(one), 1);
  const seconds = (realClock.now() - began) / 1000;
  return { runs, statuses, heapBefore, heapAfter, seconds, left };
}

if (import.meta.main) {
  const [count = '1000', seed = '1'] = process.argv.slice(2);
  const { heapBefore, heapAfter, left, ...told } = await soak(Number(count), Number(seed));
  const growth = heapAfter / heapBefore - 1;
  console.log(JSON.stringify(told));
  console.log(
    `heap ${(heapBefore / 1e6).toFixed(1)} → ${(heapAfter / 1e6).toFixed(1)} MB (${(growth * 100).toFixed(1)} %)`,
  );
  console.log(`left behind: ${left.join(', ') || 'nothing'}`);
  process.exitCode = growth > 0.1 || left.some((one) => one !== 'TCPSocketWrap') ? 1 : 0;
}
