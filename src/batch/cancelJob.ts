/** A job that is deleted: what runs is cancelled, and what the vendor holds of it goes as soon as the vendor lets it go. */
import { ModelError } from '../engine/model.ts';
import { isMissing } from './http.ts';
import type { PartRecord } from './job.ts';
import type { Step } from './runner.ts';
import type { BatchStatus } from './wire.ts';

/** A request that was given up may still arrive. */
const settleMs = 2_000;

/** Cancels what runs, and asks whether it has ended. */
export async function withdraw(step: Step, parts: readonly PartRecord[]): Promise<void> {
  for (const { key, batch } of parts) {
    if (batch === undefined) continue;
    await cancel(step, batch);
    const { state, done, failed, refs } = await statusOf(step, batch);
    await step.update({ type: 'polled', key, done, failed, refs, ended: state !== 'running' });
  }
  await step.update({ type: 'round', nextAt: step.later(step.job().polls + 1) });
}

/** What is over already, or being cancelled, need not be cancelled. */
export async function cancel(
  { wire, ports, signal }: Pick<Step, 'wire' | 'ports' | 'signal'>,
  batch: string,
): Promise<void> {
  await wire
    .cancel(batch, signal)
    .catch((error: unknown) => ports.log(`cancel: ${ModelError.is(error) ? error.kind : 'failed'}`));
}

async function statusOf({ wire, signal }: Step, batch: string): Promise<BatchStatus> {
  try {
    return await wire.status(batch, signal);
  } catch (error) {
    if (isMissing(error)) return { state: 'ended', total: 0, done: 0, failed: 0, refs: [] };
    throw error;
  }
}

/** A part of which nobody knows how much is at the vendor: looked for, and never created. */
export async function recall(step: Step, part: PartRecord): Promise<void> {
  const { wire, ports, signal } = step;
  await ports.clock.sleep(settleMs, signal);
  const { batch, file } = await findAgain(step, part);
  if (batch !== undefined) return step.update({ type: 'created', key: part.key, batch, found: true, nextAt: 0 });
  if (file !== undefined) await wire.remove(undefined, [file], signal);
  await step.update({ type: 'forgotten', key: part.key });
}

/** What the vendor has of a part of which nobody knows how far it came: its batch, else the file for it. */
export async function findAgain(
  step: Step,
  part: PartRecord,
): Promise<{ readonly batch?: string | undefined; readonly file?: string | undefined }> {
  const { wire, signal } = step;
  if (part.state === 'creating' || !wire.upload) {
    const sought = { key: part.key, rows: part.rows, since: part.since, taken: await takenBatches(step) };
    const batch = await wire.find(sought, signal);
    if (batch !== undefined) return { batch };
  }
  return { file: part.file ?? (await wire.findUpload?.(part.key, signal)) };
}

/** Batches that are known to belong to a part. */
async function takenBatches({ ports }: Step): Promise<ReadonlySet<string>> {
  const jobs = await ports.store.list();
  return new Set(jobs.flatMap((job) => job.parts.flatMap(({ batch }) => (batch === undefined ? [] : [batch]))));
}
