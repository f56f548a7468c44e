import type { ModelLimits } from '../model.ts';
import { chunkLimit, refine } from '../read/split/refine.ts';
import { smallSize } from '../prompts/modelSize.ts';
import type { Prepare } from '../request.ts';

/** Fits chunks to the window; rejects if it is unknown. */
export function refinedPrepare(prepare: Prepare, limits: Promise<ModelLimits>, model: string): Prepare {
  return async (part, signal, onProgress) => {
    const [prepared, told] = await Promise.all([prepare(part, signal, onProgress), limits]);
    const size = smallSize(model, told);
    const own = size && Math.floor((0.9 * size.text) / Math.max(1, told.tokenFactor));
    const window = chunkLimit(told.contextWindow);
    const most = own === undefined ? window : Math.min(own, window ?? own);
    return most === undefined ? prepared : { ...prepared, chunks: refine(prepared.chunks, most) };
  };
}
