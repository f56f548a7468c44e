/** Notes are found again by what they were taken from: before a run asks, it looks what is there. */
import type { RunContext } from './context.ts';
import { noteKey, type NoteChunk, type NoteContext } from './keys.ts';
import type { Claim } from '../ports.ts';
import type { Chunk, PreparedPart } from '../source.ts';
import { hasWords } from '../words.ts';

/** One line a point, without marks and numbers; '' when the chunk has nothing to tell. */
export type Note = string;

export interface NoteSlot {
  readonly chunk: Chunk;
  readonly key: string;
  claim: Claim;
}

/** One key a chunk, in their order. */
export async function noteKeys(context: NoteContext, chunks: readonly NoteChunk[]): Promise<string[]> {
  const keys: string[] = [];
  let work = 0;
  for (const chunk of chunks) {
    keys.push(noteKey(context, chunk));
    work += 4 * chunk.tokens;
    if (work < 200_000) continue;
    work = 0;
    await context.ports.yield();
  }
  return keys;
}

/** The chunks of one part that has no place among others yet, and the keys of their notes. */
export async function keysOfPart(
  { options, ports }: Pick<RunContext, 'options' | 'ports'>,
  prepared: PreparedPart,
  part: number,
): Promise<{ readonly about: NoteContext; readonly chunks: readonly NoteChunk[]; readonly keys: string[] }> {
  const parts: PreparedPart[] = [];
  parts[part] = prepared;
  const about = { options, ports, parts, cache: ports.cache };
  const chunks = prepared.chunks.map((chunk) => ({ ...chunk, part }));
  return { about, chunks, keys: await noteKeys(about, chunks) };
}

/** What is known of a chunk without asking for its own note: nothing is left of it, or one of the whole was taken when its file was read alone. */
export async function otherNote(context: NoteContext, chunk: NoteChunk): Promise<Note | undefined> {
  const { repeat } = chunk;
  if (!repeat) return undefined;
  if (!hasWords(repeat.read)) return '';
  return repeat.whole === repeat.read ? undefined : context.cache.get('map', noteKey(context, chunk, repeat.whole));
}

/** Every chunk's note: there, being taken by another run, or to be taken by this one. */
export async function claimNotes(context: RunContext): Promise<NoteSlot[]> {
  const keys = await noteKeys(context, context.chunks);
  const claims = await claimInSlices(context, keys);
  const slots = context.chunks.map((chunk, i): NoteSlot => ({ chunk, key: keys[i]!, claim: claims[i]! }));
  await Promise.all(
    slots.map(async (slot) => {
      if (slot.claim.state === 'hit') return;
      const value = await otherNote(context, slot.chunk).catch(() => undefined);
      if (value === undefined) return;
      if (slot.claim.state === 'ours') await slot.claim.settle(value);
      slot.claim = { state: 'hit', value };
    }),
  );
  return slots;
}

/** Keys that are claimed at a stretch: each of them costs some microseconds. */
const slice = 2_000;

async function claimInSlices({ cache, ports }: RunContext, keys: readonly string[]): Promise<Claim[]> {
  const claims: Claim[] = [];
  try {
    for (let at = 0; at < keys.length; at += slice) {
      if (at > 0) await ports.yield();
      claims.push(...(await cache.claim('map', keys.slice(at, at + slice))));
    }
    return claims;
  } catch (error) {
    // who waits for one of them asks anew
    for (const claim of claims) if (claim.state === 'ours') await claim.settle(undefined);
    throw error;
  }
}
