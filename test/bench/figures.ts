/** The bench's figures, each from runs of its own. A figure that falls short is a row like the others. */
import { prepare } from '../../src/engine/read/prepare.ts';
import { fold } from '../../src/engine/read/fold/index.ts';
import { setImmediate as breathe } from 'node:timers/promises';
import { code, log, prose } from '../support/corpus.ts';
import { integer, seeded } from '../support/random.ts';
import type { LatencyOptions } from '../support/provider/index.ts';
import { allAtOnce, equalPieces, sequential } from './baselines.ts';
import { bound, drawnMs, law, median, serialMs, sum, type Bound } from './law.ts';
import { edited, proseOf } from './documents.ts';
import type { Server } from './server.ts';
import { memoryCache } from './memoryCache.ts';
import { measure, newSubject, type Measured } from './subject.ts';
import { wire } from './wire.ts';

export interface Row {
  readonly what: string;
  readonly target: string;
  readonly value: string;
  readonly met: boolean | undefined;
}

export interface Bench {
  readonly server: Server;
  readonly rows: Row[];
  /** Memory that the simulated provider's thread took when it started: in this process, but not of the extension. */
  readonly providerBytes: number;
  /** Longest pause of any run, and in which. */
  readonly pause: { ms: number; in: string };
  say(line: string): void;
}

export interface Figure {
  readonly name: string;
  run(bench: Bench): Promise<void>;
}

const window = 32_000;
/** 24,000 tokens as the engine counts prose, in the server's. */
const largest = 30_000;

function least(bench: Bench, what: string, value: number, target: number, unit = ''): void {
  bench.rows.push({ what, target: `≥ ${target}${unit}`, value: `${round(value)}${unit}`, met: value >= target });
}
function most(bench: Bench, what: string, value: number, target: number, unit = ''): void {
  bench.rows.push({ what, target: `≤ ${target}${unit}`, value: `${round(value)}${unit}`, met: value <= target });
}
function note(bench: Bench, what: string, value: string): void {
  bench.rows.push({ what, target: '', value, met: undefined });
}
const round = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3));

interface Played {
  readonly measured: Measured;
  readonly bound: Bound;
  readonly serialMs: number;
  readonly drawnMs: number;
  readonly mapCalls: number;
  readonly sentTokens: number;
  readonly textTokens: number;
}

async function play(
  bench: Bench,
  title: string,
  text: string,
  {
    latency = law,
    lanes = 8,
    contextWindow = window,
    ...more
  }: {
    latency?: LatencyOptions;
    lanes?: number;
    contextWindow?: number;
    chunkTokens?: number;
    length?: 'brief' | 'standard';
  } = {},
): Promise<Played> {
  await bench.server.reset({ latency, contextWindow });
  const subject = await newSubject(bench.server.url, { window: contextWindow, lanes });
  const measured = await measure(subject, text, `${title}.txt`, more);
  const { calls } = await bench.server.calls();
  notePause(bench, title, measured);
  const mapCalls = calls.filter((call) => call.stage === 'map').length;
  const least = mapCalls === 0 ? { wallMs: NaN, firstTokenMs: NaN, calls: 0 } : bound(calls, lanes, largest);
  const sentTokens = sum(calls, (call) => call.promptTokens);
  bench.say(
    `${title}: ${round(measured.wallMs / 1000)} s, ${calls.length} calls, bound ${round(least.wallMs / 1000)} s`,
  );
  return {
    measured,
    bound: least,
    serialMs: serialMs(calls),
    drawnMs: drawnMs(calls, lanes),
    mapCalls,
    sentTokens,
    textTokens: Buffer.byteLength(text) / 4,
  };
}

function notePause(bench: Bench, title: string, measured: Measured): void {
  if (measured.longestPauseMs > bench.pause.ms) Object.assign(bench.pause, { ms: measured.longestPauseMs, in: title });
}

