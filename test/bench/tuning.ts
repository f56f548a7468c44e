/** node test/bench/tuning.ts: what the parameters in RESULTS.md were chosen from, on the virtual clock. */
import { setImmediate as breathe } from 'node:timers/promises';
import { fold } from '../../src/engine/read/fold/index.ts';
import { prepare } from '../../src/engine/read/prepare.ts';
import type { PreparedPart } from '../../src/engine/source.ts';
import { proseOf } from './documents.ts';
import { bound, law, serialMs } from './law.ts';
import { virtualRun } from './virtual.ts';

const seeds = 20;

async function prepared(tokens: number): Promise<PreparedPart> {
  const part = { title: 'prose.txt', startLine: 1, text: proseOf(tokens) };
  return prepare(part, { fold, yield: () => breathe() }, new AbortController().signal);
}

function quantile(values: readonly number[], share: number): string {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN).toFixed(2);
}

const cases = {
  'jitter 0.15': { ...law, jitter: 0.15 },
  'one in ten six times slower': { ...law, stragglers: { share: 0.1, factor: 6 } },
  both: { ...law, jitter: 0.15, stragglers: { share: 0.1, factor: 6 } },
} as const;

async function hedging(): Promise<void> {
  const text = await prepared(120_000);
  console.log('| server | median | 90 % | worst | extra calls |\n| --- | --- | --- | --- | --- |');
  for (const [name, latency] of Object.entries(cases)) {
    {
      const ratios: number[] = [];
      let extra = 0;
      let calls = 0;
      for (let seed = 1; seed <= seeds; seed++) {
        const run = await virtualRun(text, { latency: { ...latency, seed } });
        ratios.push(run.wallMs / bound(run.calls, 8, 24_000).wallMs);
        extra += run.usage.retries;
        calls += run.usage.calls;
      }
      const share = ((100 * extra) / calls).toFixed(0);
      console.log(
        `| ${name} | ${quantile(ratios, 0.5)} | ${quantile(ratios, 0.9)} | ${quantile(ratios, 1)} | ${share} % |`,
      );
    }
  }
}

async function packSizes(): Promise<void> {
  console.log(
    '\n| text | most tokens a pack | map calls | seconds | × one after the other |\n| --- | --- | --- | --- | --- |',
  );
  for (const tokens of [120_000, 1_000_000]) {
    const text = await prepared(tokens);
    for (const chunkTokens of [3_000, 6_000, 12_000, 18_000, 0]) {
      const run = await virtualRun(text, { latency: law, run: { chunkTokens } });
      const maps = run.calls.filter((call) => call.stage === 'map').length;
      const speed = (serialMs(run.calls) / run.wallMs).toFixed(2);
      console.log(
        `| ${tokens / 1000}k | ${chunkTokens || 'planned'} | ${maps} | ${(run.wallMs / 1000).toFixed(1)} | ${speed} |`,
      );
    }
  }
}

await hedging();
await packSizes();
