/** Map: packs of chunks are read in parallel; each answer comes apart into one note a chunk, kept as soon as it is paid for. */
import { takeApart } from '../answer/answer.ts';
import { askOf, endCodes, gapReasons, kindOf, namedChunk, type RunContext } from './context.ts';
import { ModelError, permanentKinds, type ModelCall } from '../model.ts';
import { wordsAlone } from './keys.ts';
import type { Note, NoteSlot } from './notes.ts';
import { nearestOf, type Nearest } from '../answer/nearest.ts';
import type { Plan } from '../plan/plan.ts';
import { render } from '../prompts/render.ts';
import { shapes } from '../prompts/summaryGuidance.ts';
import type { CallResult } from '../schedule/types.ts';
import type { Chunk } from '../source.ts';
import { estimateTokens } from '../tokens.ts';
import { hasWords } from '../words.ts';

export interface NoteStage {
  /** Resolves with the note, or undefined for a gap. Never rejects but for cancellation. */
  note(chunk: number): Promise<Note | undefined>;
  readonly done: Promise<void>;
  /** The failure that ended the stage for good. */
  readonly fatal: ModelError | undefined;
  readonly lastError: ModelError | undefined;
}

export interface Attempt {
  readonly chunks: readonly Chunk[];
  /** Only a piece of the single chunk's text, where the whole did not fit. */
  readonly text?: string;
  readonly priority: number;
  readonly words: number;
  readonly maxTokens: number;
  readonly depth: number;
}

const deepest = 6;
/** UTF-16 units of work between two turns of the thread, and what a known note counts. */
const sliceLength = 200_000;
const noteLength = 500;

