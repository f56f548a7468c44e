/** The engine's `Pack`: texts as UTF-8, in few large arrays, because many small ones would leave holes; full ones are compressed. */
import type { Pack } from '../engine/ports.ts';

type Zlib = typeof import('node:zlib');

/** Opened again in two milliseconds. */
const slabBytes = 512 * 1024;
/** Of what is compressed, kept open: who reads a text reads its neighbours next. */
const mostOpen = 4;
/** Share of its size that compression must leave at most to be worth it. */
const smallShare = 0.8;

const encoder = new TextEncoder();
/** A mark at a text's start is part of it. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const half = /\p{Surrogate}/u;

/** One of the two is there. */
interface Slab {
  bytes: Uint8Array | undefined;
  compressed?: Uint8Array;
}

/** One a run: what it packed goes with it. */
export function createPack(): Pack {
  const open = opener();
  let bytes = new Uint8Array(0);
  let slab: Slab = { bytes };
  let filled = 0;
  return (text) => {
    // half a pair of surrogates would not come back
    if (half.test(text)) return () => text;
    if (filled + 3 * text.length > bytes.length) {
      compress(slab, filled);
      bytes = new Uint8Array(Math.max(slabBytes, 3 * text.length));
      slab = { bytes };
      filled = 0;
    }
    const { written } = encoder.encodeInto(text, bytes.subarray(filled));
    const start = filled;
    filled += written;
    return reader(open, slab, start, filled);
  };
}

/** A function of its own: made where the text is at hand, it would hold the text too. */
function reader(open: (slab: Slab) => Uint8Array, slab: Slab, start: number, end: number): () => string {
  return () => decoder.decode(open(slab).subarray(start, end));
}

/** Where the platform has threads for it; in a browser all stays as it is. */
const zlib = typeof process === 'undefined' ? undefined : (process.getBuiltinModule?.('node:zlib') as Zlib | undefined);

/** Off this thread; until it is done the texts are read from what they were written to. */
function compress(slab: Slab, filled: number): void {
  if (!zlib || !slab.bytes || filled === 0) return;
  zlib.deflateRaw(slab.bytes.subarray(0, filled), { level: 1, chunkSize: slabBytes }, (error, compressed) => {
    if (error || compressed.length > filled * smallShare) return;
    // a copy: it may be a piece of a much larger array
    slab.compressed = new Uint8Array(compressed);
    slab.bytes = undefined;
  });
}

function opener(): (slab: Slab) => Uint8Array {
  let opened: readonly { readonly slab: Slab; readonly bytes: Uint8Array }[] = [];
  return (slab) => {
    if (slab.bytes) return slab.bytes;
    const known = opened.find((one) => one.slab === slab);
    if (known) return known.bytes;
    const bytes = zlib!.inflateRawSync(slab.compressed!, { chunkSize: slabBytes });
    opened = [{ slab, bytes }, ...opened.slice(0, mostOpen - 1)];
    return bytes;
  };
}
