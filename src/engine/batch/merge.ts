/**
 * The merges of a run as rows of batches: of each level those whose notes are all there, and at last the reduce. What is found in the
 * cache is not asked again, so that a run afterwards has nothing left to ask.
 */
import { figuresOf, type BatchRow } from './plan.ts';
import { gather, type Merge } from '../stages/collapse.ts';
import { rowId } from '../stages/keys.ts';
import { collapsed, collapseRequest, reduceRequest, type MergeRequest } from '../stages/mergeRequest.ts';
import type { FinishReason } from '../model.ts';
import { planInSlices } from '../plan/planSlices.ts';
import { fitted } from '../stages/reduce.ts';
import type { RunPorts, RunRequest } from '../request.ts';
import { planInput } from '../run/run.ts';
import { hasWords } from '../words.ts';

export interface MergeRows {
  /** Every row's. */
  readonly stage: 'collapse' | 'reduce';
  /** None: all that a batch can merge is merged. */
  readonly rows: readonly BatchRow[];
}

/** Stands for what is not there yet; no note holds it. */
const missing = '\0';

/** @param tried ids of rows that went into a batch before: what did not come back of them is asked live */
export async function batchMerges(
  request: RunRequest,
  ports: RunPorts,
  tried: ReadonlySet<string>,
): Promise<MergeRows> {
  const { context, notes } = await figuresOf(request, ports);
  const plan = await planInSlices(await planInput(context), ports.yield);
  const rows = new Map<string, BatchRow>();
  const add = ({ key, call }: MergeRequest): void => {
    const id = rowId(ports.hash, [key]);
    if (!tried.has(id)) rows.set(id, { id, keys: [key], call });
  };
  const merge: Merge = async (units, words) => {
    if (units.some(({ note }) => note === missing)) return [{ chunks: [], note: missing }];
    await ports.yield();
    const asked = collapseRequest(context, units, words, plan);
    const answer = await ports.cache.get('collapse', asked.key);
    if (answer !== undefined) return collapsed(answer, units);
    add(asked);
    return [{ chunks: [], note: missing }];
  };
  if (!plan.tree) return { stage: 'reduce', rows: [] };
  const note = (chunk: number): Promise<string> => Promise.resolve(notes[chunk] ?? missing);
  const units = await gather(plan.tree, plan.collapse.words, note, merge);
  const whole = !units.some((unit) => unit.note === missing);
  const members = whole ? await fitted(context, units, plan, merge) : units;
  if (!members.length || members.some((unit) => unit.note === missing)) {
    return { stage: 'collapse', rows: [...rows.values()] };
  }
  const last = reduceRequest(context, members, plan, 'reduce');
  if ((await ports.cache.get('reduce', last.key)) === undefined) add(last);
  return { stage: 'reduce', rows: [...rows.values()] };
}

/** A merge's answer with its key; none of what was declined, cut off or left empty: that is asked live. */
export function mergesOfRow(
  keys: readonly string[],
  { text, finish }: { readonly text: string; readonly finish: FinishReason },
): { readonly key: string; readonly note: string }[] {
  return finish === 'stop' && hasWords(text) ? keys.map((key) => ({ key, note: text })) : [];
}
