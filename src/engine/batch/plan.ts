/** Plans map calls as rows of a batch. Their answers serve live runs, and live answers serve them. */
import { guardAnswer } from '../answer/guardedModel.ts';
import { mapRules } from '../prompts/prompts.ts';
import { getLanes, planInput } from '../run/planInput.ts';
import { createRefinedPrepare } from '../run/refinedPrepare.ts';
import { createContext } from '../run/run.ts';
import { readNotes, createRequest } from '../stages/mapCall.ts';
import { noteKey, createRowId } from '../stages/keys.ts';
import { createPartKeys, otherNote, type Note } from '../stages/notes.ts';
import type { RunContext } from '../stages/context.ts';
import type { FinishReason, ModelCall } from '../model.ts';
import type { Plan } from '../plan/plan.ts';
import { planInSlices } from '../plan/planSlices.ts';
import { isHeld, isLarge, createReading } from '../read/prepareSource.ts';
import type { RepeatFolder } from '../read/repeatedChunks.ts';
import type { RunPorts, RunRequest } from '../request.ts';
import type { Chunk, PreparedPart } from '../source.ts';
import { TransientMap } from '../stages/transientMap.ts';
import { hasWords } from '../words.ts';

/** One request of a batch. */
export interface BatchRow {
  /** 40 hex digits; same text, same id. */
  readonly id: string;
  /** Cache keys in the order of the parts. */
  readonly keys: readonly string[];
  readonly call: ModelCall;
}

/** Batch rows and the estimate of a live run. */
export interface BatchPlan {
  /** Yields the rows; reads large texts again. */
  rows(): AsyncGenerator<BatchRow>;
  readonly rowCount: number;
  /** Keys that another batch will deliver. */
  readonly awaited: ReadonlySet<string>;
  readonly lines: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly live: { readonly seconds: number; readonly costUsd?: number };
}

/** @param pending keys that another batch will deliver */
export async function createBatchPlan(
  request: RunRequest,
  ports: RunPorts,
  pending: ReadonlySet<string> = new Set(),
): Promise<BatchPlan> {
  const figures = await gatherFigures(request, ports);
  const { context, keys, notes } = figures;
  const seen = new Set<string>();
  const awaited = new Set(keys.filter((key, i) => notes[i] === undefined && pending.has(key)));
  const missing = keys.map((key, i) => {
    const fresh = notes[i] === undefined && !pending.has(key) && !seen.has(key);
    seen.add(key);
    return fresh;
  });
  const input = await planInput(context);
  const chunks = input.chunks.map((chunk, i) => ({ ...chunk, cached: !missing[i] }));
  const plan = await planInSlices({ ...input, chunks }, ports.yield);
  const { seconds, costUsd } = plan.estimate;
  // read each part once
  const packs = plan.packs.filter((pack) => pack.length > 0).sort((a, b) => a[0]! - b[0]!);
  const flow = packs.map((pack) => pack.reduce((sum, i) => sum + input.chunks[i]!.tokens, 0) + input.overheadTokens);
  return {
    async *rows() {
      const read = createTextReader(figures);
      let work = 0;
      for (const pack of packs) {
        const chunks = await read(pack.map((i) => context.chunks[i]!));
        const own = pack.map((i) => keys[i]!);
        // the text changed after planning
        if (chunks.some((chunk, i) => chunk === undefined || noteKey(context, chunk) !== own[i])) continue;
        const row = createRow(context, plan, chunks as Chunk[], own);
        yield row;
        work += row.call.user.length;
        if (work < 200_000) continue;
        work = 0;
        await ports.yield();
      }
    },
    rowCount: packs.length,
    awaited,
    lines: context.parts.reduce((sum, part) => sum + part.lines, 0),
    inputTokens: flow.reduce((sum, tokens) => sum + tokens, 0),
    outputTokens: Math.round(packs.length * plan.map.words * 1.4),
    live: { seconds: seconds / getLanes(context), ...(costUsd === undefined ? {} : { costUsd }) },
  };
}

interface Figures {
  readonly context: RunContext;
  readonly keys: readonly string[];
  readonly notes: readonly (Note | undefined)[];
  /** Undefined if the chunks hold their texts. */
  readonly repeats?: RepeatFolder;
}

