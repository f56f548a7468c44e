/** Exit codes of the `precis` command. */
import type { SummaryResult } from '../engine/events.ts';

/** `partial`: not everything was read, or a batch is not ready; `cancelled`: as after Ctrl+C. */
export const exitCodes = { complete: 0, error: 1, usage: 2, partial: 3, cancelled: 130 } as const;
/** Exit code of the process. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Exit code of a finished run. */
export function getExitCode({ status }: Pick<SummaryResult, 'status'>): ExitCode {
  if (status === 'complete') return exitCodes.complete;
  return status === 'partial' ? exitCodes.partial : exitCodes.cancelled;
}
