/** From a request to the engine: models, text, cache and scheduler of one run, put together by the settings. */
import type { SummaryOptions } from '../api.ts';
import type { RunEvent } from '../engine/events.ts';
import { languageTag } from '../shared/languages.ts';
import { lanesFor } from '../engine/schedule/lanes.ts';
import type { Prepare, RunOptions, RunPorts, RunRequest } from '../engine/request.ts';
import { isFolderValue, type Settings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import { keyFilesOf, refuseKeyFiles } from '../sources/index.ts';
import type { ActiveRun } from './activeRun.ts';
import { confirmKeyFiles, confirmRun, confirmUnpriced, OtherFiles } from './confirm.ts';
import type { ChosenModels } from './models.ts';
import type { Engine, RunsDeps, StartRequest } from './types.ts';
import { schedulerOptions } from './schedulers.ts';
import { chunkId } from './staleFiles.ts';

export interface Engines {
  /** @param fingerprint gets a short hash and the tokens of each chunk that was read */
  engineOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<Engine>;
  /** The events of a run, with a model or without. */
  eventsOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<AsyncIterable<RunEvent>>;
}

export function createEngines(ports: RunsDeps): Engines {
  async function eventsOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<AsyncIterable<RunEvent>> {
    const { ports: enginePorts, ...engine } = await engineOf(request, run, settings, signal, fingerprint);
    if (!enginePorts) {
      const { runOffline } = await import('../engine/offline/run.ts');
      return runOffline(engine.request, {
        prepare: engine.prepare,
        signal,
        yield: ports.yield,
        clock: ports.clock,
        wording: await ports.wording(engine.request.options.language),
      });
    }
    const { run: start } = await import('../engine/run/run.ts');
    const models = [enginePorts.model, enginePorts.mapModel];
    return (async function* () {
      try {
        yield* start(engine.request, enginePorts);
      } catch (error) {
        if (!(error instanceof OtherFiles)) throw error;
        const { recipe } = error;
        run.state.recipe = recipe;
        run.reset();
        fingerprint.length = 0;
        const others = { ...request, recipe, read: (s: AbortSignal) => ports.resolve(recipe, s) };
        yield* await eventsOf(others, run, settings, signal, fingerprint);
      }
      ports.schedulers.remember(models);
    })();
  }

  async function engineOf(
    request: StartRequest,
    run: ActiveRun,
    settings: Settings,
    signal: AbortSignal,
    fingerprint: [string, number][],
  ): Promise<Engine> {
    const options = request.options ?? {};
    // what is read here waits for nothing that is asked of VS Code meanwhile
    const [asked, prepare, source] = await Promise.all([
      ports.models.choose(settings, options, request.scope, request),
      ports.prepare(),
      request.read(signal),
    ]);
    run.state.keyFiles = keyFilesOf(source);
    if (request.forAgent) refuseKeyFiles(source);
    if (asked.model) await confirmKeyFiles(run.state, asked.model.host, request.interactive);
    const chosen = await fitSlots(asked, signal);
    const watching: Prepare = async (part, s, progress) => {
      const prepared = await prepare(part, s, progress);
      for (const chunk of prepared.chunks) fingerprint.push([chunkId(ports.hash, chunk.text), chunk.tokens]);
      return prepared;
    };
    const { mask } = ports;
    const plain = runOptions(settings, options, chosen, request);
    // a question and instructions go out with the text, and are masked like it
    const masked: RunOptions = {
      ...plain,
      instructions: plain.instructions && (await mask(plain.instructions)),
      ...(plain.question ? { question: await mask(plain.question) } : {}),
    };
    const engineRequest: RunRequest = { id: run.id, source, options: masked };
    if (options.instructions === undefined && isFolderValue('precis.summary.instructions', request.scope)) {
      const message = t('Instructions set by this folder: {0}', plain.instructions.slice(0, 300));
      if (plain.instructions) run.event({ type: 'notice', code: 'language', message });
    }
    if (chosen.notice) run.event({ type: 'notice', code: 'language', message: chosen.notice });
    const { language } = engineRequest.options;
    if (!chosen.model && language.trim() !== '' && languageTag(language) !== 'en') {
      const message = t(
        'Offline, only headings and fixed phrases are translated. Quotes stay in the language of the text.',
      );
      run.event({ type: 'notice', code: 'language', message });
    }
    if (!chosen.model || !chosen.mapModel) return { request: engineRequest, chosen, prepare: watching };
    const [scheduler, mapScheduler, cache, tokens, fence] = await Promise.all([
      schedulerOf(chosen, settings, false, signal),
      schedulerOf(chosen, settings, true, signal),
      ports.caches.of(options.cache ?? settings['precis.cache.enabled'], settings),
      ports.tokens(),
      ports.fence(),
    ]);
    const limit = request.confirmAbove ?? settings['precis.confirmAboveTokens'];
    const { recipe } = request;
    // a question is put to the text that was summarized
    const choose = recipe.kind === 'items' && !request.question ? () => chosenOf(recipe, signal) : undefined;
    const enginePorts: RunPorts = {
      model: chosen.model,
      mapModel: chosen.mapModel,
      scheduler,
      mapScheduler,
      cache,
      prepare: watching,
      tokens,
      clock: ports.clock,
      hash: ports.hash,
      fence,
      yield: ports.yield,
      signal,
      translate: (phrase, ...values) => t(phrase, ...values),
      ...(limit > 0 && !request.agreed
        ? { confirm: (plan) => confirmRun(plan, limit, settings['precis.maxCostUsd'], choose) }
        : {}),
      ...(request.interactive
        ? { confirmUnpriced: (plan) => confirmUnpriced(plan, settings['precis.maxCostUsd']) }
        : {}),
    };
    ports.log.info(`run ${run.id}: ${chosen.provider} ${chosen.model.model}, ${source.parts.length} part(s)`);
    return { request: engineRequest, chosen, prepare: watching, ports: enginePorts };
  }

  /** Where the run was cancelled meanwhile, nobody is asked again. */
  async function chosenOf(recipe: Parameters<RunsDeps['chooseFiles']>[0], signal: AbortSignal) {
    const chosen = await ports.chooseFiles(recipe, signal);
    signal.throwIfAborted();
    return chosen;
  }

  async function schedulerOf(chosen: ChosenModels, settings: Settings, map: boolean, signal: AbortSignal) {
    const model = (map ? chosen.mapModel : chosen.model)!;
    const limits = await model.limits(signal);
    return ports.schedulers.of(model, schedulerOptions(settings, chosen.concurrency, limits.loopback));
  }

  return { engineOf, eventsOf };
}

/** As many parallel requests as the server that runs the model works on at once, where it tells that. */
async function fitSlots(chosen: ChosenModels, signal: AbortSignal): Promise<ChosenModels> {
  if (!chosen.model) return chosen;
  const { concurrency, concurrencySet } = chosen;
  return { ...chosen, concurrency: lanesFor(await chosen.model.limits(signal), concurrency, concurrencySet) };
}

function runOptions(
  settings: Settings,
  options: SummaryOptions,
  chosen: ChosenModels,
  request: StartRequest,
): RunOptions {
  const effort = settings['precis.reasoningEffort'];
  return {
    length: options.length ?? settings['precis.summary.length'],
    language: options.language ?? settings['precis.summary.language'],
    instructions: options.instructions ?? settings['precis.summary.instructions'],
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
