/** Streams the final call. Restarts it on failure, continues it once after truncation. */
import { limitTooLow } from './ledger.ts';
import { createContinuation, joinAnswers, cutToWords } from '../answer/continuation.ts';
import { createCitationWriter, type CitationWriter, type Unit } from '../answer/citations.ts';
import { listChunks, collapseWith, type Merge } from './collapse.ts';
import { endCodes, gapReasons, getErrorKind, notifyOnce, createPlaces, type RunContext } from './context.ts';
import { CallEvents } from './callEvents.ts';
import { kept } from './mergeCall.ts';
import { countNamedTokens, countPromptTokens, countUnitTokens, reduceRequest } from './mergeRequest.ts';
import { ModelError, type ModelCall } from '../model.ts';
import type { Plan } from '../plan/plan.ts';
import type { CallResult } from '../schedule/types.ts';
import { hasWords } from '../words.ts';

const reducePriority = 20;

interface Reduced {
  /** `cut`: truncated for good; `repeated`: stopped in a loop. */
  readonly end: 'whole' | 'cut' | 'repeated';
}

interface Draft {
  readonly text: string;
  /** `window` means that prompt and answer filled the window. */
  readonly end: Reduced['end'] | 'window';
}

interface Show {
  add(piece: string): void;
  restart(reason: string): void;
}

/** @throws ModelError if no text arrived */
export async function reduce(
  context: RunContext,
  units: readonly Unit[],
  plan: Plan,
  stage: 'reduce' | 'ask',
  onFirstText: () => void,
): Promise<Reduced> {
  const merge = collapseWith(context, plan);
  let members = stage === 'reduce' ? await fitted(context, units, plan, merge) : [...units];
  for (let attempt = 0; ; attempt++) {
    const canMerge = stage !== 'ask' && members.length > 1 && attempt < 3 && members.every(({ note }) => note);
    const canSplit = canMerge || plan.strategy === 'single';
    try {
      return await writeSummary(context, members, plan, stage, onFirstText, canSplit);
    } catch (error) {
      // the window is smaller than assumed
      if (!canMerge || !ModelError.is(error, 'too-long')) throw error;
      const room = Math.max(200, Math.min(countUnitTokens(members) / 2, (error.limitTokens ?? Infinity) / 3));
      const groups = inGroups(context, members, room);
      const target = Math.max(30, Math.floor((room * 0.6) / groups.length));
      const merged = (await Promise.all(groups.map((group) => merge(group, target)))).flat();
      if (countUnitTokens(merged) >= countUnitTokens(members)) throw error;
      members = merged;
    }
  }
}

/** Merges units until they fit the final call. */
export async function fitted(context: RunContext, units: readonly Unit[], plan: Plan, merge: Merge): Promise<Unit[]> {
  const room = getRoom(context, plan);
  let members = [...units];
  for (let level = 0; level < 4 && countNamedTokens(context, members) > room && members.length > 1; level++) {
    const target = Math.max(40, Math.floor(plan.collapse.words / (level + 1)));
    const groups = inGroups(context, members, room);
    members = (await Promise.all(groups.map((group) => (group.length > 1 ? merge(group, target) : group)))).flat();
  }
  return members;
}

async function writeSummary(
  context: RunContext,
  members: readonly Unit[],
  plan: Plan,
  stage: 'reduce' | 'ask',
  onFirstText: () => void,
  canSplit: boolean,
): Promise<Reduced> {
  const { key, call } = reduceRequest(context, members, plan, stage);
  let output = '';
  let writer = createWriter(context, members);
  const add = (piece: string): void => {
    const text = writer.push(piece);
    if (!text) return;
    if (!output) onFirstText();
    output += text;
    context.emit({ type: 'delta', text });
  };
  const restart = (reason: string): void => {
    if (output) context.emit({ type: 'restart', reason });
    output = '';
    writer = createWriter(context, members);
  };
  const show = { add, restart };
  const ask = asker(context, stage, listChunks(members), plan.reduce.words, show);
  let end = 'whole' as Draft['end'];
  let streamed = false;
  const raw = await kept(context, 'reduce', key, async () => {
    streamed = true;
    const plain = (): ModelCall => reduceRequest(context, members, plan, stage, true).call;
    const draft = await stream(context, call, plain, ask, show);
    end = draft.end;
    return end === 'whole' ? draft.text : undefined;
  });
  if (end === 'window' && canSplit) {
    restart(gapReasons['too-long']);
    throw new ModelError({ kind: 'too-long', code: 'no-fit' });
  }
  if (!streamed && raw !== undefined) {
    // locating hundreds of marks would block the thread
    for (const line of raw.split(/(?<=\n)/)) {
      add(line);
      await context.ports.yield();
    }
  }
  const rest = writer.end();
  if (rest) {
    if (!output) onFirstText();
    output += rest;
    context.emit({ type: 'delta', text: rest });
  }
  if (writer.dropped) context.emit({ type: 'notice', code: 'marks-dropped', message: describeDropped(writer.dropped) });
  if (end === 'repeated') notifyOnce(context, 'repeated');
  return { end: end === 'window' ? 'cut' : end };
}

