/** npm run bench -- sweep: the sweep's table, calm and with stragglers, kept in RESULTS.md. */
import { isFrugal, pointsOf, runPoint, servers, totalsOf, type Outcome } from './sweep.ts';
import { sum } from './law.ts';
import { rateRows } from './rates.ts';

const points = 320;
const stragglerPoints = 160;
const worstNamed = 20;

/** Runs the whole sweep, about half a minute of processor time, and returns Markdown. */
export async function sweepTable(say: (line: string) => void): Promise<string> {
  const cold: Outcome[] = [];
  const warm: Outcome[] = [];
  for (const point of pointsOf(points)) {
    cold.push(await runPoint(point));
    warm.push(await runPoint(point, { known: { ...servers[point.server], samples: 9 } }));
  }
  say(`${points} points, twice`);
  const late = await stragglers();
  say(`${stragglerPoints} points with stragglers`);
  const rates = await rateRows();
  return [
    '| figure | target | median | 90 % | worst |',
    '| --- | --- | --- | --- | --- |',
    row(
      'wall ÷ least possible, speed known',
      '1.05, 1.12, 1.25',
      warm.map((one) => one.ratio),
    ),
    row(
      'wall ÷ least possible, first run with a model',
      '1.05, 1.12, 1.25',
      cold.map((one) => one.ratio),
    ),
    row(
      'input ÷ that of the least-possible plan',
      '1.10',
      warm.map((one) => one.inputRatio),
    ),
    row(
      'input ÷ document, above 50,000 tokens, windows from 32k',
      '1.10',
      warm.filter(isFrugal).map((one) => one.documentRatio),
    ),
    row('wall ÷ least possible without stragglers, one call in ten six times slower', '1.25, 1.5', late.ratios),
    '',
    `With stragglers ${(100 * late.extra).toFixed(1)} % more tokens are sent (target: at most 15 %).`,
    '',
    ...rates,
    '',
    'The worst points, speed known:',
    '',
    '| ÷ least | tokens | window | lanes | server | length | calls made | map calls needed |',
    '| --- | --- | --- | --- | --- | --- | --- | --- |',
    ...[...warm]
      .sort((a, b) => b.ratio - a.ratio)
      .slice(0, worstNamed)
      .map(pointRow),
  ].join('\n');
}

async function stragglers(): Promise<{ ratios: number[]; extra: number }> {
  const ratios: number[] = [];
  let [calmTokens, lateTokens] = [0, 0];
  for (const point of pointsOf(stragglerPoints)) {
    const known = { ...servers[point.server], samples: 9 };
    const calm = await runPoint(point, { known });
    const latency = { ...servers[point.server], stragglers: { share: 0.1, factor: 6 }, seed: 7 + point.lanes };
    const late = await runPoint(point, { known, latency, eventMs: 250 });
    ratios.push(late.run.wallMs / calm.least.wallMs);
    calmTokens += tokensOf(calm);
    lateTokens += tokensOf(late);
  }
  return { ratios, extra: lateTokens / calmTokens - 1 };
}

const tokensOf = ({ run }: Outcome): number => sum(run.calls, (call) => call.promptTokens + call.outputTokens);

function row(what: string, target: string, values: readonly number[]): string {
  const { median, p90, worst } = totalsOf(values);
  return `| ${what} | ${target} | ${median.toFixed(2)} | ${p90.toFixed(2)} | ${worst.toFixed(2)} |`;
}

function pointRow({ point, ratio, run, least }: Outcome): string {
  const { tokens, window, lanes, server, length } = point;
  return `| ${ratio.toFixed(2)} | ${tokens} | ${window} | ${lanes} | ${server} | ${length} | ${run.calls.length} | ${least.maps} |`;
}
