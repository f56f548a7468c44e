/** Polls batches, recovers them after a crash, and stores results in the cache. */
import { readRowNotes } from '../engine/batch/plan.ts';
import type { CacheNamespace } from '../engine/ports.ts';
import { hasWords } from '../engine/words.ts';
import { cancelBatch, findAtVendor } from './cancelJob.ts';
import type { Collected, PartRecord } from './job.ts';
import type { Step } from './step.ts';
import type { RowAnswer } from './wire.ts';

/** Concurrent cache writes. */
const writesAtOnce = 200;

/** Records the vendor's state of each part. */
export async function poll(step: Step, parts: readonly PartRecord[]): Promise<void> {
  for (const { key, batch } of parts) {
    if (batch === undefined) continue;
    const status = await step.wire.status(batch, step.signal);
    // the job was cancelled during creation
    if (status.state === 'running' && step.job().stopping) await cancelBatch(step, batch);
    await step.update({
      type: 'polled',
      key,
      done: status.done,
      failed: status.failed,
      ended: status.state === 'ended',
      refs: status.refs,
      ...(status.state === 'failed' ? { problem: status.problem ?? { code: 'batch-refused' } } : {}),
    });
  }
  await step.update({ type: 'round', nextAt: step.later(step.job().polls + 1) });
}

/** Recovers from a crash between an intent and its record: finds what exists, creates nothing twice. */
export async function recover(step: Step, part: PartRecord): Promise<void> {
  const { key } = part;
  const { batch, file } = await findAtVendor(step, part);
  if (batch !== undefined) return step.update({ type: 'created', key, batch, found: true, nextAt: step.later(0) });
  if (file === undefined) return step.update({ type: 'forgotten', key });
  if (part.file === undefined) await step.update({ type: 'uploaded', key, file });
  await step.update({ type: 'creating', key, now: step.deps.now() });
  const created = await step.wire.create({ key, file }, step.signal);
  await step.update({ type: 'created', key, batch: created, nextAt: step.later(0) });
}

/** Caches a part's results in any order; tolerates duplicates and unreadable lines. */
export async function collect(step: Step, part: PartRecord): Promise<void> {
  const { wire, deps, signal } = step;
  const [rows, cache] = await Promise.all([deps.store.loadRows(part.key), deps.cache(step.job())]);
  const seen = new Set<string>();
  const sums = createSums();
  let writes: Promise<void>[] = [];
  const status = { state: 'ended', total: part.rows, done: part.done, failed: part.failed, refs: part.refs } as const;
  for await (const answer of wire.results(part.batch ?? '', status, signal)) {
    const keys = answer.id === undefined ? undefined : rows.get(answer.id);
    if (answer.id === undefined || !keys || seen.has(answer.id)) {
      sums.skipped++;
      continue;
    }
    seen.add(answer.id);
    if (answer.state !== 'done') {
      sums[answer.state]++;
      continue;
    }
    count(sums, answer);
    const entries = listEntries(part, keys, answer);
    if (entries.length) sums.kept++;
    else if (answer.finish === 'refused' || answer.finish === 'content-filter') sums.refused++;
    else sums.failed++;
    for (const { namespace, key, value } of entries) writes.push(cache.set(namespace, key, value));
    if (writes.length < writesAtOnce) continue;
    await Promise.all(writes);
    writes = [];
  }
  await Promise.all(writes);
  // another user's batch of the same time and size: leave it
  if (part.found && sums.skipped > 0 && seen.size === 0) return step.update({ type: 'forgotten', key: part.key });
  const unanswered = part.rows - seen.size;
  const collected: Collected = { ...sums, failed: sums.failed + unanswered };
  if (sums.skipped)
    deps.log(`batch ${part.key}: ${sums.skipped} lines of the results were unreadable, unknown or duplicates`);
  await step.update({ type: 'collected', key: part.key, collected });
}

type Sums = { -readonly [K in keyof Collected]: number };
type Done = Extract<RowAnswer, { state: 'done' }>;

function createSums(): Sums {
  return {
    kept: 0,
    failed: 0,
    expired: 0,
    cancelled: 0,
    refused: 0,
    skipped: 0,
    calls: 0,
    inputTokens: 0,
    outputTokens: 0,
    cachedInputTokens: 0,
  };
}

function count(sums: Sums, { usage }: Done): void {
  sums.calls++;
  sums.inputTokens += usage.inputTokens ?? 0;
  sums.outputTokens += usage.outputTokens ?? 0;
  sums.cachedInputTokens += usage.cachedInputTokens ?? 0;
}

/** Cache entries of one answer. Parts with a stage (version 0.1.0) hold merges, one entry each. */
function listEntries(
  { stage }: PartRecord,
  keys: readonly string[],
  answer: Done,
): { readonly namespace: CacheNamespace; readonly key: string; readonly value: string }[] {
  if (!stage) return readRowNotes(keys, answer).map(({ key, note }) => ({ namespace: 'map', key, value: note }));
  if (answer.finish !== 'stop' || !hasWords(answer.text)) return [];
  return keys.map((key) => ({ namespace: stage, key, value: answer.text }));
}
