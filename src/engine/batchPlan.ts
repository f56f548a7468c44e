/** The map calls of a run as rows of a batch: the same packs, prompts and keys as live, so that each answer is a live run's note. */
import { contextOf, planInput } from './run.ts';
import { notesFromAnswer, requestOf } from './mapStage.ts';
import { noteKeys, otherNote, type Note } from './notes.ts';
import type { RunContext } from './context.ts';
import type { FinishReason, ModelCall } from './model.ts';
import { plan as makePlan, type Plan } from './plan.ts';
import type { RunPorts, RunRequest } from './request.ts';
import type { Chunk } from './source.ts';

export interface BatchRow {
  /** 40 hex digits, from the keys of its notes: the same text is the same row. */
  readonly id: string;
  /** Keys of the notes that its answer holds, in the order of its parts. */
  readonly keys: readonly string[];
  readonly call: ModelCall;
}

export interface BatchPlan {
  /** Rendered one by one: only the text itself is in memory. */
  rows(): AsyncGenerator<BatchRow>;
  readonly rowCount: number;
  readonly lines: number;
  readonly chunks: number;
  /** Chunks whose note is there already. */
  readonly known: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What the whole run would cost and take now, roughly. */
  readonly live: { readonly seconds: number; readonly costUsd?: number };
}

/** @param pending keys that another batch is going to bring */
export async function batchPlan(
  request: RunRequest,
  ports: RunPorts,
  pending: ReadonlySet<string> = new Set(),
): Promise<BatchPlan> {
  const context = await contextOf(request, ports, () => undefined);
  const keys = await noteKeys(context);
  const held = await Promise.all(
    keys.map(async (key, i) => (await context.cache.get('map', key)) ?? otherNote(context, context.chunks[i]!)),
  );
  const seen = new Set<string>();
  const missing = keys.map((key, i) => {
    const fresh = held[i] === undefined && !pending.has(key) && !seen.has(key);
    seen.add(key);
    return fresh;
  });
  const input = { ...(await planInput(context)), singleAllowed: false, preferChunks: true };
  // nobody waits: the fewest calls are the cheapest
  const chunks = input.chunks.map((chunk, i) => ({ ...chunk, cached: !missing[i] }));
  const plan = makePlan({ ...input, chunks, lanes: 1 });
  const { seconds, costUsd } = plan.estimate;
  const packs = plan.packs.filter((pack) => pack.length > 0);
  const flow = packs.map((pack) => pack.reduce((sum, i) => sum + input.chunks[i]!.tokens, 0) + input.overheadTokens);
  return {
    async *rows() {
      let work = 0;
      for (const pack of packs) {
        const row = rowOf(
          context,
          plan,
          pack.map((i) => context.chunks[i]!),
          pack.map((i) => keys[i]!),
        );
        yield row;
        work += row.call.user.length;
        if (work < 200_000) continue;
        work = 0;
        await ports.yield();
      }
    },
    rowCount: packs.length,
    lines: context.parts.reduce((sum, part) => sum + part.lines, 0),
    chunks: keys.length,
    known: held.filter((note) => note !== undefined).length,
    inputTokens: flow.reduce((sum, tokens) => sum + tokens, 0),
    outputTokens: Math.round(packs.length * plan.map.words * 1.4),
    live: { seconds: seconds / input.lanes, ...(costUsd === undefined ? {} : { costUsd }) },
  };
}

function rowOf(context: RunContext, plan: Plan, chunks: readonly Chunk[], keys: readonly string[]): BatchRow {
  const { words, maxTokens } = plan.map;
  const call = requestOf(context, { chunks, words, maxTokens, priority: 0, depth: 0 }, plan);
  const id = keys.length === 1 ? keys[0]! : context.ports.hash(JSON.stringify(keys));
  return { id: id.slice(0, 40), keys, call };
}

/** The notes of a row's answer with their keys; none of what was declined, cut off or left empty: that is asked again. */
export function notesOfRow(
  keys: readonly string[],
  answer: { readonly text: string; readonly finish: FinishReason },
): { readonly key: string; readonly note: Note }[] {
  if (!/[\p{L}\p{N}]/u.test(answer.text)) return [];
  if (answer.finish !== 'stop' && answer.finish !== 'length') return [];
  const found = notesFromAnswer(answer.text, keys.length);
  const begun = found.reduce((last, note, i) => (note === undefined ? last : i), -1);
  const whole = answer.finish === 'stop' ? keys.length : keys.length > 1 ? Math.max(0, begun) : 0;
  return keys.slice(0, whole).map((key, i) => ({ key, note: found[i] ?? '' }));
}