async function gatherFigures({ id, source, options: asked }: RunRequest, ports: RunPorts): Promise<Figures> {
  const options = { ...asked, batched: true };
  const { repeats } = createReading(source, ports);
  const large = isLarge(source);
  const keys: string[][] = [];
  const notes: (Note | undefined)[][] = [];
  const keep = async (prepared: PreparedPart, part: number): Promise<PreparedPart> => {
    const { about, chunks, keys: own } = await createPartKeys({ options, ports }, prepared, part);
    keys[part] = own;
    notes[part] = await Promise.all(
      own.map(async (key, i) => (await ports.cache.get('map', key)) ?? (await otherNote(about, chunks[i]!))),
    );
    if (!large || isHeld(source, part)) return prepared;
    return { ...prepared, chunks: prepared.chunks.map(({ repeat: _, ...chunk }) => ({ ...chunk, text: '' })) };
  };
  const context = await createContext({ id, source, options }, ports, () => undefined, { repeats, keep });
  return { context, keys: keys.flat(), notes: notes.flat(), ...(large ? { repeats } : {}) };
}

type TextReader = (chunks: readonly Chunk[]) => Promise<(Chunk | undefined)[]>;

const ahead = 4;

/** Undefined for a chunk that cannot be read. */
function createTextReader({ context, repeats }: Figures): TextReader {
  const { source, ports, signal, parts, mapLimits } = context;
  const prepare = createRefinedPrepare(ports.prepare, Promise.resolve(mapLimits), ports.mapModel.model);
  if (!repeats) return (chunks) => Promise.resolve([...chunks]);
  const firsts = listFirstChunks(parts);
  const read = new TransientMap<number, Promise<PreparedPart | undefined>>();
  const readAgain = (part: number): Promise<PreparedPart | undefined> =>
    prepare(source.parts[part]!, signal, () => undefined).then(
      (prepared) => repeats(prepared, part),
      () => undefined,
    );
  const getPart = (part: number): Promise<PreparedPart | undefined> => {
    for (const old of read.keys()) if (old < part) read.delete(old);
    for (let next = part; next < Math.min(part + ahead, parts.length); next++)
      if (!read.has(next) && !isHeld(source, next)) read.set(next, readAgain(next));
    return read.get(part) ?? Promise.resolve(parts[part]);
  };
  return async (chunks) => {
    const found: (Chunk | undefined)[] = [];
    for (const chunk of chunks) {
      const draft = (await getPart(chunk.part))?.chunks[chunk.index - firsts[chunk.part]!];
      if (signal.aborted) throw signal.reason;
      found.push(draft && { ...chunk, text: draft.text, ...(draft.repeat && { repeat: draft.repeat }) });
    }
    return found;
  };
}

function listFirstChunks(parts: readonly PreparedPart[]): number[] {
  let next = 0;
  return parts.map(({ chunks }) => (next += chunks.length) - chunks.length);
}

function createRow(context: RunContext, plan: Plan, chunks: readonly Chunk[], keys: readonly string[]): BatchRow {
  const { words, maxTokens } = plan.map;
  const call = createRequest(context, { chunks, words, maxTokens, priority: 0, depth: 0 }, plan);
  return { id: createRowId(context.ports.hash, keys), keys, call };
}

/** Returns the complete notes of a row's answer. */
export function readRowNotes(
  keys: readonly string[],
  answer: { readonly text: string; readonly finish: FinishReason },
): { readonly key: string; readonly note: Note }[] {
  if (!hasWords(answer.text)) return [];
  if (answer.finish !== 'stop' && answer.finish !== 'length') return [];
  const { text, finish } = guardAnswer({ system: mapRules, user: '' }, answer);
  if (!hasWords(text)) return [];
  const found = readNotes(text, keys.length);
  const begun = found.reduce((last, note, i) => (note === undefined ? last : i), -1);
  // a loop leaves the note that it interrupts usable; truncation does not
  const finished = finish === 'repeated' ? begun + 1 : keys.length > 1 ? Math.max(0, begun) : 0;
  const whole = finish === 'stop' ? keys.length : finished;
  return keys.slice(0, whole).map((key, i) => ({ key, note: found[i] ?? '' }));
}
