/** Estimates a run's progress and remaining time. */
import { parseBaseUrl } from './baseUrl.ts';
import type { RunView } from './runView.ts';

/** Share of work done, 0 to 1; undefined if unknown. */
export function computeShare({ phase, progress, readLength, readTotal, markdown }: RunView): number | undefined {
  if (phase === 'reading') return readTotal ? Math.min(0.1, (readLength / readTotal) * 0.1) : undefined;
  const calls = progress.mapTotal + progress.collapseTotal;
  const read = countReadCalls(progress);
  if (calls === 0) return markdown !== '' ? 0.9 : read > 0 ? 0.1 + read * 0.75 : undefined;
  const done = Math.min(calls, progress.mapDone + progress.collapseDone + read);
  return 0.1 + (done / calls) * 0.75 + (markdown === '' ? 0 : 0.1);
}

/** Share of a call's time in which its prompt is read. */
const readingShare = 0.5;

/** Running calls as fractions of whole ones, by what the server has read. */
function countReadCalls({ readShares }: RunView['progress']): number {
  return Object.values(readShares).reduce((sum, share) => sum + share * readingShare, 0);
}

/** Remaining share of a call while the summary is written. */
const writingLeft = 0.4;

function sharesProcessor(host: string): boolean {
  const at = parseBaseUrl(`http://${host}`);
  return 'loopback' in at && at.loopback;
}

/** Text of started calls ÷ text of answered ones, because short ones answer first. */
function compareSizes({ started, startedTokens, timedMaps, timedTokens }: RunView['progress']): number {
  return started > 0 && timedMaps > 0 && timedTokens > 0 ? startedTokens / started / (timedTokens / timedMaps) : 1;
}

/** Remaining ms at the pace of answered calls. */
function measureRemainingMs({ progress, markdown, host }: RunView): number | undefined {
  if (progress.timed === 0) return undefined;
  const meanMs = (progress.timedMs / progress.timed) * compareSizes(progress);
  const left = progress.mapTotal + progress.collapseTotal - progress.mapDone - progress.collapseDone;
  const calls = Math.max(0, left - countReadCalls(progress));
  const parallel = Math.max(1, Math.min(progress.maxRunning, left));
  // alone on the processor, the last call is faster
  const last = sharesProcessor(host) ? 1 / Math.max(1, progress.maxRunning) : 1;
  return (calls / parallel + (markdown === '' ? 1 : writingLeft) * last) * meanMs;
}

/** Remaining ms by the plan, later by measurement; undefined if too uncertain. */
export function estimateRemainingMs(view: RunView, elapsedMs: number, share: number | undefined): number | undefined {
  const { estimate } = view;
  const byCalls = measureRemainingMs(view);
  if (byCalls !== undefined) return byCalls < 1_500 ? undefined : byCalls;
  const planned = estimate === undefined ? undefined : estimate.seconds * 1_000 - elapsedMs;
  const measured = share !== undefined && share > 0.2 ? (elapsedMs / share) * (1 - share) : undefined;
  const left =
    measured === undefined
      ? planned
      : planned === undefined
        ? measured
        : share! * measured + (1 - share!) * Math.max(planned, measured / 2);
  return left === undefined || left < 1_500 ? undefined : left;
}