const calm: Figure = {
  name: 'calm',
  async run(bench) {
    const text = proseOf(120_000);
    const { measured, bound: least_, serialMs: serial, sentTokens, textTokens } = await play(bench, '120k', text);
    most(bench, 'wall time ÷ least possible, 120k prose, 8 lanes', measured.wallMs / least_.wallMs, 1.05);
    most(bench, 'first token of the summary ÷ its bound', measured.firstTokenMs / least_.firstTokenMs, 1.08);
    most(bench, 'input tokens sent ÷ tokens of the document', sentTokens / textTokens, 1.1);
    const { estimate } = measured.plan;
    const { usage } = measured.result;
    const off = (told: number, was: number): number => Math.abs(told - was) / was;
    most(bench, 'estimate off in calls', off(estimate.calls, usage.calls), 0.15);
    most(
      bench,
      'estimate off in tokens',
      off(estimate.inputTokens + estimate.outputTokens, usage.inputTokens + usage.outputTokens),
      0.15,
    );
    most(bench, 'estimate off in time (nothing learned yet)', off(estimate.seconds * 1000, measured.wallMs), 0.3);
    note(
      bench,
      '120k: citations, words of the summary',
      `${measured.citations}, ${measured.result.markdown.split(/\s+/).length}`,
    );
    await bench.server.reset({ latency: law, contextWindow: window });
    const pieces = equalPieces(text, 15_000);
    const together = await allAtOnce(bench.server.url, pieces);
    note(bench, 'Promise.all over equal chunks, 120k ÷ least possible', round(together / least_.wallMs));
    const one = await sequential(bench.server.url, pieces);
    note(bench, 'the same pieces one after the other ÷ least possible', round(one / least_.wallMs));
    least(bench, 'speed over the same packs one after the other, 120k, 8 lanes', serial / measured.wallMs, 3.6, ' ×');
  },
};

const seeds = [1, 2, 3, 4, 5];

const jitter: Figure = {
  name: 'jitter',
  async run(bench) {
    const ratios: number[] = [];
    const drawn: number[] = [];
    for (const seed of seeds) {
      const played = await play(bench, `jitter ${seed}`, proseOf(120_000), { latency: { ...law, jitter: 0.15, seed } });
      ratios.push(played.measured.wallMs / played.bound.wallMs);
      drawn.push(played.measured.wallMs / played.drawnMs);
    }
    note(bench, 'jitter: ÷ the least that its own draws allow, median', round(median(drawn)));
    most(bench, 'the same with jitter 0.15, median of 5', median(ratios), 1.15);
    note(bench, 'jitter: the five', ratios.map(round).join(', '));
  },
};

const stragglers: Figure = {
  name: 'stragglers',
  async run(bench) {
    const ratios: number[] = [];
    const others: number[] = [];
    for (const seed of seeds) {
      const latency = { ...law, stragglers: { share: 0.1, factor: 6 }, seed };
      const played = await play(bench, `stragglers ${seed}`, proseOf(120_000), { latency });
      ratios.push(played.measured.wallMs / played.bound.wallMs);
      await bench.server.reset({ latency, contextWindow: window });
      others.push((await allAtOnce(bench.server.url, equalPieces(proseOf(120_000), 15_000))) / played.bound.wallMs);
    }
    most(bench, 'one call in ten six times slower, median of 5, ÷ bound without', median(ratios), 1.35);
    note(bench, 'stragglers: the five', ratios.map(round).join(', '));
    note(bench, 'stragglers: Promise.all over equal chunks, the five', others.map(round).join(', '));
  },
};

const firstWords: Figure = {
  name: 'first-words',
  async run(bench) {
    let slowest = 0;
    for (const tokens of [30_000, 60_000, 120_000, 300_000]) {
      const { measured } = await play(bench, `first words ${tokens}`, proseOf(tokens));
      slowest = Math.max(slowest, measured.firstWordsMs);
    }
    most(bench, 'first words on the screen, 30k to 300k, real time', slowest / 1000, 2.5, ' s');
  },
};

const brief: Figure = {
  name: 'brief',
  async run(bench) {
    const { measured } = await play(bench, 'brief', proseOf(30_000), { length: 'brief', contextWindow: 128_000 });
    most(bench, 'a brief summary of 30k tokens, real time', measured.wallMs / 1000, 5, ' s');
    note(
      bench,
      'brief: words, strategy',
      `${measured.result.markdown.split(/\s+/).length}, ${measured.result.strategy}`,
    );
  },
};

const million: Figure = {
  name: 'million',
  async run(bench) {
    const text = proseOf(1_000_000);
    const eight = await play(bench, 'million, 8 lanes', text);
    least(
      bench,
      'speed over the same packs one after the other, 1M, 8 lanes',
      eight.serialMs / eight.measured.wallMs,
      6,
      ' ×',
    );
    note(bench, '1M, 8 lanes: wall ÷ least possible', round(eight.measured.wallMs / eight.bound.wallMs));
    note(bench, '1M: input tokens sent ÷ tokens of the document', round(eight.sentTokens / eight.textTokens));
    const wide = await play(bench, '64 packs, 16 lanes', text, { lanes: 16, chunkTokens: 13_600 });
    least(bench, `speed with 16 lanes, ${wide.mapCalls} packs`, wide.serialMs / wide.measured.wallMs, 10, ' ×');
  },
};

