/** Reduce: the last call, streamed, cited, restarted when it breaks, continued when it is cut. */
import { limitTooLow } from './ledger.ts';
import { createCitationWriter, type CitationWriter, type Unit } from '../answer/citations.ts';
import { chunksOf, collapseWith, type Merge } from './collapse.ts';
import { endCodes, gapReasons, placesOf, type RunContext } from './context.ts';
import { kept, tellCall } from './mergeCall.ts';
import { promptTokens, reduceRequest, unitTokens } from './mergeRequest.ts';
import { ModelError, type ModelCall } from '../model.ts';
import type { Plan } from '../plan/plan.ts';
import { hasWords } from '../words.ts';

const reducePriority = 20;

export interface Reduced {
  /** False: it was cut off and could not be finished. */
  readonly whole: boolean;
}

/** The last call. Throws where no text came at all. */
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
    try {
      return await writeSummary(context, members, plan, stage, onFirstText);
    } catch (error) {
      // the window is smaller than believed: the notes are merged until they fit
      if (
        stage === 'ask' ||
        !ModelError.is(error, 'too-long') ||
        members.length < 2 ||
        attempt >= 3 ||
        members.some((m) => !m.note)
      )
        throw error;
      const room = Math.max(200, Math.min(unitTokens(members) / 2, (error.limitTokens ?? Infinity) / 3));
      const groups = inGroups(members, room);
      const target = Math.max(30, Math.floor((room * 0.6) / groups.length));
      const merged = (await Promise.all(groups.map((group) => merge(group, target)))).flat();
      if (unitTokens(merged) >= unitTokens(members)) throw error;
      members = merged;
    }
  }
}

/** The members of the last call: merged again, level by level, where they would not fit it. */
export async function fitted(context: RunContext, units: readonly Unit[], plan: Plan, merge: Merge): Promise<Unit[]> {
  const room = roomFor(context, plan);
  let members = [...units];
  for (let level = 0; level < 4 && unitTokens(members) > room && members.length > 1; level++) {
    const target = Math.max(40, Math.floor(plan.collapse.words / (level + 1)));
    const groups = inGroups(members, room);
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
): Promise<Reduced> {
  const { key, call } = reduceRequest(context, members, plan, stage);
  let output = '';
  let writer = createWriter(context, members);
  const show = (piece: string): void => {
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
  let whole = true;
  let streamed = false;
  const raw = await kept(context, 'reduce', key, async () => {
    streamed = true;
    const { ledger, options } = context;
    if (!ledger.reserve('reduce', call.inputTokens, call.maxTokens))
      throw limitTooLow(options.maxCostUsd, ledger.worstCase('reduce', call.inputTokens, call.maxTokens));
    const result = await stream(context, call, stage, chunksOf(members), plan, show, restart);
    whole = result.whole;
    return whole ? result.text : undefined;
  });
  if (!streamed && raw !== undefined) {
    // each mark looks for its lines: hundreds at a stretch would hold the thread
    for (const line of raw.split(/(?<=\n)/)) {
      show(line);
      await context.ports.yield();
    }
  }
  const rest = writer.end();
  if (rest) {
    if (!output) onFirstText();
    output += rest;
    context.emit({ type: 'delta', text: rest });
  }
  if (writer.dropped) context.emit({ type: 'notice', code: 'marks-dropped', message: droppedText(writer.dropped) });
  return { whole };
}

function droppedText(marks: number): string {
  return marks === 1 ? '1 invalid citation was removed.' : `${marks} invalid citations were removed.`;
}

function createWriter(context: RunContext, units: readonly Unit[]): CitationWriter {
  return createCitationWriter(units, context.locator, placesOf(context), (citation) => context.emit(citation));
}

/** Tokens of notes that the last call reads, as `unitTokens` counts. */
function roomFor(context: RunContext, plan: Plan): number {
  return Math.max(200, plan.reduce.room / context.limits.tokenFactor);
}

/** Runs of neighbours that fit one call. */
function inGroups(units: readonly Unit[], room: number): Unit[][] {
  const groups: Unit[][] = [];
  let size = Infinity;
  for (const unit of units) {
    const tokens = unitTokens([unit]);
    if (size + tokens > room * 0.9) {
      groups.push([]);
      size = 0;
    }
    groups.at(-1)!.push(unit);
    size += tokens;
  }
  return groups;
}

/** Streams the answer; a `length` ending means going on, not being done. */
async function stream(
  context: RunContext,
  call: ModelCall,
  stage: 'reduce' | 'ask',
  chunks: readonly number[],
  plan: Plan,
  show: (piece: string) => void,
  restart: (reason: string) => void,
): Promise<{ text: string; whole: boolean }> {
  let text = '';
  let empty = 0;
  let { maxTokens } = call;
  for (let round = 0; round < 4; round++) {
    const tail = text.slice(-200);
    const user = text
      ? `${call.user}\nYour answer so far ends with:\n${tail}\nGo on exactly there; repeat nothing.`
      : call.user;
    const before = text;
    const told = tellCall(context, stage, chunks);
    let result;
    try {
      result = await context.ports.scheduler.run({
        model: context.ports.model,
        call: {
          ...call,
          user,
          maxTokens,
          inputTokens: text ? promptTokens(context, { ...call, user }) : call.inputTokens,
        },
        run: context.id,
        priority: reducePriority,
        outputTokens: Math.ceil(plan.reduce.words * 1.4),
        hedge: true,
        signal: context.signal,
        onStart: told.start,
        onText: show,
        onRestart: (reason) => {
          restart(gapReasons[reason]);
          if (before) show(before);
        },
        onWait: (wait) => context.emit({ type: 'wait', stage, ...wait }),
      });
    } catch (error) {
      const cancelled = told.failed(error);
      if (before && !cancelled) return { text: before, whole: false };
      throw error;
    }
    told.done(result);
    text = before + result.text;
    if (result.finish === 'stop' && hasWords(text)) return { text, whole: true };
    if (result.finish === 'refused' || result.finish === 'content-filter' || result.finish === 'too-long') {
      if (!hasWords(text)) throw new ModelError({ kind: result.finish, code: endCodes[result.finish] });
      return { text, whole: false };
    }
    if (!hasWords(result.text)) {
      if (++empty > 2) break;
      maxTokens = Math.min(context.limits.maxOutputTokens, maxTokens * 4);
    }
  }
  if (!hasWords(text)) throw new ModelError({ kind: 'unknown', code: 'empty' });
  return { text, whole: false };
}
