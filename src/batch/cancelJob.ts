/** Cancels and deletes jobs: cancels running batches, deletes vendor data as soon as allowed. */
import { ModelError } from '../engine/model.ts';
import { isMissing } from './http.ts';
import type { PartRecord } from './job.ts';
import type { Step } from './step.ts';
import type { BatchStatus } from './wire.ts';

const settleMs = 2_000;

/** Cancels running parts of a job being deleted and records those that ended. */
export async function cancelJob(step: Step, parts: readonly PartRecord[]): Promise<void> {
  for (const { key, batch } of parts) {
    if (batch === undefined) continue;
    await cancelBatch(step, batch);
    const { state, done, failed, refs } = await getStatus(step, batch);
    await step.update({ type: 'polled', key, done, failed, refs, ended: state !== 'running' });
  }
  await step.update({ type: 'round', nextAt: step.later(step.job().polls + 1) });
}

/** Cancels a batch at the vendor. Never rejects: it may have ended. */
export async function cancelBatch(
  { wire, deps, signal }: Pick<Step, 'wire' | 'deps' | 'signal'>,
  batch: string,
): Promise<void> {
  await wire
    .cancel(batch, signal)
    .catch((error: unknown) => deps.log(`cancel: ${ModelError.is(error) ? error.kind : 'failed'}`));
}

async function getStatus({ wire, signal }: Step, batch: string): Promise<BatchStatus> {
  try {
    return await wire.status(batch, signal);
  } catch (error) {
    if (isMissing(error)) return { state: 'ended', total: 0, done: 0, failed: 0, refs: [] };
    throw error;
  }
}

/** Finds data of a part whose creation was interrupted, for deletion; creates nothing. */
export async function recoverCancelled(step: Step, part: PartRecord): Promise<void> {
  const { wire, deps, signal } = step;
  await deps.clock.sleep(settleMs, signal);
  const { batch, file } = await findAtVendor(step, part);
  if (batch !== undefined) return step.update({ type: 'created', key: part.key, batch, found: true, nextAt: 0 });
  if (file !== undefined) await wire.remove(undefined, [file], signal);
  await step.update({ type: 'forgotten', key: part.key });
}

/** Returns the part's batch, else its uploaded file, else neither. */
export async function findAtVendor(
  step: Step,
  part: PartRecord,
): Promise<{ readonly batch?: string | undefined; readonly file?: string | undefined }> {
  const { wire, signal } = step;
  if (part.state === 'creating' || !wire.upload) {
    const sought = { key: part.key, rows: part.rows, since: part.since, taken: await listTakenBatches(step) };
    const batch = await wire.find(sought, signal);
    if (batch !== undefined) return { batch };
  }
  return { file: part.file ?? (await wire.findUpload?.(part.key, signal)) };
}

async function listTakenBatches({ deps }: Step): Promise<ReadonlySet<string>> {
  const jobs = await deps.store.list();
  return new Set(jobs.flatMap((job) => job.parts.flatMap(({ batch }) => (batch === undefined ? [] : [batch]))));
}