const rate: Figure = {
  name: 'rate',
  async run(bench) {
    const perMinute = 400_000;
    await bench.server.reset({ latency: law, contextWindow: window, rate: { tokensPerMinute: perMinute } });
    const subject = await newSubject(bench.server.url, { window });
    const measured = await measure(subject, proseOf(700_000), 'rate.txt');
    notePause(bench, 'rate', measured);
    const { calls } = await bench.server.calls();
    const refused = calls.filter((call) => call.status === 429).length;
    // The reduce reads few tokens: the budget binds until the last map call was sent.
    const sent = calls.filter((call) => call.status === 200 && call.stage === 'map');
    const last = Math.max(...sent.map((call) => call.startedAt));
    const first = Math.min(...sent.map((call) => call.startedAt));
    const outputs = sum(
      sent.filter((call) => (call.endedAt ?? Infinity) <= last),
      (call) => call.outputTokens,
    );
    const possible = perMinute + (perMinute * (last - first)) / 60_000;
    const used = sum(sent, (call) => call.promptTokens) + outputs;
    least(bench, 'share of a tokens-a-minute budget that is used', (used / possible) * 100, 95, ' %');
    most(bench, 'answers of 429 on the way', refused, 2);
    bench.say(`rate: ${round(measured.wallMs / 1000)} s, ${calls.length} calls, ${refused} refused`);
  },
};

const edits: Figure = {
  name: 'edits',
  async run(bench) {
    for (const [tokens, target] of [
      [120_000, 5],
      [1_000_000, 2],
    ] as const) {
      await bench.server.reset({ contextWindow: window });
      const cache = memoryCache();
      const text = proseOf(tokens);
      const subject = await newSubject(bench.server.url, { window, cache });
      await measure(subject, text, 'edited.txt');
      const random = seeded(tokens);
      let again = 0;
      const places = 20;
      for (let place = 0; place < places; place++) {
        await bench.server.reset({ contextWindow: window });
        const changed = edited(text, integer(random, 0, text.length - 1), place);
        const measured = await measure(subject, changed, 'edited.txt');
        notePause(bench, `edit of ${tokens}`, measured);
        again += sum((await bench.server.calls()).calls, (call) => call.promptTokens);
      }
      const share = (100 * again) / places / (Buffer.byteLength(text) / 4);
      most(bench, `sent again after a one-line edit, mean of 20, ${tokens / 1000}k tokens`, share, target, ' %');
      bench.say(`edits of ${tokens}: ${round(share)} %`);
    }
  },
};

const splitting: Figure = {
  name: 'split',
  async run(bench) {
    const documents = {
      'prose.txt': prose,
      'server.log': log,
      'main.ts': (seed: number, size: number) => code(seed, size),
    };
    for (const [title, make] of Object.entries(documents)) {
      const text = make(3, 8_000_000);
      let best = 0;
      for (let turn = 0; turn < 3; turn++) {
        const before = process.threadCpuUsage();
        const prepared = await prepare(
          { title, startLine: 1, text },
          { fold, yield: () => breathe() },
          new AbortController().signal,
        );
        if (prepared.chunks.length === 0) throw new Error(`${title} gave no chunks`);
        const { user, system } = process.threadCpuUsage(before);
        best = Math.max(best, text.length / (user + system));
      }
      least(bench, `splitting ${title} (route, fold and split), of the thread's time`, best, 20, ' MB/s');
    }
  },
};

const huge: Figure = {
  name: 'huge',
  async run(bench) {
    await bench.server.reset({ contextWindow: window });
    const subject = await newSubject(bench.server.url, { window });
    const piece = log(9, 1_000_000);
    const text = async function* (): AsyncIterable<string> {
      for (let at = 0; at < 100; at++) {
        yield piece.replaceAll(
          /\b(\d{2}):(\d{2}):/g,
          (_, hour: string) => `${hour}:${String(at % 60).padStart(2, '0')}:`,
        );
        await breathe();
      }
    };
    const before = process.memoryUsage.rss();
    let peak = before;
    const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 50);
    const measured = await measure(subject, text, 'huge.log');
    clearInterval(watch);
    notePause(bench, '100 MB of log', measured);
    most(
      bench,
      "100 MB of log: resident memory, the provider's thread not counted",
      (peak - bench.providerBytes) / 1e6,
      400,
      ' MB',
    );
    note(bench, '100 MB of log: of it before', `${round(before / 1e6)} MB`);
    note(
      bench,
      '100 MB of log: seconds with a server that answers at once, calls',
      `${round(measured.wallMs / 1000)}, ${measured.result.usage.calls}`,
    );
  },
};

/** The one of memory first, before others have filled it. */
export const figures: readonly Figure[] = [
  huge,
  calm,
  jitter,
  stragglers,
  firstWords,
  brief,
  rate,
  edits,
  million,
  wire,
  splitting,
];
