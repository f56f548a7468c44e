/** What becomes of a batch that is at the vendor: asked from time to time, and found again after a crash. */
import type { PartRecord } from './job.ts';
import type { Step } from './runner.ts';
import { cancel, findAgain } from './cancelJob.ts';

export async function poll(step: Step, parts: readonly PartRecord[]): Promise<void> {
  for (const { key, batch } of parts) {
    if (batch === undefined) continue;
    const status = await step.wire.status(batch, step.signal);
    // what was being created when its user wanted no more runs all the same
    if (status.state === 'running' && step.job().stopping) await cancel(step, batch);
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

/** A window died between an intent and its record: what exists at the vendor is found again, nothing is created twice. */
export async function recover(step: Step, part: PartRecord): Promise<void> {
  const { wire, signal } = step;
  const { batch: known, file } = await findAgain(step, part);
  if (known !== undefined)
    return step.update({ type: 'created', key: part.key, batch: known, found: true, nextAt: step.later(0) });
  if (file === undefined) return step.update({ type: 'forgotten', key: part.key });
  if (part.file === undefined) await step.update({ type: 'uploaded', key: part.key, file });
  await step.update({ type: 'creating', key: part.key, now: step.ports.now() });
  const batch = await wire.create({ key: part.key, file }, signal);
  await step.update({ type: 'created', key: part.key, batch, nextAt: step.later(0) });
}
