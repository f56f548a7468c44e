/** Runs a summary. Unreadable texts and bad answers become gaps, not errors. */
import { createChannel } from '../eventChannel.ts';
import { createLocator, type Unit } from '../answer/citations.ts';
import { guardModel } from '../answer/guardedModel.ts';
import { collapseWith, gather } from '../stages/collapse.ts';
import { createGapList, gapReasons, type RunContext } from '../stages/context.ts';
import { Ledger, limitTooLow } from '../stages/ledger.ts';
import { checkPriced, Declined } from './costLimit.ts';
import { finish, writeNotes, type Outcome } from './finish.ts';
import { startMap, type NoteStage } from '../stages/map.ts';
import { reduce } from '../stages/reduce.ts';
import { PromptLimit } from '../stages/promptLimit.ts';
import { ModelError, type ChatModel, type ModelLimits } from '../model.ts';
import { getUsedLimits } from '../prompts/modelSize.ts';
import { reduceRequest } from '../stages/mergeRequest.ts';
import { claimNotes, noteKeys } from '../stages/notes.ts';
import type { PlanReady, RunEvent } from '../events.ts';
import type { Plan, PlanInput } from '../plan/plan.ts';
import { planInSlices } from '../plan/planSlices.ts';
import { nameUnread, prepareSource, createReading, type Reading } from '../read/prepareSource.ts';
import { planInput } from './planInput.ts';
import { chooseForQuestion } from './question.ts';
import { createRefinedPrepare } from './refinedPrepare.ts';
import type { RunPorts, RunRequest } from '../request.ts';
import type { Chunk } from '../source.ts';
import { collapseNodes } from '../plan/mergeTree.ts';

/** Starts a run; `events.ts` describes its events. */
export function run(request: RunRequest, ports: RunPorts): AsyncIterable<RunEvent> {
  const local = new AbortController();
  const cancel = (): void => local.abort(ports.signal.reason);
  if (ports.signal.aborted) cancel();
  else ports.signal.addEventListener('abort', cancel, { once: true });
  const channel = createChannel<RunEvent>(() => {
    ports.signal.removeEventListener('abort', cancel);
    local.abort();
  });
  perform(request, { ...ports, signal: local.signal }, (event) => channel.push(event)).then(
    () => channel.end(),
    (error: unknown) => channel.fail(error),
  );
  return channel;
}

async function perform(request: RunRequest, ports: RunPorts, push: (event: RunEvent) => void): Promise<void> {
  const started = ports.clock.now();
  const outcome: Outcome = { started, markdown: '', status: 'complete', citations: [], strategy: 'single' };
  const emit = (event: RunEvent): void => {
    if (event.type === 'delta') outcome.markdown += event.text;
    if (event.type === 'restart') outcome.markdown = '';
    if (event.type === 'citation') outcome.citations.push(event);
    if (event.type === 'restart') outcome.citations.length = 0;
    push(event);
  };
  let context: RunContext | undefined;
  try {
    context = await createContext(request, ports, emit);
    await summarize(context, outcome);
    await finish(context, outcome);
  } catch (error) {
    if (!ports.signal.aborted && !(error instanceof Declined)) throw error;
    // keep and report finished work
    outcome.status = 'cancelled';
    await finish(context ?? createEmptyContext(request, ports, emit), outcome);
  }
}

const getLimits = async (model: ChatModel, signal: AbortSignal): Promise<ModelLimits> =>
  getUsedLimits(model.model, await model.limits(signal));

/** Prepares the text and the state that the stages share. */
export async function createContext(
  request: RunRequest,
  ports: RunPorts,
  emit: (event: RunEvent) => void,
  reading?: Reading,
): Promise<RunContext> {
  const mapLimitsAsked = getLimits(ports.mapModel, ports.signal);
  const prepare = createRefinedPrepare(ports.prepare, mapLimitsAsked, ports.mapModel.model);
  const [prepared, limits, mapLimits] = await Promise.all([
    prepareSource(request.source, { ...ports, prepare }, emit, reading ?? createReading(request.source, ports)),
    getLimits(ports.model, ports.signal),
    mapLimitsAsked,
  ]);
  const price = request.options.price ?? limits.listPrice;
  const mapPrice =
    request.options.mapPrice ?? mapLimits.listPrice ?? (ports.mapModel === ports.model ? price : undefined);
  const options = { ...request.options, price, mapPrice };
  let calls = 0;
  const reduceUsd = price ? (16_000 * price.input + 1_500 * price.output) / 1e6 : 0;
  return {
    id: request.id,
    source: nameUnread(request.source, prepared.unread, ports.translate),
    options,
    ports: { ...ports, model: guardModel(ports.model), mapModel: guardModel(ports.mapModel) },
    cache: ports.cache,
    signal: ports.signal,
    parts: prepared.parts,
    chunks: prepared.chunks,
    kinds: [...new Set(prepared.parts.filter((part) => part.chunks.length).map((part) => part.kind))],
    locator: createLocator(prepared.chunks),
    limits,
    mapLimits,
    ledger: new Ledger({
      limitUsd: options.maxCostUsd,
      price,
      mapPrice,
      keepForReduceUsd: Math.min(reduceUsd, options.maxCostUsd / 3),
      spent: options.spent,
    }),
    gaps: createGapList(request.source, emit),
    promptLimit: new PromptLimit(),
    emit,
    nextCall: () => ++calls,
  };
}

