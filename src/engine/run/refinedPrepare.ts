import type { ModelLimits } from '../model.ts';
import { getChunkLimit, refine } from '../read/split/refine.ts';
import { findSmallSize } from '../prompts/modelSize.ts';
import type { Prepare } from '../request.ts';

/** Minimum size of a long log, tokens; shorter ones take few calls in any window. */
const longLog = 100_000;
/** Calls that may read a log on a local server; with merges at most eight. */
const localCalls = 3;
/** Share of the window for the text; the rest is for answer and instructions. */
const textShare = 0.6;

/** Undefined unless the server is local. */
function localLogTokens(model: string, limits: ModelLimits): number | undefined {
  if (!limits.loopback) return undefined;
  const small = findSmallSize(model, limits)?.text ?? Infinity;
  const soft = limits.softMaxInputTokens ?? Infinity;
  const room = Math.min(small, soft, textShare * limits.contextWindow);
  return Math.floor((localCalls * room) / Math.max(1, limits.tokenFactor));
}

/** Cuts chunks to fit the window; rejects if the limits cannot be read. */
export function createRefinedPrepare(prepare: Prepare, limits: Promise<ModelLimits>, model: string): Prepare {
  return async (part, signal, onProgress) => {
    const size = typeof part.text === 'string' ? part.text.length : (part.bytes ?? longLog);
    const logTokens = size < longLog ? undefined : localLogTokens(model, await limits);
    const source = logTokens === undefined ? part : { ...part, logTokens };
    const [prepared, told] = await Promise.all([prepare(source, signal, onProgress), limits]);
    const small = findSmallSize(model, told);
    const own = small && Math.floor((0.9 * small.text) / Math.max(1, told.tokenFactor));
    const window = getChunkLimit(told.contextWindow);
    const most = own === undefined ? window : Math.min(own, window ?? own);
    return most === undefined ? prepared : { ...prepared, chunks: refine(prepared.chunks, most) };
  };
}
