import type { PlanReady, RunEvent } from '../engine/events.ts';
import { findLanguageTag } from '../shared/languages.ts';
import { ModelError, type ChatModel } from '../engine/model.ts';
import { getLanes } from '../engine/schedule/lanes.ts';
import type { Prepare, RunOptions, RunPorts } from '../engine/request.ts';
import type { Scheduler } from '../engine/schedule/types.ts';
import { isFolderValue, type Settings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import { keyFilesOf, refuseKeyFiles } from '../sources/index.ts';
import type { ActiveRun } from './activeRun.ts';
import { batchHost } from './batch/batchHost.ts';
import { AtFlex, confirmKeyFiles, confirmRun, confirmUnpriced, OtherFiles, type ChooseFiles } from './confirm.ts';
import type { ChosenModels } from './models.ts';
import type { Engine, RunsDeps, StartRequest } from './types.ts';
import { getSchedulerOptions } from './schedulers.ts';
import { chunkId } from './freshness/staleFiles.ts';
import { promptInstructions } from './templates/template.ts';
import { onlyNow, type OtherWays } from './ways.ts';

/** Turns requests into engine runs. */
export interface Engines {
  /** @param fingerprint receives the short hash and tokens of each chunk */
  engineOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<Engine>;
  eventsOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<AsyncIterable<RunEvent>>;
}

/** @param onBatch called if the user chose a batch instead of the run */
export function createEngines(deps: RunsDeps, onBatch: (request: StartRequest) => void): Engines {
  return new EngineFactory(deps, onBatch);
}

interface OtherWay {
  readonly request: StartRequest;
  readonly settings: Settings;
  readonly notice?: string;
  readonly onDone?: () => void;
}

class EngineFactory implements Engines {
  private readonly deps: RunsDeps;
  private readonly onBatch: (request: StartRequest) => void;

  constructor(deps: RunsDeps, onBatch: (request: StartRequest) => void) {
    this.deps = deps;
    this.onBatch = onBatch;
  }

  async eventsOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<AsyncIterable<RunEvent>> {
    const engine = await this.engineOf(request, run, settings, signal, fingerprint);
    if (!engine.ports) return this.offlineEvents(engine, signal);
    return this.modelEvents({ ...engine, ports: engine.ports }, request, run, settings, signal, fingerprint);
  }

  async engineOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<Engine> {
    const { models, hash, log } = this.deps;
    const options = request.options ?? {};
    // reading does not wait for VS Code's questions
    const [asked, prepare, source] = await Promise.all([
      models.choose(settings, options, request.scope, request),
      this.deps.prepare(),
      request.read(signal),
    ]);
    run.state.keyFiles = keyFilesOf(source);
    if (request.forAgent) refuseKeyFiles(source);
    if (asked.model) await confirmKeyFiles(run.state, asked.model.host, request.interactive);
    const chosen = await fitSlots(asked, signal);
    const fingerprinting: Prepare = async (part, s, progress) => {
      const prepared = await prepare(part, s, progress);
      for (const chunk of prepared.chunks) fingerprint.push([chunkId(hash, chunk.text), chunk.tokens]);
      return prepared;
    };
    const engine: Engine = {
      request: { id: run.id, source, options: await this.maskedOptions(settings, chosen, request, run) },
      chosen,
      prepare: fingerprinting,
    };
    const notices = [
      findFolderInstructions(request, settings),
      chosen.notice,
      getOfflineLanguage(chosen, engine),
      offlineTemplate(chosen, request, run),
    ];
    for (const message of notices) {
      if (!message) continue;
      const notice = { type: 'notice' as const, code: 'language' as const, message };
      run.event(notice);
      request.onEvent?.(notice);
    }
    const ports = await this.portsOf(request, engine, settings, signal);
    if (!ports) return engine;
    log.info(`run ${run.id}: ${chosen.provider} ${ports.model.model}, ${source.parts.length} part(s)`);
    return { ...engine, ports };
  }

  private async offlineEvents({ request, prepare }: Engine, signal: AbortSignal): Promise<AsyncIterable<RunEvent>> {
    const { runOffline } = await import('../engine/offline/run.ts');
    const { clock } = this.deps;
    const wording = await this.deps.wording(request.options.language);
    return runOffline(request, { prepare, signal, yield: this.deps.yield, clock, wording });
  }

  /** Masks question and instructions too. */
  private async maskedOptions(
    settings: Settings,
    chosen: ChosenModels,
    request: StartRequest,
    run: ActiveRun,
  ): Promise<RunOptions> {
    const { mask } = this.deps;
    const plain = runOptions(settings, chosen, request, run);
    return {
      ...plain,
      instructions: plain.instructions && (await mask(plain.instructions)),
      ...(plain.question ? { question: await mask(plain.question) } : {}),
    };
  }

  private async *modelEvents(
    engine: Required<Engine>,
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): AsyncGenerator<RunEvent> {
    const { run: start } = await import('../engine/run/run.ts');
    const { ports } = engine;
    try {
      yield* start(engine.request, ports);
    } catch (error) {
      const other = this.otherWay(error, engine, request, settings);
      if (other === undefined) throw error;
      run.state.target = other.request.target;
      run.reset();
      fingerprint.length = 0;
      const events = await this.eventsOf(other.request, run, other.settings, signal, fingerprint);
      if (other.notice !== undefined) run.event({ type: 'notice', code: 'reader', message: other.notice });
      yield* events;
      other.onDone?.();
    }
    this.deps.schedulers.remember([ports.model, ports.mapModel]);
  }

  /** Undefined if it failed. */
  private otherWay(
    error: unknown,
    { chosen, ports }: Required<Engine>,
    request: StartRequest,
    settings: Settings,
  ): OtherWay | undefined {
    if (error instanceof OtherFiles) {
      const { target } = error;
      return { request: { ...request, target, read: (signal) => this.deps.resolve(target, signal) }, settings };
    }
    if (error instanceof AtFlex)
      return { request: { ...request, agreed: true }, settings: { ...settings, 'precis.serviceTier': 'flex' } };
    if (!ModelError.is(error, 'no-model') || !chosen.isDefaultReader) return undefined;
    const { mapModel: reader, model: writer } = ports;
    return {
      request: { ...request, agreed: true, options: { ...request.options, mapModel: 'same' } },
      settings,
      notice: t('{0} does not offer {1}: {2} reads the parts too.', reader.host, reader.model, writer.model),
      onDone: () => this.deps.models.forgetReader(reader),
    };
  }

  private otherWays({ target, question }: StartRequest, chosen: ChosenModels, settings: Settings): OtherWays {
    const isBatchable = !question && (target.kind === 'file' || target.kind === 'items');
    return {
      flex: chosen.hasFlex === true && chosen.flex === undefined,
      batch:
        isBatchable &&
        settings['precis.cache.enabled'] &&
        batchHost(chosen.provider, chosen.baseUrl) !== undefined &&
        chosen.mapPrice?.input !== 0,
    };
  }

  /** @throws OtherFiles, AtFlex if the run starts again */
  private async confirm(
    plan: PlanReady,
    limit: number,
    request: StartRequest,
    chosen: ChosenModels,
    settings: Settings,
    signal: AbortSignal,
  ): Promise<boolean> {
    const others = request.interactive ? this.otherWays(request, chosen, settings) : onlyNow;
    const choose = this.chooserOf(request, signal);
    const way = await confirmRun(plan, limit, settings['precis.maxCostUsd'], choose, others);
    if (way === 'flex') throw new AtFlex();
    if (way === 'batch') this.onBatch(request);
    return way === 'now';
  }

  /** Undefined offline. */
  private async portsOf(
    request: StartRequest,
    { chosen, prepare }: Engine,
    settings: Settings,
    signal: AbortSignal,
  ): Promise<RunPorts | undefined> {
    const { caches, clock, hash } = this.deps;
    const { model, mapModel } = chosen;
    if (!model || !mapModel) return undefined;
    const getScheduler = async (of: ChatModel): Promise<Scheduler> =>
      this.deps.schedulers.of(
        of,
        getSchedulerOptions(settings, chosen.concurrency, (await of.limits(signal)).loopback),
      );
    const [scheduler, mapScheduler, cache, tokens, fence] = await Promise.all([
      getScheduler(model),
      getScheduler(mapModel),
      caches.of(request.options?.cache ?? settings['precis.cache.enabled'], settings),
      this.deps.tokens(),
      this.deps.fence(),
    ]);
    const limit = request.confirmAbove ?? settings['precis.confirmAboveTokens'];
    return {
      model,
      mapModel,
      scheduler,
      mapScheduler,
      cache,
      prepare,
      tokens,
      clock,
      hash,
      fence,
      yield: this.deps.yield,
      signal,
      translate: (phrase, ...values) => t(phrase, ...values),
      ...(limit > 0 && !request.agreed
        ? { confirm: (plan) => this.confirm(plan, limit, request, chosen, settings, signal) }
        : {}),
      ...(request.interactive
        ? { confirmUnpriced: (plan) => confirmUnpriced(plan, settings['precis.maxCostUsd']) }
        : {}),
    };
  }

  /** Undefined if there are no files to choose: a question is about the summarized text. */
  private chooserOf({ target, question }: StartRequest, signal: AbortSignal): ChooseFiles | undefined {
    if (target.kind !== 'items' || question) return undefined;
    return async () => {
      const chosen = await this.deps.chooseFiles(target, signal);
      signal.throwIfAborted();
      return chosen;
    };
  }
}

/** Up to 300 characters of instructions that a folder's settings add; undefined if none. */
function findFolderInstructions({ options, scope }: StartRequest, settings: Settings): string | undefined {
  if (options?.instructions !== undefined || !isFolderValue('precis.summary.instructions', scope)) return undefined;
  const instructions = settings['precis.summary.instructions'];
  return instructions && t('Instructions set by this folder: {0}', instructions.slice(0, 300));
}

/** Returns the language of offline headings; undefined with a model or in English. */
function getOfflineLanguage({ model }: ChosenModels, { request }: Engine): string | undefined {
  const { language } = request.options;
  if (model || language.trim() === '' || findLanguageTag(language) === 'en') return undefined;
  return t('Offline, only headings and fixed phrases are translated. Quotes stay in the language of the text.');
}

/** Joins instructions, a template's last; questions follow no template. */
function joinInstructions(settings: Settings, { options, question }: StartRequest, { state }: ActiveRun): string {
  const own = options?.instructions ?? settings['precis.summary.instructions'];
  const template = state.template && question === undefined ? promptInstructions(state.template) : '';
  return [own, template].filter((text) => text !== '').join('\n  ');
}

function offlineTemplate(
  { model }: ChosenModels,
  { question }: StartRequest,
  { state }: ActiveRun,
): string | undefined {
  if (model || question !== undefined || !state.template) return undefined;
  return t('Offline, a template sets only the length. Choose a model to follow its instructions.');
}

async function fitSlots(chosen: ChosenModels, signal: AbortSignal): Promise<ChosenModels> {
  if (!chosen.model) return chosen;
  const { concurrency, concurrencySet } = chosen;
  return { ...chosen, concurrency: getLanes(await chosen.model.limits(signal), concurrency, concurrencySet) };
}

function runOptions(settings: Settings, chosen: ChosenModels, request: StartRequest, run: ActiveRun): RunOptions {
  const options = request.options ?? {};
  const effort = settings['precis.reasoningEffort'];
  return {
    length: options.length ?? run.state.template?.length ?? settings['precis.summary.length'],
    language: options.language ?? settings['precis.summary.language'],
    instructions: joinInstructions(settings, request, run),
    ...(request.question ? { question: request.question } : {}),
    chunkTokens: options.chunkTokens ?? settings['precis.chunkTokens'],
    concurrency: chosen.concurrency,
    maxCostUsd: settings['precis.maxCostUsd'],
    ...(chosen.price ? { price: chosen.price } : {}),
    ...(chosen.mapPrice ? { mapPrice: chosen.mapPrice } : {}),
    ...(effort === 'auto' ? {} : { effort }),
    ...(chosen.flex ? { flex: chosen.flex } : {}),
    ...request.engine,
  };
}
