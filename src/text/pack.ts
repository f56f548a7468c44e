/** The engine's `Pack`: texts as UTF-8, in few large arrays, because many small ones would leave holes between them. */
import type { Pack } from '../engine/ports.ts';

const slabBytes = 4_000_000;

const encoder = new TextEncoder();
/** A mark at a text's start is part of it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const half = /\p{Surrogate}/u;

/** One a run: what it packed goes with it. */
export function createPack(): Pack {
  let slab = new Uint8Array(0);
  let filled = 0;
  return (text) => {
    // half a pair of surrogates would not come back
    if (half.test(text)) return () => text;
    if (filled + 3 * text.length > slab.length) {
      slab = new Uint8Array(Math.max(slabBytes, 3 * text.length));
      filled = 0;
    }
    const { written } = encoder.encodeInto(text, slab.subarray(filled));
    const start = filled;
    filled += written;
    return reader(slab, start, filled);
  };
}

/** A function of its own: made where the text is at hand, it would hold the text too. */
function reader(slab: Uint8Array, start: number, end: number): () => string {
  return () => decoder.decode(slab.subarray(start, end));
}
