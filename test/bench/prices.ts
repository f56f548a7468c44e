/** Price and time of one text by the choice of models: the writer reads everything, or its cheaper sibling reads the parts. */
import { computeUsd } from '../../src/engine/plan/cost.ts';
import type { Price } from '../../src/engine/request.ts';
import { findReaderModel, getCatalogLimits, getCatalogPrice } from '../../src/providers/catalog.ts';
import { wayUsd } from '../../src/runs/wayPrice.ts';
import { servers } from './sweep.ts';
import { syntheticDocument, syntheticReader } from './synthetic.ts';
import { virtualRun, type VirtualRun } from './virtual.ts';

const documentTokens = 200_000;
const writers = [
  'gpt-6.1-sol',
  'gpt-6-astra',
  'gpt-5.6',
  'claude-opus-5-5',
  'claude-sonnet-5-5',
  'gemini-4-argon',
  'deepseek-v4-pro',
  'mistral-large-4',
] as const;

interface Choice {
  readonly run: VirtualRun;
  readonly usd: number;
}

/** Runs the text once with a writer and a reader. Strong models answer at the usual speed, cheap ones at the fast one. */
async function runChoice(writer: string, reader: string): Promise<Choice> {
  const [limits, readerLimits] = [getCatalogLimits(writer, false), getCatalogLimits(reader, false)];
  const [price, mapPrice] = [findPrice(writer), findPrice(reader)];
  const run = await virtualRun(syntheticDocument(documentTokens, 26), {
    latency: servers.usual,
    window: limits.contextWindow,
    limits,
    reader: syntheticReader,
    run: { price, mapPrice },
    turns: 1,
    ...(reader === writer
      ? {}
      : { mapModel: { latency: servers[readerLimits.tier === 'cheap' ? 'fast' : 'usual'], limits: readerLimits } }),
  });
  const usd = run.calls.reduce((sum, { stage, promptTokens, outputTokens }) => {
    const paid = stage === 'map' ? mapPrice : price;
    return sum + computeUsd(paid, { inputTokens: promptTokens, outputTokens });
  }, 0);
  if (Math.abs(usd - (run.usage.costUsd ?? NaN)) > 1e-9)
    throw new Error(`${writer}: the run says ${run.usage.costUsd} USD, the server ${usd}`);
  return { run, usd };
}

function findPrice(model: string): Price {
  const price = getCatalogPrice(model);
  if (price === undefined) throw new Error(`${model} has no price`);
  return price;
}

/** The table, as Markdown. */
export async function pricesTable(): Promise<string> {
  const lines = [
    '| writer | reader by default | before: USD, s | after: USD, s | cheaper | flex: USD | batch: USD |',
    '| --- | --- | --- | --- | --- | --- | --- |',
  ];
  for (const writer of writers) {
    const reader = findReaderModel(writer) ?? writer;
    const before = await runChoice(writer, writer);
    const after = await runChoice(writer, reader);
    const { estimate } = after.run.plan;
    const share = (way: 'flex' | 'batch'): number => (wayUsd(way, estimate) ?? NaN) / (estimate.costUsd ?? NaN);
    const flex = writer.startsWith('gpt') ? formatUsd(after.usd * share('flex')) : '–';
    const hasBatch = /^(?:gpt|claude|gemini)/.test(writer);
    lines.push(
      `| ${writer} | ${reader === writer ? 'the writer' : reader} | ${describe(before)} | ${describe(after)} | ${(before.usd / after.usd).toFixed(1)} × | ${flex} | ${hasBatch ? formatUsd(after.usd * share('batch')) : '–'} |`,
    );
  }
  return lines.join('\n');
}

const formatUsd = (usd: number): string => usd.toFixed(3);

function describe({ usd, run }: Choice): string {
  return `${formatUsd(usd)}, ${(run.wallMs / 1_000).toFixed(1)}`;
}
