/** Converts records and events for `runs.ts`: restored states, log lines, results of cancelled runs. */
import { noUsage, type GapRange, type RunEvent, type SummaryResult } from '../engine/events.ts';
import { isRepeatable, type ActiveRun, type RunState } from './activeRun.ts';
import type { RunRecord } from './history.ts';

/** State of a stored run; an unfinished one can be resumed. */
export function restoreState(
  record: RunRecord,
): Partial<RunState> & Pick<RunState, 'target' | 'title' | 'length' | 'language'> {
  const { recipe: target, title, length, language, pinned, startedAt, fingerprint, running, view } = record;
  return {
    target,
    title,
    length,
    language,
    pinned,
    startedAt,
    fingerprint,
    view: running ? { ...view, phase: 'cancelled', progress: { ...view.progress, running: 0 } } : view,
    resumable: running && isRepeatable(target),
    questions: [...record.questions],
    ...(record.template ? { template: record.template } : {}),
    ...(record.inserted ? { inserted: record.inserted } : {}),
    keyFiles: record.keyFiles ?? [],
    keyFilesAgreed: [...(record.keyFilesAgreed ?? [])],
    ...(record.batchJob ? { batchJob: record.batchJob } : {}),
    ...(record.place ? { place: record.place } : {}),
  };
}

/** Returns the log line of an event; undefined for events that are not logged. */
export function logLine(event: RunEvent): string | undefined {
  switch (event.type) {
    case 'call-end':
      return callLine(event);
    case 'wait':
      return `waiting ${Math.round(event.waitMs)} ms (${event.reason})`;
    case 'notice':
      return event.message;
    case 'replan':
      return event.reason;
    default:
      return undefined;
  }
}

/** Returns what is displayed as the result of a run that was cancelled. */
export function cancelledResult(run: ActiveRun): SummaryResult {
  const view = run.view();
  const result: SummaryResult = {
    status: 'cancelled',
    markdown: view.markdown,
    strategy: view.strategy ?? 'single',
    provider: view.provider,
    model: view.model,
    usage: {
      ...noUsage,
      wallMs: Date.now() - run.state.startedAt,
    },
    citations: [],
    gaps: [...view.gaps] as GapRange[],
    coverage: { lines: 0, linesRead: 0, folded: 0 },
  };
  run.event({ type: 'end', result });
  return result;
}

function callLine(event: Extract<RunEvent, { type: 'call-end' }>): string {
  const usage = `${event.usage.inputTokens ?? '?'} in, ${event.usage.outputTokens ?? '?'} out`;
  return `${event.stage} call ${event.call}: ${event.outcome}, ${Math.round(event.ms)} ms, ${event.attempts} attempt(s), ${usage}${event.requestId ? `, request ${event.requestId}` : ''}`;
}

/** Returns the log line of a result. */
export function resultLine(result: SummaryResult): string {
  const { usage } = result;
  return `${result.status}: ${result.strategy}, ${usage.calls} calls, ${usage.cachedCalls} from the cache, ${usage.retries} retries, ${usage.inputTokens} in, ${usage.outputTokens} out, ${Math.round(usage.wallMs)} ms`;
}
