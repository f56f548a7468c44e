/** Rows into batches: each is written down before it is submitted and again after, and only one is in memory at a time. */
import type { BatchRow } from '../engine/batch/plan.ts';
import { ModelError, retryableKinds } from '../engine/model.ts';
import { pause, problemOf, type MergeStage } from './job.ts';
import { rowWriter, type Rows } from './rows.ts';
import type { Step } from './runner.ts';
import type { NewBatch } from './wire.ts';

const mostAttempts = 6;

/** @throws ModelError when the vendor takes none of it */
export async function submit(step: Step): Promise<void> {
  const { wire, ports, signal } = step;
  await wire.check(signal);
  const pending = new Set<string>();
  for (const part of step.job().parts) {
    if (part.collected || part.state === 'failed') continue;
    for (const keys of (await ports.store.loadRows(part.key)).values()) for (const key of keys) pending.add(key);
  }
  const plan = await ports.plan(step.job(), pending, step.cancelled);
  await submitRows(step, plan.rows());
  await step.update({ type: 'prepared', nextAt: step.later(0) });
}

/**
 * The next level of merges; where there is none, that is recorded.
 * @returns false where its user is asked first
 */
export async function submitMerges(step: Step): Promise<boolean> {
  const { ports } = step;
  const tried = new Set<string>();
  for (const { key, outdated } of step.job().parts)
    if (!outdated) for (const id of (await ports.store.loadRows(key)).keys()) tried.add(id);
  const level = await ports.merges(step.job(), tried, step.cancelled);
  if (!level) return false;
  if (level.rows.length) {
    await step.update({ type: 'level' });
    await submitRows({ ...step, wire: await ports.wire(step.job(), level.stage) }, level.rows, level.stage);
  } else await step.update({ type: 'merged' });
  return true;
}

/** @param stage of merges */
async function submitRows(
  step: Step,
  rows: AsyncIterable<BatchRow> | Iterable<BatchRow>,
  stage?: MergeStage,
): Promise<void> {
  const { wire } = step;
  const writer = rowWriter(wire.between, wire.limits.bytes);
  let table = new Map<string, readonly string[]>();
  const flush = async (): Promise<void> => {
    if (!writer.count) return;
    const submitted = table;
    table = new Map();
    await submitPart(step, writer.take(), submitted, stage);
  };
  for await (const { id, keys, call } of rows) {
    if (step.job().stopping) break;
    const row = await wire.row(id, call);
    if (writer.count >= wire.limits.rows) await flush();
    if (!writer.add(row)) {
      await flush();
      writer.add(row);
    }
    table.set(id, keys);
  }
  await flush();
}

async function submitPart(
  step: Step,
  rows: Rows,
  table: ReadonlyMap<string, readonly string[]>,
  stage: MergeStage | undefined,
): Promise<void> {
  const { wire, ports, signal } = step;
  const job = step.job();
  const numbers = job.parts.map(({ key }) => Number(key.slice(key.lastIndexOf('-') + 1)));
  const key = `${job.id}-${Math.max(0, ...numbers) + 1}`;
  await ports.store.saveRows(key, table);
  await step.update({ type: 'intent', key, rows: rows.count, ...(stage ? { stage } : {}), now: ports.now() });
  try {
    if (wire.upload) {
      const file = await patiently(
        step,
        () => wire.upload!(key, rows, step.cancelled),
        () => wire.findUpload?.(key, signal),
      );
      await step.update({ type: 'uploaded', key, file });
      await step.update({ type: 'creating', key, now: ports.now() });
      await created(step, { key, file }, rows.count);
    } else {
      await step.update({ type: 'creating', key, now: ports.now() });
      await created(step, { key, rows }, rows.count);
    }
  } catch (error) {
    if (step.cancelled.aborted || step.job().removing || (ModelError.is(error) && retryableKinds.has(error.kind)))
      throw error;
    await step.update({ type: 'refused', key, problem: problemOf(error) });
    if (step.job().parts.every(({ state }) => state === 'failed')) throw error;
  }
}

async function created(step: Step, part: NewBatch, rows: number): Promise<void> {
  const { wire, ports, signal } = step;
  const since = ports.now();
  const taken = new Set(step.job().parts.flatMap(({ batch }) => (batch === undefined ? [] : [batch])));
  let found: string | undefined;
  const batch = await patiently(
    step,
    () => wire.create(part, signal),
    async () => (found = await wire.find({ key: part.key, rows, since, taken }, signal)),
  );
  await step.update({ type: 'created', key: part.key, batch, found: batch === found, nextAt: step.later(0) });
}

/** A request whose answer was lost may have been heard: it is looked for before it is sent again. */
async function patiently(
  { ports, cancelled: signal }: Step,
  send: () => Promise<string>,
  find: () => Promise<string | undefined> | undefined,
): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (attempt > 0 ? await find() : undefined) ?? (await send());
    } catch (error) {
      const again = ModelError.is(error) && retryableKinds.has(error.kind) && attempt + 1 < mostAttempts;
      if (!again || signal.aborted) throw error;
      await ports.clock.sleep(Math.max(error.retryAfterMs ?? 0, pause(attempt, ports.random)), signal);
    }
  }
}
