/** Submits rows as batches: records each before and after, holds one in memory. */
import type { BatchRow } from '../engine/batch/plan.ts';
import { ModelError, retryableKinds } from '../engine/model.ts';
import { pause, toProblem } from './job.ts';
import type { RowTable } from './jobStore.ts';
import { createRowWriter, type Rows } from './rows.ts';
import type { Step } from './step.ts';
import type { NewBatch } from './wire.ts';

const maxAttempts = 6;

/**
 * Plans and submits map rows that no part holds.
 * @throws ModelError if the vendor accepts none
 */
export async function submit(step: Step): Promise<void> {
  const { wire, deps, signal } = step;
  await wire.check(signal);
  const pending = new Set<string>();
  for (const part of step.job().parts) {
    if (part.collected || part.state === 'failed') continue;
    for (const keys of (await deps.store.loadRows(part.key)).values()) for (const key of keys) pending.add(key);
  }
  const plan = await deps.plan(step.job(), pending, step.cancelled);
  await submitRows(step, plan.rows());
  await step.update({ type: 'prepared', nextAt: step.later(0) });
}

async function submitRows(step: Step, rows: AsyncIterable<BatchRow>): Promise<void> {
  const { wire } = step;
  const writer = createRowWriter(wire.between, wire.limits.bytes);
  let table = new Map<string, readonly string[]>();
  const flush = async (): Promise<void> => {
    if (!writer.count) return;
    const submitted = table;
    table = new Map();
    await submitPart(step, writer.take(), submitted);
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

async function submitPart(step: Step, rows: Rows, table: RowTable): Promise<void> {
  const { wire, deps, signal } = step;
  const job = step.job();
  const numbers = job.parts.map(({ key }) => Number(key.slice(key.lastIndexOf('-') + 1)));
  const key = `${job.id}-${Math.max(0, ...numbers) + 1}`;
  await deps.store.saveRows(key, table);
  await step.update({ type: 'intent', key, rows: rows.count, now: deps.now() });
  try {
    if (wire.upload) {
      const file = await sendOnce(
        step,
        () => wire.upload!(key, rows, step.cancelled),
        () => wire.findUpload?.(key, signal),
      );
      await step.update({ type: 'uploaded', key, file });
      await step.update({ type: 'creating', key, now: deps.now() });
      await createBatch(step, { key, file }, rows.count);
    } else {
      await step.update({ type: 'creating', key, now: deps.now() });
      await createBatch(step, { key, rows }, rows.count);
    }
  } catch (error) {
    if (step.cancelled.aborted || step.job().removing || (ModelError.is(error) && retryableKinds.has(error.kind)))
      throw error;
    await step.update({ type: 'refused', key, problem: toProblem(error) });
    if (step.job().parts.every(({ state }) => state === 'failed')) throw error;
  }
}

async function createBatch(step: Step, part: NewBatch, rows: number): Promise<void> {
  const { wire, deps, signal } = step;
  const since = deps.now();
  const taken = new Set(step.job().parts.flatMap(({ batch }) => (batch === undefined ? [] : [batch])));
  let found: string | undefined;
  const batch = await sendOnce(
    step,
    () => wire.create(part, signal),
    async () => (found = await wire.find({ key: part.key, rows, since, taken }, signal)),
  );
  await step.update({ type: 'created', key: part.key, batch, found: batch === found, nextAt: step.later(0) });
}

/** Sends a request once: after a failure searches the vendor before retrying. */
async function sendOnce(
  { deps, cancelled: signal }: Step,
  send: () => Promise<string>,
  find: () => Promise<string | undefined> | undefined,
): Promise<string> {
  for (let attempt = 0; ; attempt++) {
    try {
      return (attempt > 0 ? await find() : undefined) ?? (await send());
    } catch (error) {
      const again = ModelError.is(error) && retryableKinds.has(error.kind) && attempt + 1 < maxAttempts;
      if (!again || signal.aborted) throw error;
      await deps.clock.sleep(Math.max(error.retryAfterMs ?? 0, pause(attempt, deps.random)), signal);
    }
  }
}
