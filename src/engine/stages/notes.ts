/** Looks up cached notes before making calls. */
import type { RunContext } from './context.ts';
import { noteKey, type NoteChunk, type NoteContext } from './keys.ts';
import type { Claim } from '../ports.ts';
import type { Chunk, PreparedPart } from '../source.ts';
import { hasWords } from '../words.ts';

/** One point a line, without marks; '' if nothing is worth noting. */
export type Note = string;

/** A chunk whose note is cached or claimed. */
export interface NoteSlot {
  readonly chunk: Chunk;
  readonly key: string;
  claim: Claim;
}

/** Returns the cache keys of chunks, in order. */
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

/** Chunks and note keys of one part. */
export async function createPartKeys(
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

/** Looks up the note of the whole text; '' if the chunk only repeats others. */
export async function otherNote(context: NoteContext, chunk: NoteChunk): Promise<Note | undefined> {
  const { repeat } = chunk;
  if (!repeat) return undefined;
  if (!hasWords(repeat.read)) return '';
  return repeat.whole === repeat.read ? undefined : context.cache.get('map', noteKey(context, chunk, repeat.whole));
}

/** Claims each note: it is cached, another run's, or ours to make. */
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

/** Keys claimed between yields. */
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
    // waiting runs claim them again
    for (const claim of claims) if (claim.state === 'ours') await claim.settle(undefined);
    throw error;
  }
}
