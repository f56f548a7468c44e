/** Prepares all parts of a source and numbers their chunks. */
import type { RunEvent } from '../events.ts';
import { english, summaryPhrases, type Translate } from '../messages.ts';
import type { RunPorts } from '../request.ts';
import { repeatFolder, type RepeatFolder } from './repeatedChunks.ts';
import type { Chunk, PreparedPart, Source } from '../source.ts';
import { TransientMap } from '../stages/transientMap.ts';

const atOnce = 4;
/** Boundary between parts, stronger than any within a part. */
const partPriority = 4 * 2 ** 32;

/** How to read a source. Both members are optional. */
export interface Reading {
  /** Folds repeated text; absent to keep it. */
  readonly repeats?: RepeatFolder;
  readonly keep?: (prepared: PreparedPart, part: number) => PreparedPart | Promise<PreparedPart>;
}

/** UTF-8 bytes. */
const largeAbove = 16_000_000;

/** Whether a source has over 16 MB that are not in memory. */
export function isLarge({ parts }: Source): boolean {
  return parts.reduce((sum, { text, bytes = 0 }) => sum + (typeof text === 'string' ? 0 : bytes), 0) > largeAbove;
}

/** Whether the text of the part is in memory. */
export const isHeld = ({ parts }: Source, part: number): boolean => typeof parts[part]?.text === 'string';

/** Creates the reading of a run, which folds text that several files share. */
export function createReading(
  source: Source,
  { hash }: Partial<Pick<RunPorts, 'hash'>>,
): { readonly repeats: RepeatFolder } {
  return { repeats: repeatFolder(source, isLarge(source) && hash ? hash : (text) => text) };
}

interface PreparedSource {
  readonly parts: PreparedPart[];
  readonly chunks: Chunk[];
  /** Indexes of parts that could not be read, in order; they are empty. */
  readonly unread: readonly number[];
}

/** Returns the source with its unread parts among the skipped ones. */
export function nameUnread(source: Source, unread: readonly number[], translate: Translate = english): Source {
  if (unread.length === 0) return source;
  const reason = translate(summaryPhrases.unread);
  const skipped = unread.map((part) => ({ uri: source.parts[part]!.uri ?? source.parts[part]!.title, reason }));
  return { ...source, skipped: [...source.skipped, ...skipped] };
}

/** @throws the signal's reason, or the error of a single part */
export async function prepareSource(
  source: Source,
  ports: Pick<RunPorts, 'prepare' | 'signal' | 'yield'> & Partial<Pick<RunPorts, 'hash'>>,
  emit: (event: RunEvent) => void,
  reading: Reading = createReading(source, ports),
): Promise<PreparedSource> {
  const { parts, unread } = await prepareParts(source, ports, emit, reading);
  const chunks: Chunk[] = [];
  for (const [part, prepared] of parts.entries()) {
    const own = prepared.chunks.map((draft, i) => {
      const priority = i === 0 && part > 0 ? partPriority + draft.priority : draft.priority;
      return { ...draft, part, index: chunks.length + i, priority };
    });
    for (const chunk of own) chunks.push(chunk);
    parts[part] = { ...prepared, chunks: own };
  }
  return { parts, chunks, unread };
}

/** Keeps the positions of the other parts. */
const emptyPart: PreparedPart = {
  kind: 'prose',
  chunks: [],
  lines: 0,
  foldedLines: 0,
  masked: 0,
  invisible: 0,
  length: 0,
  facts: '',
};

async function prepareParts(
  source: Source,
  ports: Pick<RunPorts, 'prepare' | 'signal' | 'yield'>,
  emit: (event: RunEvent) => void,
  { repeats, keep }: Reading,
): Promise<Pick<PreparedSource, 'parts' | 'unread'>> {
  const unread: number[] = [];
  /** Prepares a part. If there are several, a part that fails is left out and named. */
  const prepare = async (i: number): Promise<PreparedPart> => {
    try {
      return await ports.prepare(source.parts[i]!, ports.signal, (length) => progress(i, length));
    } catch (error) {
      if (ports.signal.aborted || source.parts.length === 1) throw error;
      unread.push(i);
      return emptyPart;
    }
  };
  const parts: PreparedPart[] = new Array<PreparedPart>(source.parts.length);
  const sizes = source.parts.map((part) => (typeof part.text === 'string' ? part.text.length : part.bytes));
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const read = new Array<number>(source.parts.length).fill(0);
  let sum = 0;
  let told = 0;
  const progress = (part: number, length: number): void => {
    sum += length - read[part]!;
    read[part] = length;
    if (sum - told < 1_000_000) return;
    told = sum;
    emit({ type: 'read', length: sum, ...(total === undefined ? {} : { total }) });
  };
  const waiting = new TransientMap<number, PreparedPart>();
  let turn = 0;
  let work = 0;
  const take = async (): Promise<void> => {
    for (let part = waiting.get(turn); part; part = waiting.get(turn)) {
      const i = turn++;
      waiting.delete(i);
      work += 2_000 + part.length;
      const folded = repeats ? repeats(part, i) : part;
      parts[i] = keep ? await keep(folded, i) : folded;
      if (work < 400_000) continue;
      work = 0;
      await ports.yield();
    }
  };
  let taking = Promise.resolve();
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < source.parts.length; i = next++) {
      waiting.set(i, await prepare(i));
      await (taking = taking.then(take));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, source.parts.length) }, lane));
  const secrets = parts.reduce((sum, part) => sum + part.masked, 0);
  const invisible = parts.reduce((sum, part) => sum + part.invisible, 0);
  if (secrets || invisible) emit({ type: 'masked', secrets, invisible });
  return { parts, unread: unread.sort((a, b) => a - b) };
}
