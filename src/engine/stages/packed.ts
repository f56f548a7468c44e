/** Chunks of texts that are large together and that nobody else holds: they are packed. */
import type { Pack } from '../ports.ts';
import type { Chunk, PreparedPart, Source } from '../source.ts';

/** UTF-8 bytes; below it strings are quicker. */
const largeAbove = 16_000_000;

type Draft = PreparedPart['chunks'][number];

/** Whether the texts that the source does not hold are large together. */
export function isLarge({ parts }: Source): boolean {
  return parts.reduce((sum, { text, bytes = 0 }) => sum + (typeof text === 'string' ? 0 : bytes), 0) > largeAbove;
}

export const isHeld = ({ parts }: Source, part: number): boolean => typeof parts[part]?.text === 'string';

/** Makes a chunk whose text is made anew each time that it is read. */
export function packed(draft: Draft, pack: Pack): Draft {
  // what is told in a line is short
  return draft.repeat ? draft : new Packed({ ...draft, part: 0, index: 0 }, pack(draft.text));
}

/** A chunk's place in the run, and its text as it was. */
export function placed(draft: Draft, place: Pick<Chunk, 'part' | 'index' | 'priority'>): Chunk {
  return draft instanceof Packed ? new Packed({ ...draft, ...place }, draft.read) : { ...draft, ...place };
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
  readonly read: () => string;

  constructor(chunk: Omit<Chunk, 'text'>, read: () => string) {
    this.index = chunk.index;
    this.part = chunk.part;
    this.startLine = chunk.startLine;
    this.endLine = chunk.endLine;
    if (chunk.sourceLines) this.sourceLines = chunk.sourceLines;
    this.tokens = chunk.tokens;
    this.context = chunk.context;
    this.priority = chunk.priority;
    this.read = read;
  }

  get text(): string {
    return this.read();
  }
}