function createEmptyContext(request: RunRequest, ports: RunPorts, emit: (event: RunEvent) => void): RunContext {
  const limits = {
    contextWindow: 1,
    maxOutputTokens: 1,
    tier: 'strong',
    reasoning: false,
    tokenFactor: 1,
    loopback: false,
    known: false,
  } as const;
  return {
    id: request.id,
    source: request.source,
    options: request.options,
    ports,
    cache: ports.cache,
    signal: ports.signal,
    parts: [],
    chunks: [],
    kinds: [],
    locator: createLocator([]),
    limits,
    mapLimits: limits,
    ledger: new Ledger({ limitUsd: 0, keepForReduceUsd: 0 }),
    gaps: createGapList(request.source, emit),
    promptLimit: new PromptLimit(),
    emit,
    nextCall: () => 0,
  };
}

async function summarize(context: RunContext, outcome: Outcome): Promise<void> {
  if (!context.chunks.length) throw new ModelError({ kind: 'bad-request', code: 'no-text' });
  const input = await planInput(context);
  const first = await planInSlices(input, context.ports.yield);
  if (first.strategy === 'single' && !(await wasReadInParts(context, first))) {
    await announce(context, outcome, first, 0, 0);
    try {
      await writeSingle(context, outcome, first);
      return;
    } catch (error) {
      // the window is smaller than assumed
      if (!ModelError.is(error, 'too-long') || context.chunks.length < 1) throw error;
      context.promptLimit.refused(context.limits.tokenFactor * first.estimate.inputTokens, error);
      const window = Math.floor(Math.min(error.limitTokens ?? Infinity, context.limits.contextWindow / 2));
      context.emit({
        type: 'notice',
        code: 'window-learned',
        message: `The model holds fewer tokens than expected (${window}): the text is read in parts.`,
      });
      const smaller = { ...context.limits, contextWindow: Math.max(512, window) };
      await mapReduce(
        { ...context, limits: smaller, mapLimits: smaller },
        outcome,
        { ...input, reduceLimits: smaller, mapLimits: smaller, singleAllowed: false },
        false,
      );
      return;
    }
  }
  await mapReduce(context, outcome, input, true);
}

/** Its notes are cached and its whole is not: a prompt of this size was refused before, and the window learned. */
async function wasReadInParts(context: RunContext, plan: Plan): Promise<boolean> {
  const { limits, cache, chunks, options } = context;
  if (!limits.windowLearned) return false;
  const stage = options.question ? 'ask' : 'reduce';
  const { key } = reduceRequest(context, wholeUnits(context), plan, stage);
  if ((await cache.get('reduce', key)) !== undefined) return false;
  for (const noteKey of await noteKeys(context, chunks))
    if ((await cache.get('map', noteKey)) === undefined) return false;
  return true;
}

const wholeUnits = ({ chunks }: RunContext): Unit[] => chunks.map(({ index }) => ({ chunks: [index], note: '' }));

async function writeSingle(context: RunContext, outcome: Outcome, plan: Plan): Promise<void> {
  outcome.strategy = 'single';
  try {
    await write(context, outcome, wholeUnits(context), plan);
  } catch (error) {
    if (ModelError.is(error) && error.code === 'empty')
      return context.gaps.add(context.chunks, 'offline', gapReasons.offline);
    if (!ModelError.is(error) || !outcome.markdown) throw error;
    outcome.cut = true;
  }
}

async function write(context: RunContext, outcome: Outcome, units: readonly Unit[], plan: Plan): Promise<void> {
  const stage = context.options.question ? 'ask' : 'reduce';
  const { end } = await reduce(context, units, plan, stage, findFirstText(context, outcome));
  if (end !== 'whole') outcome[end] = true;
}