export function startMap(context: RunContext, slots: readonly NoteSlot[], plan: Plan): NoteStage {
  const { ports, gaps, ledger } = context;
  const notes = new Map<number, { resolve: (note: Note | undefined) => void; promise: Promise<Note | undefined> }>();
  const state: { fatal?: ModelError; lastError?: ModelError; calls: number } = { calls: plan.packs.length };
  for (const { chunk } of slots) {
    let resolve!: (note: Note | undefined) => void;
    const promise = new Promise<Note | undefined>((r) => (resolve = r));
    notes.set(chunk.index, { resolve, promise });
  }
  const slotOf = new Map(slots.map((slot) => [slot.chunk.index, slot]));

  const settle = async (chunk: Chunk, note: Note): Promise<void> => {
    const slot = slotOf.get(chunk.index)!;
    if (slot.claim.state === 'ours') await slot.claim.settle(note);
    context.emit({ type: 'note', chunk: chunk.index, text: note, done: true, cached: false });
    notes.get(chunk.index)!.resolve(note);
  };
  const lose = async (
    chunks: readonly Chunk[],
    kind: ReturnType<typeof kindOf> | 'cost-limit',
    reason: string,
  ): Promise<void> => {
    gaps.add(chunks, kind, reason);
    for (const chunk of chunks) {
      const slot = slotOf.get(chunk.index)!;
      if (slot.claim.state === 'ours') await slot.claim.settle(undefined);
      notes.get(chunk.index)!.resolve(undefined);
    }
  };
  const loseByError = (chunks: readonly Chunk[], error: unknown): Promise<void> => {
    const kind = kindOf(error);
    if (ModelError.is(error)) state.lastError = error;
    if (ModelError.is(error) && permanentKinds.has(kind)) state.fatal = error;
    return lose(chunks, kind, gapReasons[kind]);
  };

  /** Halves by tokens between neighbours; one chunk: by its text. */
  const halves = (attempt: Attempt): Attempt[] => {
    const next = {
      priority: attempt.priority + 1,
      words: Math.max(60, Math.ceil(attempt.words * 0.6)),
      maxTokens: attempt.maxTokens,
      depth: attempt.depth + 1,
    };
    if (attempt.chunks.length > 1) {
      const middle = Math.ceil(attempt.chunks.length / 2);
      return [attempt.chunks.slice(0, middle), attempt.chunks.slice(middle)].map((chunks) => ({ chunks, ...next }));
    }
    const text = attempt.text ?? namedChunk(attempt.chunks[0]!).text;
    const cut = cutNear(text, text.length >> 1);
    return [text.slice(0, cut), text.slice(cut)]
      .filter((t) => t.length)
      .map((t) => ({ chunks: attempt.chunks, text: t, ...next }));
  };

  const split = async (attempt: Attempt, why: string): Promise<void> => {
    state.calls += 1;
    context.emit({ type: 'replan', map: state.calls, collapse: 0, reason: why });
    if (attempt.chunks.length > 1) await Promise.all(halves(attempt).map(run));
    else {
      // both halves of one chunk make one note: half a chunk is never kept as if whole
      const parts = await Promise.all(halves(attempt).map((half) => ask(half)));
      if (parts.some((part) => part === undefined)) return;
      await settle(attempt.chunks[0]!, parts.filter(Boolean).join('\n'));
    }
  };

  /** The note of one chunk's piece, or undefined when it became a gap. */
  const ask = async (attempt: Attempt): Promise<Note | undefined> => {
    const answer = await call(attempt);
    if (answer === undefined) return undefined;
    if (answer === 'split') {
      if (attempt.depth >= deepest || (attempt.text ?? '').length < 40) {
        await lose(attempt.chunks, 'too-long', gapReasons['too-long']);
        return undefined;
      }
      const parts = await Promise.all(halves(attempt).map((half) => ask(half)));
      return parts.some((part) => part === undefined) ? undefined : parts.filter(Boolean).join('\n');
    }
    return notesFromAnswer(answer.text, 1)[0] ?? '';
  };

  /** One pack: from request to notes. */
  const run = async (attempt: Attempt): Promise<void> => {
    const answer = await call(attempt);
    if (answer === undefined) return;
    if (answer === 'split') {
      if (attempt.depth >= deepest) await lose(attempt.chunks, 'too-long', gapReasons['too-long']);
      else await split(attempt, attempt.chunks.length > 1 ? 'a call did not fit and was split' : '');
      return;
    }
    const { chunks } = attempt;
    const nearest = nearestOf(() => chunks.map((chunk) => namedChunk(chunk).text));
    const found = notesFromAnswer(answer.text, chunks.length, nearest);
    if (answer.finish === 'length') {
      // whole are the notes before the last one that was begun; what follows was never written
      const begun = found.reduce((last, note, i) => (note === undefined ? last : i), -1);
      const whole = chunks.length > 1 ? Math.max(0, begun) : 0;
      for (let i = 0; i < whole; i++) await settle(chunks[i]!, found[i] ?? '');
      const rest = chunks.slice(whole);
      if (attempt.depth >= 3 && rest.length === 1) return lose(rest, 'unknown', gapReasons.length);
      state.calls += 1;
      context.emit({
        type: 'replan',
        map: state.calls,
        collapse: 0,
        reason: 'an answer was cut off: asked again with more room',
      });
      const more = {
        ...attempt,
        chunks: rest,
        maxTokens: attempt.maxTokens * 2,
        priority: attempt.priority + 1,
        depth: attempt.depth + 1,
      };
      if (rest.length > 1 && whole === 0) await Promise.all(halves(more).map(run));
      else await run(more);
      return;
    }
    for (let i = 0; i < chunks.length; i++) await settle(chunks[i]!, found[i] ?? '');
  };

  const call = async (attempt: Attempt): Promise<CallResult | 'split' | undefined> => {
    const { chunks } = attempt;
    if (state.fatal) {
      await lose(chunks, state.fatal.kind, gapReasons[state.fatal.kind]);
      return undefined;
    }
    const request = requestOf(context, attempt, plan);
    if (!ledger.reserve('map', request.inputTokens, attempt.words * 1.5)) {
      await lose(chunks, 'cost-limit', gapReasons['cost-limit']);
      return undefined;
    }
    const id = context.nextCall();
    const stream = noteStream(context, chunks);
    let started = false;
    let ended = false;
    const end = (outcome: 'done' | 'split' | 'failed' | 'cancelled', result?: CallResult): void => {
      // what follows an empty answer may be cancelled, long after this call has ended
      if (ended) return;
      ended = true;
      if (!started) context.emit({ type: 'call-start', call: id, stage: 'map', chunks: chunks.map((c) => c.index) });
      started = true;
      const usage = result?.usage ?? {};
      context.emit({
        type: 'call-end',
        call: id,
        stage: 'map',
        outcome,
        ms: result?.ms ?? 0,
        attempts: result?.attempts ?? 1,
        usage,
        ...(result?.requestId ? { requestId: result.requestId } : {}),
      });
    };
    try {
      const result = await ports.mapScheduler.run({
        model: ports.mapModel,
        call: request,
        run: context.id,
        priority: attempt.priority,
        outputTokens: Math.ceil(attempt.words * 1.4),
        hedge: true,
        signal: context.signal,
        onText: stream.push,
        onRestart: stream.restart,
        onStart: () => {
          if (started) return;
          started = true;
          context.emit({ type: 'call-start', call: id, stage: 'map', chunks: chunks.map((c) => c.index) });
        },
        onWait: (wait) => context.emit({ type: 'wait', stage: 'map', ...wait }),
      });
      ledger.add('map', result.usage, result.attempts);
      if (result.finish === 'too-long') {
        end('split', result);
        return 'split';
      }
      if (result.finish === 'refused' || result.finish === 'content-filter')
        throw new ModelError({ kind: result.finish, code: endCodes[result.finish] });
      if (!hasWords(result.text)) {
        // thought ate the room, or nothing came at all: more room, then smaller, then a gap
        end(attempt.depth < 2 ? 'split' : 'failed', result);
        if (attempt.depth >= 2) {
          await lose(chunks, 'unknown', gapReasons.empty);
          return undefined;
        }
        const again = { ...attempt, maxTokens: attempt.maxTokens * 4, depth: attempt.depth + 1 };
        if (chunks.length > 1 && attempt.depth > 0) {
          await Promise.all(halves(again).map(run));
          return undefined;
        }
        return await call(again);
      }
      end('done', result);
      return result;
    } catch (error) {
      const kind = kindOf(error);
      if (context.signal.aborted || kind === 'cancelled') {
        end('cancelled');
        throw error;
      }
      if (kind === 'too-long') {
        end('split');
        return 'split';
      }
      // one part that is declined must not cost its neighbours
      if ((kind === 'refused' || kind === 'content-filter' || kind === 'bad-request') && chunks.length > 1) {
        end('split');
        if (ModelError.is(error)) state.lastError = error;
        await Promise.all(halves({ ...attempt, depth: Math.min(attempt.depth, 2) }).map(run));
        return undefined;
      }
      end('failed');
      await loseByError(chunks, error);
      return undefined;
    }
  };

  const first = async (pack: readonly number[], place: number): Promise<void> => {
    const chunks = pack.map((i) => context.chunks[i]!);
    const share = pack.length ? plan.map.words : 0;
    return run({
      chunks,
      words: share,
      maxTokens: plan.map.maxTokens,
      priority: (plan.packs.length - place) / (plan.packs.length + 1),
      depth: 0,
    });
  };

  /** What another run was producing and did not, falls to us. */
  const wait = async (slot: NoteSlot): Promise<void> => {
    while (slot.claim.state === 'theirs') {
      const value = await slot.claim.wait(context.signal);
      if (value !== undefined) {
        ledger.cached();
        return known(slot, value);
      }
      slot.claim = (await context.cache.claim('map', [slot.key]))[0]!;
    }
    if (slot.claim.state === 'hit') return known(slot, slot.claim.value);
    await run({ chunks: [slot.chunk], words: wordsAlone, maxTokens: plan.map.maxTokens, priority: 1, depth: 0 });
  };
  const known = (slot: NoteSlot, value: string): void => {
    context.emit({ type: 'note', chunk: slot.chunk.index, text: value, done: true, cached: true });
    notes.get(slot.chunk.index)!.resolve(value);
  };

  /** Rendering and hashing thousands of packs at a stretch would hold the thread. */
  const start = async (): Promise<PromiseSettledResult<void>[]> => {
    const begun = slots.filter((slot) => slot.claim.state === 'theirs').map(wait);
    let work = 0;
    const turn = async (length: number): Promise<void> => {
      work += length;
      if (work < sliceLength) return;
      work = 0;
      await ports.yield();
    };
    for (const [place, pack] of plan.packs.entries()) {
      const call = first(pack, place);
      call.catch(() => undefined);
      begun.push(call);
      await turn(pack.reduce((sum, i) => sum + 4 * context.chunks[i]!.tokens, 0));
      if (context.signal.aborted) break;
    }
    for (const slot of slots) {
      if (slot.claim.state !== 'hit' || context.signal.aborted) continue;
      known(slot, slot.claim.value);
      await turn(noteLength);
    }
    if (context.signal.aborted) begun.push(Promise.reject(context.signal.reason));
    return Promise.allSettled(begun);
  };
  const end = async (): Promise<void> => {
    for (const slot of slots) {
      if (slot.claim.state === 'ours') await slot.claim.settle(undefined);
      notes.get(slot.chunk.index)!.resolve(undefined);
    }
  };
  const done = start()
    .finally(end)
    .then((results) => {
      const failed = results.find((r) => r.status === 'rejected');
      if (failed) throw failed.reason;
    });
  done.catch(() => undefined);
  return {
    note: (chunk) => notes.get(chunk)!.promise,
    done,
    get fatal() {
      return state.fatal;
    },
    get lastError() {
      return state.lastError;
    },
  };
}

