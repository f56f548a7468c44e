/** Starts, holds, cancels, resumes and replays runs. Commands, panel, chat and API call it; nothing else starts a run. */
import * as vscode from 'vscode';
import type { SummaryOptions } from '../api.ts';
import { noUsage, type GapRange, type RunEvent, type SummaryResult } from '../engine/events.ts';
import type { Clock, Fence, Hash, Random, TokenCounter, Yield } from '../engine/ports.ts';
import type { Prepare, RunOptions } from '../engine/request.ts';
import type { Source } from '../engine/source.ts';
import { errorView, isCancel } from '../host/errors.ts';
import type { Log } from '../host/log.ts';
import { readSettings, type Settings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import type { ErrorView } from '../shared/runView.ts';
import type { FromPanel } from '../shared/protocol.ts';
import { createActiveRun, panelTitle, type ActiveRun } from './activeRun.ts';
import type { Caches } from './caches.ts';
import { createEngines, type Engine } from './engine.ts';
import type { Models } from './models.ts';
import type { Progress } from './progress.ts';
import { recipeUri, type Recipe } from './target.ts';
import type { Schedulers } from './schedulers.ts';
import type { RunRecord, RunStore } from './history.ts';

export interface StartRequest {
  readonly title: string;
  readonly recipe: Recipe;
  /** Reads what was pointed at; throws a sentence for a person. */
  readonly read: (signal: AbortSignal) => Promise<Source>;
  /** Settings are read for it. */
  readonly scope?: vscode.Uri;
  readonly options?: SummaryOptions;
  readonly question?: string;
  /** A person is there: consent may be asked, the panel is shown. */
  readonly interactive: boolean;
  readonly show: boolean;
  readonly token?: vscode.CancellationToken;
  readonly onEvent?: (event: RunEvent) => void;
  /** The run that this became, before its first event. */
  readonly onRun?: (run: ActiveRun) => void;
  /** Use this run again instead of a new one. */
  readonly into?: ActiveRun;
  /** What a batch that the run finishes knows beyond the settings. */
  readonly engine?: Pick<RunOptions, 'batched' | 'spent'>;
  /** What it sends was told and agreed to before. */
  readonly agreed?: boolean;
}

export interface Runs extends vscode.Disposable {
  start(request: StartRequest): Promise<SummaryResult>;
  /** A run that waits: shown and kept, not started. */
  open(request: StartRequest): ActiveRun;
  /** What `start` would hand to the engine for this run. */
  engine(request: StartRequest, run: ActiveRun, signal: AbortSignal): Promise<Engine>;
  /** Reads a recipe again and starts it. */
  again(run: ActiveRun, options?: SummaryOptions): Promise<SummaryResult | undefined>;
  /** @param asker who shows the answer, and a failure: it is thrown instead of shown */
  ask(
    run: ActiveRun,
    question: string,
    asker?: {
      readonly onEvent: (event: RunEvent) => void;
      readonly token: vscode.CancellationToken;
      readonly options: SummaryOptions;
    },
  ): Promise<SummaryResult | undefined>;
  get(id: string): Promise<ActiveRun | undefined>;
  /** The last run that a panel of this title showed. */
  titled(title: string): Promise<ActiveRun | undefined>;
  /** The last summary of a document, or the last of all. */
  last(uri?: vscode.Uri): Promise<ActiveRun | undefined>;
  readonly running: readonly ActiveRun[];
  /** Runs of this window, also those that ended. */
  readonly known: Iterable<ActiveRun>;
  /** Whether this error was shown already. */
  wasTold(error: unknown): boolean;
  /** Tokens and cost of this window's runs so far. */
  readonly session: {
    readonly runs: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number;
  };
}

export interface RunsPorts {
  readonly models: Models;
  readonly schedulers: Schedulers;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly prepare: () => Promise<Prepare>;
  readonly tokens: () => Promise<TokenCounter>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
  readonly fence: () => Promise<Fence>;
  readonly yield: Yield;
  readonly log: Log;
  readonly progress: Progress;
  /** Reads what a recipe names; throws where it cannot be read again. */
  readonly resolve: (recipe: Recipe, signal: AbortSignal) => Promise<Source>;
  /** Shows what would be read of files and folders; resolves to what stayed ticked, or to nothing when it was closed. */
  readonly chooseFiles: (
    recipe: Extract<Recipe, { kind: 'items' }>,
    signal: AbortSignal,
  ) => Promise<Recipe | undefined>;
  readonly show: (run: ActiveRun, focus: boolean) => void;
  /** What the hands in a panel do beyond runs: open lines, copy, pick a language. */
  readonly hand: (run: ActiveRun, message: FromPanel) => void;
  readonly cancelBatch: (job: string) => void;
  readonly onError: (run: ActiveRun | undefined, error: ErrorView, visible: boolean) => void;
  readonly isVisible: (runId: string) => boolean;
  readonly onDone?: (run: ActiveRun) => void;
}

/** An unfinished run is saved this often, so that a crash loses little of what is shown. */
const saveEveryMs = 2_000;
/** Ended runs that are not seen live on in the store alone. */
const mostKept = 60;

export function createRuns(ports: RunsPorts): Runs {
  const active = new Map<string, ActiveRun>();
  const running = new Set<ActiveRun>();
  const session = { runs: 0, inputTokens: 0, outputTokens: 0, costUsd: 0 };
  const told = new WeakSet<Error>();
  let count = 0;

  const make = (request: StartRequest, settings: Settings): ActiveRun => {
    const id = `${Date.now().toString(36)}${(++count).toString(36)}${ports.hash(String(ports.random())).slice(0, 4)}`;
    const run = createActiveRun(
      id,
      {
        recipe: request.recipe,
        title: request.title,
        length: request.options?.length ?? settings['precis.summary.length'],
        language: request.options?.language ?? settings['precis.summary.language'],
      },
      onAct,
    );
    active.set(id, run);
    for (const [old, { state }] of active)
      if (active.size > mostKept && !state.running && old !== id && !ports.isVisible(old)) active.delete(old);
    return run;
  };

  const onAct = (run: ActiveRun, message: FromPanel): void => {
    switch (message.type) {
      case 'cancel':
        if (run.state.abort) run.state.abort.abort();
        else if (run.state.asking.size) for (const asking of run.state.asking) asking.abort();
        else if (run.state.batchJob) ports.cancelBatch(run.state.batchJob);
        return;
      case 'runAgain':
      case 'retryGaps':
      case 'update':
      case 'resume':
        void quietly(runs.again(run));
        return;
      case 'setLength':
        run.state.length = message.length;
        void quietly(runs.again(run, { length: message.length }));
        return;
      case 'state':
        run.state.place = { scroll: message.scroll, outlineOpen: message.outlineOpen };
        // a run that goes on is saved anyway
        if (!run.state.running) void quietly(ports.store.save(run.record()));
        return;
      case 'ask':
        void quietly(runs.ask(run, message.question));
        return;
      default:
        ports.hand(run, message);
    }
  };

  const { engineOf, eventsOf } = createEngines(ports);

  const runs: Runs = {
    get running() {
      return [...running];
    },
    get known() {
      return active.values();
    },
    wasTold: (error) => error instanceof Error && told.has(error),
    session,
    async start(request) {
      const settings = readSettings(request.scope, (sentence) => ports.log.warn(sentence));
      const run = request.into ?? make(request, settings);
      request.onRun?.(run);
      if (request.into) run.reset();
      run.state.running = true;
      run.state.abort = new AbortController();
      const { signal } = run.state.abort;
      const cancel = request.token?.onCancellationRequested(() => run.state.abort?.abort());
      if (request.token?.isCancellationRequested) run.state.abort.abort();
      if (request.show) ports.show(run, false);
      running.add(run);
      if (request.interactive || request.show) ports.progress.add(run);
      let saving = ports.clock.now();
      const fingerprint: [string, number][] = [];
      try {
        const events = await eventsOf(request, run, settings, signal, fingerprint);
        let result: SummaryResult | undefined;
        for await (const event of events) {
          run.event(event);
          request.onEvent?.(event);
          if (event.type === 'end') result = event.result;
          if (event.type === 'plan' || event.type === 'call-end') ports.progress.update();
          if (event.type === 'call-end') ports.log.info(callLine(event));
          if (event.type === 'wait') ports.log.info(`waiting ${Math.round(event.waitMs)} ms (${event.reason})`);
          if (event.type === 'notice') ports.log.info(event.message);
          if (event.type === 'replan' && event.reason) ports.log.info(event.reason);
          if (ports.clock.now() - saving > saveEveryMs) {
            saving = ports.clock.now();
            run.state.fingerprint = fingerprint;
            void ports.store.save(run.record());
          }
        }
        if (!result) throw new Error('a run ended without a result');
        run.state.result = result;
        session.runs++;
        session.inputTokens += result.usage.inputTokens;
        session.outputTokens += result.usage.outputTokens;
        session.costUsd += result.usage.costUsd ?? 0;
        ports.log.info(resultLine(result));
        return result;
      } catch (error) {
        if (signal.aborted || isCancel(error)) return cancelledResult(run);
        const view = errorView(error, t);
        ports.log.error(`run failed (${view.kind}${view.requestId ? `, request ${view.requestId}` : ''})`, error);
        run.fail(view);
        if (request.show) ports.onError(run, view, ports.isVisible(run.id));
        const sentence = new Error(view.message, { cause: error });
        told.add(sentence);
        throw sentence;
      } finally {
        cancel?.dispose();
        run.state.running = false;
        run.state.fingerprint = fingerprint;
        delete run.state.abort;
        running.delete(run);
        ports.progress.remove(run);
        run.changed();
        await ports.store.save(run.record()).catch(() => undefined);
        ports.onDone?.(run);
      }
    },
    open(request) {
      const run = make(request, readSettings(request.scope));
      request.onRun?.(run);
      if (request.show) ports.show(run, false);
      return run;
    },
    async engine(request, run, signal) {
      const fingerprint: [string, number][] = [];
      const engine = await engineOf(request, run, readSettings(request.scope), signal, fingerprint);
      run.state.fingerprint = fingerprint;
      return engine;
    },
    async again(run, options) {
      if (run.state.running || run.state.abort) return undefined;
      const uri = recipeUri(run.state.recipe);
      return runs.start({
        title: run.state.title,
        recipe: run.state.recipe,
        read: (signal) => ports.resolve(run.state.recipe, signal),
        ...(uri ? { scope: vscode.Uri.parse(uri) } : {}),
        options: { length: run.state.length, language: run.state.language, ...options },
        interactive: true,
        show: true,
        into: run,
      });
    },
    async ask(run, question, asker) {
      const text = question.trim();
      if (!text) return undefined;
      const id = `q${run.state.questions.length + 1}`;
      const uri = recipeUri(run.state.recipe);
      const settings = readSettings(uri ? vscode.Uri.parse(uri) : undefined);
      const abort = new AbortController();
      const cancel = asker?.token.onCancellationRequested(() => abort.abort());
      if (asker?.token.isCancellationRequested) abort.abort();
      const request: StartRequest = {
        title: run.state.title,
        recipe: run.state.recipe,
        read: (signal) => ports.resolve(run.state.recipe, signal),
        question: text,
        interactive: true,
        show: false,
        options: { length: 'standard', language: run.state.language, ...asker?.options },
      };
      run.state.asking.add(abort);
      run.asked(id, text);
      try {
        let result: SummaryResult | undefined;
        for await (const event of await eventsOf(request, run, settings, abort.signal, [])) {
          run.question(id, text, event);
          asker?.onEvent(event);
          if (event.type === 'end') result = event.result;
        }
        return result;
      } catch (error) {
        const view: ErrorView = abort.signal.aborted
          ? { kind: 'cancelled', message: '', actions: [] }
          : errorView(error, t);
        run.unanswered(id, view);
        if (asker) throw error;
        ports.onError(run, view, ports.isVisible(run.id));
        return undefined;
      } finally {
        cancel?.dispose();
        run.state.asking.delete(abort);
        run.changed();
        await ports.store.save(run.record()).catch(() => undefined);
      }
    },
    async get(id) {
      return active.get(id) ?? restore(await ports.store.load(id));
    },
    async titled(title) {
      const record = (await ports.store.list()).find((r) => panelTitle(r.title) === title);
      return record && (active.get(record.id) ?? restore(record));
    },
    async last(uri) {
      const key = uri?.toString();
      const live = [...active.values()].reverse();
      const found = key ? live.find((run) => recipeUri(run.state.recipe) === key) : undefined;
      if (found) return found;
      const records = await ports.store.list();
      const record = (key ? records.find((r) => recipeUri(r.recipe) === key) : undefined) ?? records[0];
      return record ? (active.get(record.id) ?? restore(record)) : live[0];
    },
    dispose() {
      for (const run of active.values()) for (const asking of run.state.asking) asking.abort();
      for (const run of running) run.state.abort?.abort();
    },
  };

  function restore(record: RunRecord | undefined): ActiveRun | undefined {
    if (!record) return undefined;
    // who asked for it at the same time has it already: a run is one, whoever shows it
    const present = active.get(record.id);
    if (present) return present;
    const cut = record.running;
    const run = createActiveRun(
      record.id,
      {
        recipe: record.recipe,
        title: record.title,
        length: record.length,
        language: record.language,
        pinned: record.pinned,
        startedAt: record.startedAt,
        // what was running when the window closed is kept as it was, with a way to go on
        view: cut
          ? { ...record.view, phase: 'cancelled', progress: { ...record.view.progress, running: 0 } }
          : record.view,
        resumable: cut && !['clipboard', 'terminal', 'text'].includes(record.recipe.kind),
        fingerprint: record.fingerprint,
        questions: [...record.questions],
        ...(record.batchJob ? { batchJob: record.batchJob } : {}),
        ...(record.place ? { place: record.place } : {}),
      },
      onAct,
    );
    active.set(run.id, run);
    return run;
  }

  return runs;
}

/** Cancelled before the engine could tell: what is on the screen is the result. */
function cancelledResult(run: ActiveRun): SummaryResult {
  const view = run.view();
  const result: SummaryResult = {
    status: 'cancelled',
    markdown: view.markdown,
    strategy: view.strategy ?? 'single',
    provider: view.provider,
    model: view.model,
    usage: {
      ...noUsage,
      wallMs: Date.now() - run.state.startedAt,
    },
    citations: [],
    gaps: [...view.gaps] as GapRange[],
    coverage: { lines: 0, linesRead: 0, folded: 0 },
  };
  run.event({ type: 'end', result });
  return result;
}

function callLine(event: Extract<RunEvent, { type: 'call-end' }>): string {
  const usage = `${event.usage.inputTokens ?? '?'} in, ${event.usage.outputTokens ?? '?'} out`;
  return `${event.stage} call ${event.call}: ${event.outcome}, ${Math.round(event.ms)} ms, ${event.attempts} attempt(s), ${usage}${event.requestId ? `, request ${event.requestId}` : ''}`;
}

function resultLine(result: SummaryResult): string {
  const { usage } = result;
  return `${result.status}: ${result.strategy}, ${usage.calls} calls, ${usage.cachedCalls} from the cache, ${usage.retries} retries, ${usage.inputTokens} in, ${usage.outputTokens} out, ${Math.round(usage.wallMs)} ms`;
}

/** The panel shows what failed; the promise has no other listener. */
async function quietly(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // told by onError
  }
}
