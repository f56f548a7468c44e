/** Merges the notes below a node when they are complete. */
import { createContinuation, joinAnswers, cutToWords } from '../answer/continuation.ts';
import type { Unit } from '../answer/citations.ts';
import type { RunContext } from './context.ts';
import type { ModelCall } from '../model.ts';
import { CallEvents } from './callEvents.ts';
import { kept } from './mergeCall.ts';
import { collapsed, collapseRequest, countUnitTokens } from './mergeRequest.ts';
import type { CallResult } from '../schedule/types.ts';
import type { Plan } from '../plan/plan.ts';
import type { TreeNode } from '../plan/mergeTree.ts';
import { yieldBetween } from './throttle.ts';

/** @param words limit of the answer */
export type Merge = (units: readonly Unit[], words: number) => Promise<Unit[]>;

const collapsePriority = 10;
const shrinkShare = 0.9;

/** Collects the units below a node: notes or merged notes. */
export async function gather(
  node: TreeNode,
  words: number,
  note: (chunk: number) => Promise<string | undefined>,
  merge: Merge,
): Promise<Unit[]> {
  const children: readonly TreeNode[] =
    node.children ??
    Array.from({ length: node.last - node.first + 1 }, (_, i) => ({ first: node.first + i, last: node.first + i }));
  const lists = await Promise.all(
    children.map(async (child): Promise<Unit[]> => {
      if (child.first === child.last) {
        const text = await note(child.first);
        return text ? [{ chunks: [child.first], note: text }] : [];
      }
      const units = await gather(child, words, note, merge);
      return units.length > 1 ? merge(units, words) : units;
    }),
  );
  return lists.flat();
}

/** Creates the merge; after a failure it returns its units unchanged. */
export function collapseWith(context: RunContext, plan: Plan): Merge {
  const merge: Merge = async (units, words) => {
    const request = collapseRequest(context, units, words, plan);
    const answer = await kept(context, 'collapse', request.key, async () => {
      const result = await send(context, request.call, listChunks(units), request.words);
      if (result?.finish !== 'length' || result.cutBy === 'runaway')
        return result?.finish === 'stop' ? result.text : undefined;
      const base = cutToWords(result.text);
      const rest = await send(context, createContinuation(request.call, base), listChunks(units), request.words);
      return rest?.finish === 'stop' ? joinAnswers(base, rest.text) : undefined;
    });
    if (answer === undefined) return [...units];
    const merged = collapsed(answer, units);
    if (countUnitTokens(merged) > countUnitTokens(units) * shrinkShare)
      context.emit({
        type: 'notice',
        code: 'shrink',
        message: 'Some notes could not be made shorter and were kept as they are.',
      });
    return merged;
  };
  // with cached notes all merges are due at the same time
  return (units, words) => yieldBetween(context, () => merge(units, words));
}

/** Returns the chunks of some notes, each once. */
export const listChunks = (units: readonly Unit[]): number[] => [...new Set(units.flatMap((u) => u.chunks))];

async function send(
  context: RunContext,
  call: ModelCall,
  chunks: readonly number[],
  words: number,
): Promise<CallResult | undefined> {
  if (!context.ledger.reserve('reduce', call.inputTokens, words * 1.5)) return undefined;
  const events = new CallEvents(context, 'collapse', chunks);
  try {
    const result = await context.ports.scheduler.run({
      model: context.ports.model,
      call,
      run: context.id,
      priority: collapsePriority,
      outputTokens: Math.ceil(words * 1.4),
      hedge: true,
      signal: context.signal,
      ...events.hooks,
      onWait: (wait) => context.emit({ type: 'wait', stage: 'collapse', ...wait }),
    });
    events.done(result);
    return result;
  } catch (error) {
    const cancelled = events.failed(error);
    if (cancelled) throw error;
    return undefined;
  }
}
