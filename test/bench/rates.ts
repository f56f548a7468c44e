/** How well rate limits of every kind are used, on the virtual clock. */
import type { RateRule } from './rateRule.ts';
import { servers } from './sweep.ts';
import { syntheticDocument, syntheticReader } from './synthetic.ts';
import { virtualRun } from './virtual.ts';

const documentTokens = 3_000_000;
const tokensPerMinute = 600_000;
const lanes = 16;

/** Share of the budget that was used from the first call to the last map, and the 429 responses. */
export interface RateOutcome {
  readonly used: number;
  /** In the first minute, and a minute after it. */
  readonly refusedFirst: number;
  readonly refusedLater: number;
  readonly wallMs: number;
  /** Time that the budget alone takes. */
  readonly leastMs: number;
}

/** Runs a document; its usual size takes five minutes of the budget. */
export async function runRate(rule: Omit<RateRule, 'tokensPerMinute'>, tokens = documentTokens): Promise<RateOutcome> {
  const run = await virtualRun(syntheticDocument(tokens, 5), {
    latency: servers.fast,
    lanes,
    window: 32_768,
    reader: syntheticReader,
    rate: { ...rule, tokensPerMinute },
    turns: 1,
    eventMs: 1_000,
  });
  const charged = run.calls
    .filter((call) => call.status === 200)
    .reduce((sum, call) => sum + call.promptTokens + (rule.counts === 'input' ? 0 : (call.maxTokens ?? 0)), 0);
  const lastStart = Math.max(...run.calls.map((call) => call.startedAt));
  const possible = (tokensPerMinute / 60_000) * (lastStart + rule.burstSeconds * 1_000);
  const refused = run.calls.filter((call) => call.status === 429);
  const first = refused.filter((call) => call.startedAt < 60_000).length;
  const minutes = Math.max(1, lastStart / 60_000 - 1);
  return {
    used: charged / possible,
    refusedFirst: first,
    refusedLater: (refused.length - first) / minutes,
    wallMs: run.wallMs,
    leastMs: Math.max(0, charged / (tokensPerMinute / 60_000) - rule.burstSeconds * 1_000),
  };
}

const rules = (['input', 'input+max'] as const).flatMap((counts) =>
  [60, 10, 1].flatMap((burstSeconds) => [
    { counts, burstSeconds, headers: true, retryAfter: true },
    { counts, burstSeconds, headers: false, retryAfter: false },
  ]),
);

/** The table of all kinds, as lines of Markdown. */
export async function rateRows(): Promise<string[]> {
  const lines = [
    '| limit a minute | burst | tells | used | 429 in the first minute | 429 a minute later | wall ÷ budget |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const rule of rules) {
    const { used, refusedFirst, refusedLater, wallMs, leastMs } = await runRate(rule);
    const tells = rule.headers ? 'headers' : 'nothing';
    lines.push(
      `| ${rule.counts} | ${rule.burstSeconds} s | ${tells} | ${(100 * used).toFixed(1)} % | ${refusedFirst} | ${refusedLater.toFixed(1)} | ${(wallMs / leastMs).toFixed(2)} |`,
    );
  }
  return lines;
}
