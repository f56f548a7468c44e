/**
 * `npm run eval -- [--provider simulated|openai|anthropic|openai-compatible] [--model M] [--base-url U] [--kinds a,b] [--tokens N] [--facts N]
 * [--length brief|standard|detailed] [--window N] [--seed N] [--large] [--json FILE]`
 *
 * With `--base-url` the model is a person's own: `test/eval/model/main.ts` tells the options and prints another table.
 * Summarizes texts with planted facts and prints what was kept. The simulated provider repeats all it is given: with it everything must be there.
 * Keys come from OPENAI_API_KEY or ANTHROPIC_API_KEY.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ProviderId } from '../../src/contributions.ts';
import type { ChatModel } from '../../src/engine/model.ts';
import type { RunOptions } from '../../src/engine/request.ts';
import { hash } from '../../src/host/hash.ts';
import { getCatalogPrice } from '../../src/providers/catalog.ts';
import { loadProvider } from '../../src/providers/index.ts';
import { runEngine } from '../support/engine.ts';
import { checkGrammar } from '../support/grammar.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { documentIds, evalDocument, type EvalDocument } from './documents.ts';
import { evaluateModel } from './model/main.ts';
import { measure, type Measure } from './measure.ts';
import { recorded, type Recorded } from './record.ts';
import { reportOf, shortcomings } from './report.ts';

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: 'simulated' },
    model: { type: 'string' },
    'base-url': { type: 'string' },
    kinds: { type: 'string', default: documentIds.join(',') },
    tokens: { type: 'string', default: '30000' },
    facts: { type: 'string', default: '20' },
    length: { type: 'string', default: 'detailed' },
    window: { type: 'string', default: '0' },
    seed: { type: 'string', default: '1' },
    large: { type: 'boolean', default: false },
    json: { type: 'string' },
    sets: { type: 'string' },
    only: { type: 'string', default: '' },
    documents: { type: 'string', default: '' },
    form: { type: 'string', default: 'fitting' },
    show: { type: 'boolean', default: false },
  },
});

const isOwn = values['base-url'] !== undefined;
const simulated = values.provider === 'simulated' && !isOwn;

function documents(): EvalDocument[] {
  const seed = Number(values.seed);
  const usual = values.kinds
    .split(',')
    .map((id, index) => evalDocument(id, seed + index, Number(values.tokens), Number(values.facts)));
  if (!values.large) return usual;
  return [
    ...usual,
    { ...evalDocument('prose', 90, 120_000), id: 'prose 120k' },
    { ...evalDocument('prose', 91, 1_000_000, 200), id: 'prose 1M' },
  ];
}

async function modelOf(server: SimulatedProvider | undefined): Promise<ChatModel> {
  const isCompatible = server !== undefined || values.provider === 'simulated';
  const id: ProviderId = isCompatible ? 'openai-compatible' : (values.provider as ProviderId);
  const definition = await loadProvider(id, {});
  const baseUrl = server ? `${server.url}/v1` : (values['base-url'] ?? definition.defaultBaseUrl);
  if (baseUrl === undefined) throw new Error(`--base-url is needed for ${id}`);
  const apiKey = server ? 'none' : (process.env[definition.keyVariable ?? 'OPENAI_API_KEY'] ?? '');
  const memory = new Map<string, unknown>();
  const model = values.model ?? (server ? 'simulated' : id === 'anthropic' ? 'claude-haiku-5-5' : 'gpt-6-luna');
  return definition.create({
    baseUrl,
    apiKey,
    model,
    contextWindow: Number(values.window) || (server ? 32_768 : 0),
    fetch: globalThis.fetch,
    account: hash(baseUrl).slice(0, 12),
    memory: { get: (key) => memory.get(key), set: (key, value) => void memory.set(key, value) },
  });
}

async function evaluate(document: EvalDocument, model: ChatModel, url: string): Promise<Measure> {
  const calls: Recorded[] = [];
  const listened = recorded(model, calls);
  const options: Partial<RunOptions> = {
    length: values.length as RunOptions['length'],
    price: getCatalogPrice(model.model),
  };
  const source = {
    title: document.title,
    parts: [{ uri: `file:///${document.title}`, title: document.title, startLine: 1, text: document.text }],
    skipped: [],
    shape: 'text' as const,
  };
  const { events, result } = await runEngine(source, {
    url,
    options,
    requestTimeoutMs: 120_000,
    ports: { model: listened, mapModel: listened },
  });
  checkGrammar(events);
  return measure(document, result, calls);
}

async function main(): Promise<void> {
  const all = documents();
  const planted = all.flatMap((document) => document.facts.map((fact) => fact.keys[0]));
  const server = simulated
    ? await startProvider({ flavour: 'compatible', contextWindow: 200_000, reader: { planted }, keepBodies: false })
    : undefined;
  const measures: Measure[] = [];
  try {
    const model = await modelOf(server);
    for (const document of all) {
      process.stderr.write(`${document.id} … `);
      measures.push(await evaluate(document, model, server?.url ?? 'http://127.0.0.1:9'));
    }
  } finally {
    process.stderr.write('\n');
    await server?.close();
  }
  process.stdout.write(`${reportOf(measures)}\n`);
  if (values.json !== undefined) writeFileSync(values.json, JSON.stringify(measures, undefined, 2));
  const short = simulated ? shortcomings(measures) : [];
  if (short.length === 0) return;
  process.stdout.write(
    `\nThe simulated model repeats all it is given, and yet:\n${short.map((line) => `- ${line}`).join('\n')}\n`,
  );
  process.exitCode = 1;
}

if (isOwn) {
  await evaluateModel({
    model: await modelOf(undefined),
    sets: values.sets,
    only: values.only.split(',').filter(Boolean),
    documents: values.documents.split(',').filter(Boolean),
    usualForm: values.form === 'usual',
    show: values.show,
    json: values.json,
  });
} else await main();