async function mapReduce(context: RunContext, outcome: Outcome, input: PlanInput, ask: boolean): Promise<void> {
  outcome.strategy = 'map-reduce';
  const slots = await claimNotes(context);
  let stage: NoteStage | undefined;
  try {
    const cached = slots.filter((slot) => slot.claim.state !== 'ours').length;
    const chunks = input.chunks.map((chunk, i) => ({ ...chunk, cached: slots[i]!.claim.state !== 'ours' }));
    const plan = await planInSlices(
      { ...input, chunks, singleAllowed: false, preferChunks: true },
      context.ports.yield,
    );
    const full = cached
      ? await planInSlices({ ...input, singleAllowed: false, preferChunks: true }, context.ports.yield)
      : plan;
    const saved = Math.max(cached === slots.length ? 1 : 0, full.packs.length - plan.packs.length);
    if (ask) await announce(context, outcome, plan, plan.packs.length, saved);
    else
      context.emit({ type: 'replan', map: plan.packs.length, collapse: collapseNodes(plan.tree).length, reason: '' });
    if (slots.some((slot) => slot.claim.state === 'hit')) context.ledger.cached(saved);
    const started = (stage = startMap(context, slots, plan));
    const notes = plan.tree
      ? await gather(plan.tree, plan.collapse.words, (chunk) => started.note(chunk), collapseWith(context, plan))
      : [];
    await stage.done;
    if (!notes.length && context.gaps.onlyBecause(gapReasons['cost-limit']))
      throw limitTooLow(context.options.maxCostUsd, plan.estimate.costUsd);
    if (!notes.length && context.gaps.onlyBecause(gapReasons['too-long']))
      throw describeNoFit(context, stage.lastError);
    const isFailed = stage.fatal !== undefined || stage.lastError !== undefined || !context.gaps.has('offline');
    if (!notes.length && context.gaps.size && isFailed)
      throw stage.fatal ?? stage.lastError ?? new ModelError({ kind: 'unknown', code: 'nothing-read' });
    const units = context.options.question ? await chooseForQuestion(context, notes, plan) : notes;
    if (!units.length) {
      outcome.nothing = !context.gaps.size;
      return;
    }
    try {
      await write(context, outcome, units, plan);
    } catch (error) {
      if (!ModelError.is(error) || context.signal.aborted) throw error;
      // fall back to the notes, which are paid for
      await writeNotes(context, outcome, units, error);
    }
  } catch (error) {
    await stage?.done.catch(() => undefined);
    if (!stage) for (const slot of slots) if (slot.claim.state === 'ours') await slot.claim.settle(undefined);
    throw error;
  }
}

/** No part is small enough: the server says so of everything, or its window is smaller than a part. */
function describeNoFit({ ports }: RunContext, last: ModelError | undefined): ModelError {
  const { status, requestId, said } = last ?? {};
  return new ModelError({
    kind: 'too-long',
    code: 'no-part-fits',
    args: [ports.mapModel.host],
    status,
    requestId,
    said,
  });
}

async function announce(
  context: RunContext,
  outcome: Outcome,
  plan: Plan,
  map: number,
  cachedCalls: number,
): Promise<void> {
  const { ports, source } = context;
  const ready: PlanReady = {
    type: 'plan',
    title: source.title,
    provider: ports.model.provider,
    model: ports.model.model,
    mapModel: ports.mapModel.model,
    host: ports.model.host,
    strategy: plan.strategy,
    kinds: context.kinds,
    lines: context.parts.reduce((sum, part) => sum + part.lines, 0),
    tokens: context.chunks.reduce((sum, chunk) => sum + chunk.tokens, 0),
    chunks: context.chunks.map(({ part, startLine, endLine, context: heading, tokens }: Chunk) => ({
      part,
      startLine,
      endLine,
      context: heading,
      tokens,
    })),
    parts: source.parts.map(({ uri, title }) => ({ ...(uri ? { uri } : {}), title })),
    map,
    collapse: collapseNodes(plan.tree).length,
    cachedCalls,
    estimate: plan.estimate,
  };
  outcome.strategy = plan.strategy;
  context.emit(ready);
  await checkPriced(context, ready);
  if (ports.confirm && !(await ports.confirm(ready))) throw new Declined();
  if (context.signal.aborted) throw new Declined();
}

function findFirstText(context: RunContext, outcome: Outcome): () => void {
  return () => {
    outcome.firstTokenMs ??= context.ports.clock.now() - outcome.started;
  };
}
