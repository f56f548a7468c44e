/**
 * `npm run eval -- --base-url U --model M [--provider openai-compatible] [--sets DIR] [--only a,b] [--documents a,b]
 * [--form usual] [--show] [--json FILE]`
 *
 * Summarizes eight texts with a person's own model, as the command line does it, and prints what the answers are worth.
 * DIR holds `items.jsonl.gz`; without it README.md and a source file are read. `--only` takes sets of DIR whole,
 * `--documents` those of the eight whose name begins so. The file of `--json` also holds the text shown and the raw answers.
 */
import { writeFileSync } from 'node:fs';
import type { ChatModel, ModelCall, ModelEvent } from '../../../src/engine/model.ts';
import { getLanes } from '../../../src/engine/schedule/lanes.ts';
import { createScheduler } from '../../../src/engine/schedule/scheduler.ts';
import { realClock } from '../../../src/host/clock.ts';
import { withLearnedLimits } from '../../../src/providers/learnedLimits.ts';
import { runEngine } from '../../support/engine.ts';
import { checkGrammar } from '../../support/grammar.ts';
import { rankAll } from '../offline/baselines.ts';
import { plainWords, summarize } from '../offline/summarize.ts';
import { modelDocuments, type ModelDocument } from './documents.ts';
import { rowOf, tableOf, type Heard, type Row } from './table.ts';

export interface ModelEvalOptions {
  readonly model: ChatModel;
  readonly sets?: string | undefined;
  readonly only: readonly string[];
  /** Beginnings of names; empty: all. */
  readonly documents: readonly string[];
  /** Prompts of large models, for comparing forms. */
  readonly usualForm: boolean;
  readonly show: boolean;
  readonly json?: string | undefined;
}

interface Evaluated extends Row {
  readonly markdown: string;
  readonly answers: readonly string[];
}

/** Keeps raw answers. */
function heardBy(model: ChatModel, into: Heard[], usualForm: boolean): ChatModel {
  async function* listen(call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const entry: Heard = { call, answer: '' };
    into.push(entry);
    for await (const event of model.stream(call, signal)) {
      if (event.type === 'text') entry.answer += event.text;
      if (event.type === 'retract') entry.answer = '';
      yield event;
    }
  }
  return {
    ...model,
    // a size that no rule for small models knows
    model: usualForm ? 'unnamed' : model.model,
    limits: async (signal) => {
      const limits = await model.limits(signal);
      return usualForm ? { ...limits, parameters: undefined } : limits;
    },
    stream: listen,
  };
}

async function evaluate(document: ModelDocument, options: ModelEvalOptions): Promise<Evaluated> {
  const heard: Heard[] = [];
  const memory = new Map<string, unknown>();
  const known = {
    get: (key: string) => memory.get(key),
    set: (key: string, value: unknown) => void memory.set(key, value),
  };
  const model = withLearnedLimits(heardBy(options.model, heard, options.usualForm), known);
  const limits = await model.limits(new AbortController().signal);
  const concurrency = getLanes(limits, limits.loopback ? 2 : 8, false);
  const idle = 120_000;
  const scheduler = createScheduler(
    {
      concurrency,
      maxRetries: 5,
      requestTimeoutMs: idle,
      firstTokenTimeoutMs: limits.loopback ? idle * 5 : idle,
      hedge: false,
      sharesProcessor: limits.loopback,
    },
    { clock: realClock, random: Math.random },
  );
  const part = { uri: `file:///${document.title}`, title: document.title, startLine: 1, text: document.text };
  const source = {
    title: document.title,
    parts: [{ ...part, ...(document.languageId ? { languageId: document.languageId } : {}) }],
    skipped: [],
    shape: 'text' as const,
  };
  const { events, result } = await runEngine(source, {
    url: 'http://127.0.0.1:9',
    concurrency,
    options: { length: 'standard' },
    ports: { model, mapModel: model, scheduler, mapScheduler: scheduler },
  });
  checkGrammar(events);
  if (options.show) process.stdout.write(`\n## ${document.name}\n\n${result.markdown}\n\n`);
  const offline = await summarize(document, 'standard');
  const comparison = {
    refs: document.refs,
    offline: plainWords(offline.markdown),
    lead: rankAll(document.text).lead(100),
  };
  const row = rowOf(document.name, result, events, heard, comparison);
  return { ...row, markdown: result.markdown, answers: heard.map(({ answer }) => answer) };
}

/** Prints the table; rows are printed to standard error as they come. */
export async function evaluateModel(options: ModelEvalOptions): Promise<void> {
  const rows: Evaluated[] = [];
  const isWanted = ({ name }: ModelDocument): boolean =>
    options.documents.length === 0 || options.documents.some((wanted) => name.startsWith(wanted));
  for (const document of modelDocuments(options.sets, options.only).filter(isWanted)) {
    process.stderr.write(`${document.name} (${document.text.length} characters) … `);
    const row = await evaluate(document, options);
    rows.push(row);
    process.stderr.write(`${row.seconds.toFixed(0)} s, ${row.calls} calls, ${row.status}\n`);
  }
  process.stdout.write(`${tableOf(rows)}\n`);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(rows, undefined, 2));
}
