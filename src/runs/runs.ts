/** Starts, holds, cancels, resumes and replays runs; nothing else starts one. */
import * as vscode from 'vscode';
import type { SummaryOptions } from '../api.ts';
import type { RunEvent, SummaryResult } from '../engine/events.ts';
import { createErrorView, isCancel } from '../host/errors.ts';
import { onDidAsk } from '../host/notify.ts';
import { loadLanguage, readSettings, type Settings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import type { ErrorView } from '../shared/runView.ts';
import type { FromPanel } from '../shared/protocol.ts';
import { createActiveRun, writePanelTitle, type ActiveRun } from './activeRun.ts';
import { cancelledResult, logLine, resultLine, restoreState } from './runEvents.ts';
import { createEngines, type Engines } from './engine.ts';
import { toTargetKey, toTargetUri, type SummaryTarget } from './target.ts';
import type { RunRecord } from './history.ts';
import type { PaidCall } from './spending.ts';
import type { Engine, RunFailure, RunMessage, Runs, RunsDeps, StartRequest } from './types.ts';

const saveEveryMs = 2_000;
/** Maximum ended runs without a panel in memory; older ones are only stored. */
const maxHeld = 60;

/** Returns a registry without runs. */
export function createRuns(deps: RunsDeps): Runs {
  return new RunRegistry(deps);
}

/** Shows an answer, or its failure. */
type Asker = NonNullable<Parameters<Runs['ask']>[2]>;

class RunRegistry implements Runs {
  private readonly deps: RunsDeps;
  private readonly engines: Engines;
  private readonly active = new Map<string, ActiveRun>();
  private readonly runningRuns = new Set<ActiveRun>();
  private readonly shownErrors = new WeakSet<Error>();
  private readonly failed = new vscode.EventEmitter<RunFailure>();
  private readonly ended = new vscode.EventEmitter<ActiveRun>();
  private readonly paid = new vscode.EventEmitter<PaidCall>();
  private readonly batchChosen = new vscode.EventEmitter<StartRequest>();
  private readonly messages = new vscode.EventEmitter<RunMessage>();
  private readonly questions: vscode.Disposable;
  private count = 0;

  constructor(deps: RunsDeps) {
    this.deps = deps;
    this.engines = createEngines(deps, (request) => this.batchChosen.fire(request));
    this.questions = onDidAsk((open) => this.markAsking(open));
  }

  readonly onDidFail = this.failed.event;
  readonly onDidEnd = this.ended.event;
  readonly onDidPay = this.paid.event;
  readonly onDidChooseBatch = this.batchChosen.event;
  readonly onMessage = this.messages.event;

  get running(): readonly ActiveRun[] {
    return [...this.runningRuns];
  }

  get known(): Iterable<ActiveRun> {
    return this.active.values();
  }

  wasShown(error: unknown): boolean {
    return error instanceof Error && this.shownErrors.has(error);
  }

  async start(request: StartRequest): Promise<SummaryResult> {
    await loadLanguage(request.scope);
    const settings = readSettings(request.scope, (sentence) => this.deps.log.warn(sentence));
    const run = request.into ?? this.create(request, settings);
    request.onRun?.(run);
    if (request.into) run.reset();
    const abort = new AbortController();
    const cancel = cancelWith(request.token, abort);
    run.state.running = true;
    run.state.cached = request.options?.cache ?? settings['precis.cache.enabled'];
    if (request.previous) run.state.previous = request.previous;
    run.state.abort = abort;
    run.state.shown = request.show;
    if (request.show) this.deps.show(run, false);
    this.runningRuns.add(run);
    if (request.interactive || request.show) this.deps.progress.add(run);
    const fingerprint: [string, number][] = [];
    try {
      const events = await this.engines.eventsOf(request, run, settings, abort.signal, fingerprint);
      return await this.follow(request, run, events, fingerprint);
    } catch (error) {
      if (abort.signal.aborted || isCancel(error)) return cancelledResult(run);
      throw this.fail(request, run, error);
    } finally {
      cancel?.dispose();
      run.state.fingerprint = fingerprint;
      await this.end(run);
    }
  }

  open(request: StartRequest): ActiveRun {
    const run = this.create(request, readSettings(request.scope));
    request.onRun?.(run);
    if (request.show) this.deps.show(run, false);
    return run;
  }

  async engine(request: StartRequest, run: ActiveRun, signal: AbortSignal): Promise<Engine> {
    const fingerprint: [string, number][] = [];
    const engine = await this.engines.engineOf(request, run, readSettings(request.scope), signal, fingerprint);
    run.state.fingerprint = fingerprint;
    return engine;
  }

  async again(run: ActiveRun, options?: SummaryOptions): Promise<SummaryResult | undefined> {
    if (run.state.running || run.state.abort) return undefined;
    const uri = toTargetUri(run.state.target);
    return this.start({
      ...this.rereading(run),
      ...(uri ? { scope: vscode.Uri.parse(uri) } : {}),
      options: { length: run.state.length, language: run.state.language, ...options },
      interactive: true,
      show: true,
      into: run,
    });
  }

  /** Starts a version of another length; the current one stays in the history. */
  private async another(run: ActiveRun, length: ActiveRun['state']['length']): Promise<SummaryResult | undefined> {
    if (run.state.running || run.state.abort) return undefined;
    const uri = toTargetUri(run.state.target);
    return this.start({
      ...this.rereading(run),
      ...(uri ? { scope: vscode.Uri.parse(uri) } : {}),
      options: { length, language: run.state.language },
      interactive: true,
      show: true,
      previous: run.readable(),
      ...(run.state.template ? { template: run.state.template } : {}),
    });
  }

  async ask(run: ActiveRun, question: string, asker?: Asker): Promise<SummaryResult | undefined> {
    const text = question.trim();
    if (!text) return undefined;
    const id = `q${run.state.questions.length + 1}`;
    const abort = new AbortController();
    const cancel = cancelWith(asker?.token, abort);
    run.state.asking.add(abort);
    run.asked(id, text);
    try {
      return await this.answer(run, id, text, asker, abort.signal);
    } catch (error) {
      const view: ErrorView = abort.signal.aborted
        ? { kind: 'cancelled', message: '', actions: [] }
        : createErrorView(error, t);
      run.unanswered(id, view);
      if (asker) throw error;
      this.failed.fire({ run, error: view });
      return undefined;
    } finally {
      cancel?.dispose();
      run.state.asking.delete(abort);
      run.changed();
      await this.save(run);
    }
  }

  async get(id: string): Promise<ActiveRun | undefined> {
    return this.active.get(id) ?? this.restore(await this.deps.store.load(id));
  }

  async titled(title: string): Promise<ActiveRun | undefined> {
    const record = (await this.deps.store.list()).find((one) => writePanelTitle(one.title) === title);
    return this.restore(record);
  }

  async last(uri?: vscode.Uri): Promise<ActiveRun | undefined> {
    const key = uri?.toString();
    const live = [...this.active.values()].reverse();
    const hasTarget = (target: SummaryTarget): boolean => toTargetUri(target) === key || toTargetKey(target) === key;
    const found = key ? live.find((run) => hasTarget(run.state.target)) : undefined;
    if (found) return found;
    const records = await this.deps.store.list();
    const record = (key ? records.find((one) => hasTarget(one.recipe)) : undefined) ?? records[0];
    return this.restore(record) ?? live[0];
  }

  dispose(): void {
    for (const run of this.active.values()) for (const asking of run.state.asking) asking.abort();
    for (const run of this.runningRuns) run.state.abort?.abort();
    vscode.Disposable.from(
      this.questions,
      this.failed,
      this.ended,
      this.paid,
      this.batchChosen,
      this.messages,
    ).dispose();
  }

  /** A modal question pauses runs that have not called a model; its time does not count. */
  private markAsking(open: boolean): void {
    for (const run of this.runningRuns) {
      const { state } = run;
      if (open ? run.view().progress.calls > 0 : !state.waitsForAnswer) continue;
      state.waitsForAnswer = open;
      if (!open) state.startedAt = Date.now();
      run.changed();
    }
  }

  private create(request: StartRequest, settings: Settings): ActiveRun {
    const { hash, random, isVisible } = this.deps;
    const id =
      request.id ?? `${Date.now().toString(36)}${(++this.count).toString(36)}${hash(String(random())).slice(0, 4)}`;
    const run = createActiveRun(
      id,
      {
        target: request.target,
        title: request.title,
        length: request.options?.length ?? request.template?.length ?? settings['precis.summary.length'],
        ...(request.template ? { template: request.template } : {}),
        language: request.options?.language ?? settings['precis.summary.language'],
      },
      (acting, message) => this.handle(acting, message),
    );
    this.active.set(id, run);
    for (const [old, { state }] of this.active)
      if (this.active.size > maxHeld && !state.running && old !== id && !isVisible(old)) this.active.delete(old);
    return run;
  }

  private restore(record: RunRecord | undefined): ActiveRun | undefined {
    if (!record) return undefined;
    const present = this.active.get(record.id);
    if (present) return present;
    const run = createActiveRun(record.id, restoreState(record), (acting, message) => this.handle(acting, message));
    this.active.set(run.id, run);
    return run;
  }

  private handle(run: ActiveRun, message: FromPanel): void {
    const { state } = run;
    switch (message.type) {
      case 'cancel':
        if (state.abort) state.abort.abort();
        else if (state.asking.size) for (const asking of state.asking) asking.abort();
        else this.messages.fire({ run, message });
        return;
      case 'runAgain':
      case 'retryGaps':
      case 'update':
      case 'resume':
        void ignoreShown(this.again(run));
        return;
      case 'setLength':
        void ignoreShown(this.another(run, message.length));
        return;
      case 'state':
        state.place = { scroll: message.scroll, outlineOpen: message.outlineOpen };
        // a running run is saved in any case
        if (!state.running) void this.save(run);
        return;
      case 'ask':
        void ignoreShown(this.ask(run, message.question));
        return;
      default:
        this.messages.fire({ run, message });
    }
  }

  private async follow(
    request: StartRequest,
    run: ActiveRun,
    events: AsyncIterable<RunEvent>,
    fingerprint: readonly [string, number][],
  ): Promise<SummaryResult> {
    const { clock, log, progress, store } = this.deps;
    let savedAt = clock.now();
    let result: SummaryResult | undefined;
    if (request.paid) this.paid.fire(request.paid);
    for await (const event of events) {
      run.event(event);
      request.onEvent?.(event);
      this.pay(run, event);
      if (event.type === 'end') result = event.result;
      if (event.type === 'plan' || event.type === 'call-end') progress.update();
      const line = logLine(event);
      if (line) log.info(line);
      if (clock.now() - savedAt <= saveEveryMs) continue;
      savedAt = clock.now();
      run.state.fingerprint = fingerprint;
      void store.save(run.record());
    }
    if (!result) throw new Error('a run ended without a result');
    run.state.result = result;
    log.info(resultLine(result));
    return result;
  }

  private pay(run: ActiveRun, event: RunEvent): void {
    if (event.type !== 'call-end' || event.model === undefined) return;
    const { model, usage, costUsd } = event;
    const { provider } = run.view();
    this.paid.fire({ provider, model, usage, ...(costUsd === undefined ? {} : { costUsd }) });
  }

  private fail(request: StartRequest, run: ActiveRun, error: unknown): Error {
    const provider = request.options?.provider ?? readSettings(request.scope)['precis.provider'];
    const view = createErrorView(error, t, provider);
    this.deps.log.error(`run failed (${view.kind}${view.requestId ? `, request ${view.requestId}` : ''})`, error);
    run.fail(view);
    if (request.show) this.failed.fire({ run, error: view });
    const shown = new Error(view.message, { cause: error });
    this.shownErrors.add(shown);
    return shown;
  }

  private async end(run: ActiveRun): Promise<void> {
    run.state.running = false;
    delete run.state.abort;
    this.runningRuns.delete(run);
    this.deps.progress.remove(run);
    run.changed();
    await this.save(run);
    this.ended.fire(run);
  }

  private async answer(
    run: ActiveRun,
    id: string,
    question: string,
    asker: Asker | undefined,
    signal: AbortSignal,
  ): Promise<SummaryResult | undefined> {
    const uri = toTargetUri(run.state.target);
    const settings = readSettings(uri ? vscode.Uri.parse(uri) : undefined);
    const request: StartRequest = {
      ...this.rereading(run),
      question,
      interactive: asker === undefined,
      ...(asker?.chosenByPerson ? { chosenByPerson: true } : {}),
      ...(asker ? { onEvent: asker.onEvent } : {}),
      show: false,
      options: { length: 'standard', language: run.state.language, ...asker?.options },
    };
    let result: SummaryResult | undefined;
    for await (const event of await this.engines.eventsOf(request, run, settings, signal, [])) {
      run.question(id, question, event);
      this.pay(run, event);
      asker?.onEvent(event);
      if (event.type === 'end') result = event.result;
    }
    return result;
  }

  private rereading(run: ActiveRun): Pick<StartRequest, 'title' | 'target' | 'read'> {
    const { title, target } = run.state;
    return { title, target, read: (signal) => this.deps.resolve(run.state.target, signal) };
  }

  private async save(run: ActiveRun): Promise<void> {
    const kept = leavesNothing(run) ? this.deps.store.remove(run.id) : this.deps.store.save(run.record());
    await kept.catch(() => undefined);
  }
}

function cancelWith(
  token: vscode.CancellationToken | undefined,
  abort: AbortController,
): vscode.Disposable | undefined {
  if (token?.isCancellationRequested) abort.abort();
  return token?.onCancellationRequested(() => abort.abort());
}

/** Whether the run was cancelled at a question before anything was read. */
function leavesNothing({ state, view }: ActiveRun): boolean {
  const { phase, plan, markdown } = view();
  const isEmpty = phase !== 'failed' && plan === undefined && markdown === '';
  return isEmpty && state.questions.length === 0 && state.previous === undefined && state.batchJob === undefined;
}

async function ignoreShown(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch {
    // listeners of onDidFail show it
  }
}