/** One note a part of the request; undefined where the answer never named it. @param nearest as in `takeApart` */
export function notesFromAnswer(answer: string, parts: number, nearest?: Nearest): (Note | undefined)[] {
  const notes: (string | undefined)[] = new Array<undefined>(parts).fill(undefined);
  for (const point of takeApart(answer, parts, nearest).points) {
    const at = point.parts[0]! - 1;
    notes[at] = notes[at] === undefined ? `- ${point.text}` : `${notes[at]}\n- ${point.text}`;
  }
  return notes;
}

export function requestOf(context: RunContext, attempt: Attempt, plan: Plan): ModelCall {
  const { chunks, text, words } = attempt;
  const kinds = [...new Set(chunks.map((chunk) => context.parts[chunk.part]!.kind))];
  const shape = kinds.length === 1 ? shapes[kinds[0]!] : 'each part by its kind';
  const named = chunks.map((chunk) => (text === undefined ? namedChunk(chunk) : { ...namedChunk(chunk), text }));
  const rendered = render('map', named, askOf(context, words, shape), context.ports.fence);
  const around = estimateTokens(rendered.system) + 8 * chunks.length + 24;
  const tokens = text === undefined ? chunks.reduce((sum, chunk) => sum + tokensOf(chunk), 0) : estimateTokens(text);
  return {
    stage: 'map',
    system: rendered.system,
    user: rendered.user,
    stop: rendered.stop,
    maxTokens: Math.min(
      attempt.maxTokens,
      Math.max(64, Math.floor(context.mapLimits.contextWindow / 2)),
      context.mapLimits.maxOutputTokens,
    ),
    effort: 'low',
    inputTokens: Math.ceil((tokens + around) * context.mapLimits.tokenFactor),
    reusable: false,
    runWindow: plan.runWindow,
  };
}