function describeDropped(marks: number): string {
  return marks === 1 ? '1 invalid citation was removed.' : `${marks} invalid citations were removed.`;
}

function createWriter(context: RunContext, units: readonly Unit[]): CitationWriter {
  return createCitationWriter(units, context.locator, createPlaces(context), (citation) => context.emit(citation));
}

/** Note tokens that fit, in the count of `countNamedTokens`. */
function getRoom(context: RunContext, plan: Plan): number {
  return Math.max(200, plan.reduce.room / context.limits.tokenFactor);
}

function inGroups(context: RunContext, units: readonly Unit[], room: number): Unit[][] {
  const groups: Unit[][] = [];
  let size = Infinity;
  for (const unit of units) {
    const tokens = countNamedTokens(context, [unit]);
    if (size + tokens > room * 0.9) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(unit);
    size += tokens;
  }
  return groups;
}

/** Makes a call; streams it unless `shown` is false. */
type Ask = (call: ModelCall, shown?: boolean) => Promise<CallResult>;

/** Tokens. */
const minRoom = 64;

/** Continues a truncated answer once, a loop never. */
async function stream(
  context: RunContext,
  call: ModelCall,
  plain: () => ModelCall,
  ask: Ask,
  show: Show,
): Promise<Draft> {
  const { text, finish, cutBy } = await requestFirstAnswer(context, call, plain, ask);
  if (finish === 'stop') return { text, end: 'whole' };
  if (finish === 'repeated') return { text, end: 'repeated' };
  if (finish === 'too-long') return { text, end: 'window' };
  if (finish !== 'length' || cutBy === 'runaway') return { text, end: 'cut' };
  const base = cutToWords(text);
  const rest = await askForRest(context, call, ask, base);
  const all = rest && joinAnswers(base, rest.text);
  if (all === undefined) return { text, end: 'cut' };
  if (base === text) show.add(all.slice(text.length));
  else {
    show.restart(gapReasons.length);
    show.add(all);
  }
  return { text: all, end: rest?.finish === 'stop' ? 'whole' : rest?.finish === 'repeated' ? 'repeated' : 'cut' };
}

async function requestFirstAnswer(
  context: RunContext,
  call: ModelCall,
  plain: () => ModelCall,
  ask: Ask,
): Promise<CallResult> {
  let next = call;
  for (;;) {
    const result = await ask(next);
    if (hasWords(result.text)) return result;
    const { finish, cutBy } = result;
    if (finish === 'refused' || finish === 'content-filter' || finish === 'too-long')
      throw new ModelError({ kind: finish, code: endCodes[finish] });
    const more = Math.min(context.limits.maxOutputTokens, Math.max(next.maxTokens, call.maxTokens * 4));
    const isFull = finish === 'length' && cutBy !== 'server' && cutBy !== 'runaway';
    if (isFull && more > next.maxTokens) next = { ...next, maxTokens: more };
    else if (next.sampling === undefined) next = { ...plain(), sampling: 'varied' };
    else throw new ModelError({ kind: 'unknown', code: 'empty' });
  }
}

async function askForRest(
  context: RunContext,
  call: ModelCall,
  ask: Ask,
  answer: string,
): Promise<CallResult | undefined> {
  const more = createContinuation(call, answer);
  const inputTokens = countPromptTokens(context, more);
  const room = context.limits.contextWindow - inputTokens;
  if (room < minRoom) return undefined;
  try {
    return await ask({ ...more, inputTokens, maxTokens: Math.min(call.maxTokens, room) }, false);
  } catch (error) {
    if (context.signal.aborted || getErrorKind(error) === 'cancelled') throw error;
    return undefined;
  }
}

function asker(
  context: RunContext,
  stage: 'reduce' | 'ask',
  chunks: readonly number[],
  words: number,
  show: Show,
): Ask {
  return async (call, shown = true) => {
    const { ledger, options } = context;
    const written = call.reusable && context.limits.billsCacheWrites ? call.inputTokens : 0;
    if (!ledger.reserve('reduce', call.inputTokens, call.maxTokens, written))
      throw limitTooLow(options.maxCostUsd, ledger.worstCase('reduce', call.inputTokens, call.maxTokens, written));
    const events = new CallEvents(context, stage, chunks);
    try {
      const result = await context.ports.scheduler.run({
        model: context.ports.model,
        call,
        run: context.id,
        priority: reducePriority,
        outputTokens: Math.ceil(words * 1.4),
        hedge: true,
        signal: context.signal,
        ...events.hooks,
        ...(shown ? { onText: show.add, onRestart: (reason) => show.restart(gapReasons[reason]) } : {}),
        onWait: (wait) => context.emit({ type: 'wait', stage, ...wait }),
      });
      events.done(result);
      return result;
    } catch (error) {
      events.failed(error);
      throw error;
    }
  };
}
