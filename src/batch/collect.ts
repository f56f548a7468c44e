/** Answers into the cache as they are read: in any order, each once, whatever else stands between them. */
import { mergesOfRow } from '../engine/batch/merge.ts';
import { notesOfRow } from '../engine/batch/plan.ts';
import type { Collected, PartRecord } from './job.ts';
import type { Step } from './runner.ts';

const together = 200;

export async function collect(step: Step, part: PartRecord): Promise<void> {
  const { wire, ports, signal } = step;
  const [rows, cache] = await Promise.all([ports.store.loadRows(part.key), ports.cache(step.job())]);
  const seen = new Set<string>();
  const sums = {
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
    sums.calls++;
    sums.inputTokens += answer.usage.inputTokens ?? 0;
    sums.outputTokens += answer.usage.outputTokens ?? 0;
    sums.cachedInputTokens += answer.usage.cachedInputTokens ?? 0;
    const found = part.stage ? mergesOfRow(keys, answer) : notesOfRow(keys, answer);
    if (found.length) sums.kept++;
    else if (answer.finish === 'refused' || answer.finish === 'content-filter') sums.refused++;
    else sums.failed++;
    for (const { key, note } of found) writes.push(cache.set(part.stage ?? 'map', key, note));
    if (writes.length < together) continue;
    await Promise.all(writes);
    writes = [];
  }
  await Promise.all(writes);
  // one of the same time and size, but of somebody else: it is left alone
  if (part.found && sums.skipped > 0 && seen.size === 0) return step.update({ type: 'forgotten', key: part.key });
  const silent = part.rows - seen.size;
  const collected: Collected = { ...sums, failed: sums.failed + silent };
  if (sums.skipped)
    ports.log(`batch ${part.key}: ${sums.skipped} lines of the results were unreadable, unknown or told twice`);
  await step.update({ type: 'collected', key: part.key, collected });
}