const tokensOf = ({ repeat, tokens }: Chunk): number => (repeat ? estimateTokens(repeat.read) : tokens);

/** Notes as they are written: taken apart again at each line, shown when they changed. */
function noteStream(
  context: RunContext,
  chunks: readonly Chunk[],
): { push: (text: string) => void; restart: () => void } {
  let text = '';
  let seen = 0;
  const shown: string[] = [];
  return {
    push(piece) {
      text += piece;
      if (text.length - seen < (seen === 0 ? 24 : 160) && !piece.includes('\n')) return;
      seen = text.length;
      const notes = notesFromAnswer(text, chunks.length);
      notes.forEach((note, i) => {
        if (note === undefined || note === shown[i]) return;
        shown[i] = note;
        context.emit({ type: 'note', chunk: chunks[i]!.index, text: note, done: false, cached: false });
      });
    },
    restart() {
      text = '';
      seen = 0;
    },
  };
}

/** The line end nearest to `at`, else a place that is not inside a surrogate pair. */
function cutNear(text: string, at: number): number {
  const before = text.lastIndexOf('\n', at) + 1;
  if (before > text.length * 0.2) return before;
  const after = text.indexOf('\n', at) + 1;
  if (after > 0 && after < text.length * 0.8) return after;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : Math.max(1, at);
}
