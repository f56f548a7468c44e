/** Texts that nobody else holds, as bytes: beside the script's heap, where collections neither copy nor count them. */
import type { Chunk, PreparedPart, Source } from './source.ts';

/** UTF-8 bytes; below it strings are quicker. */
const largeAbove = 16_000_000;

const slabBytes = 4_000_000;

const encoder = new TextEncoder();
/** A mark at a chunk's start is part of its text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

type Draft = PreparedPart['chunks'][number];

/** Makes a chunk whose text is decoded each time that it is read. */
export type Packer = (draft: Draft) => Draft;

/** Whether the texts that the source does not hold are large together. */
export function isLarge({ parts }: Source): boolean {
  return parts.reduce((sum, { text, bytes = 0 }) => sum + (typeof text === 'string' ? 0 : bytes), 0) > largeAbove;
}

export const isHeld = ({ parts }: Source, part: number): boolean => typeof parts[part]?.text === 'string';

/** Into few large arrays: many small ones would leave holes between them. */
export function createPacker(): Packer {
  let slab = new Uint8Array(0);
  let filled = 0;
  return (draft) => {
    const { text } = draft;
    // half a pair of surrogates would not come back; what is told in a line is short
    if (draft.repeat || half.test(text)) return draft;
    if (filled + 3 * text.length > slab.length) {
      slab = new Uint8Array(Math.max(slabBytes, 3 * text.length));
      filled = 0;
    }
    const start = filled;
    filled += encoder.encodeInto(text, slab.subarray(filled)).written;
    return new Packed({ ...draft, part: 0, index: 0 }, { slab, start, end: filled });
  };
}

const half = /\p{Surrogate}/u;

/** A chunk's place in the run, and its text as it was. */
export function placed(draft: Draft, place: Pick<Chunk, 'part' | 'index' | 'priority'>): Chunk {
  return draft instanceof Packed ? new Packed({ ...draft, ...place }, draft.bytes) : { ...draft, ...place };
}

interface Bytes {
  readonly slab: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A class, so that tens of thousands share one getter. */
class Packed implements Chunk {
  readonly index: number;
  readonly part: number;
  readonly startLine: number;
  readonly endLine: number;
  readonly sourceLines?: readonly number[];
  readonly tokens: number;
  readonly context: string;
  readonly priority: number;
  readonly bytes: Bytes;

  constructor(chunk: Omit<Chunk, 'text'>, bytes: Bytes) {
    this.index = chunk.index;
    this.part = chunk.part;
    this.startLine = chunk.startLine;
    this.endLine = chunk.endLine;
    if (chunk.sourceLines) this.sourceLines = chunk.sourceLines;
    this.tokens = chunk.tokens;
    this.context = chunk.context;
    this.priority = chunk.priority;
    this.bytes = bytes;
  }

  get text(): string {
    const { slab, start, end } = this.bytes;
    return decoder.decode(slab.subarray(start, end));
  }
}
