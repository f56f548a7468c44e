/** Prepares parts for a model: its window decides how small the chunks are. */
import type { ModelLimits } from '../model.ts';
import { chunkLimit, refine } from '../read/split/refine.ts';
import type { Prepare } from '../request.ts';

/** `prepare` with chunks that suit the model's window. Rejects where the limits cannot be asked. */
export function refinedPrepare(prepare: Prepare, limits: Promise<ModelLimits>): Prepare {
  return async (part, signal, onProgress) => {
    const [prepared, { contextWindow }] = await Promise.all([prepare(part, signal, onProgress), limits]);
    const most = chunkLimit(contextWindow);
    return most === undefined ? prepared : { ...prepared, chunks: refine(prepared.chunks, most) };
  };
}
