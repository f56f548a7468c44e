/** Map stage: reads packs of chunks in parallel and splits each answer into one note a chunk, kept as soon as it is paid for. */
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

/** The notes of a run as they come. */
export interface NoteStage {
  /** Resolves with the note, or undefined for a gap. Never rejects but for cancellation. */
  note(chunk: number): Promise<Note | undefined>;
  readonly done: Promise<void>;
  /** The failure that ended the stage for good. */
  readonly fatal: ModelError | undefined;
  readonly lastError: ModelError | undefined;
}

/** One call that is to be made: which chunks it reads and how much it may write. */
export interface Attempt {
  readonly chunks: readonly Chunk[];
  /** Only a piece of the single chunk's text, where the whole did not fit. */
  readonly text?: string;
  readonly priority: number;
  /** Words that its notes should have together. */
  readonly words: number;
  readonly maxTokens: number;
  /** How often the pack was split or asked again. */
  readonly depth: number;
}

const maxDepth = 6;
/** UTF-16 units of work between two yields to the event loop, and what a cached note counts as. */
const sliceLength = 200_000;
const noteLength = 500;

/** Starts all map calls of the plan; results come through the stage. Call it once a run. */
export function startMap(context: RunContext, slots: readonly NoteSlot[], plan: Plan): NoteStage {
  return new MapStage(context, slots, plan);
}

interface PendingNote {
  readonly promise: Promise<Note | undefined>;
  readonly resolve: (note: Note | undefined) => void;
}

type Outcome = 'done' | 'split' | 'failed' | 'cancelled';

class MapStage implements NoteStage {
  readonly done: Promise<void>;
  private readonly context: RunContext;
  private readonly slots: ReadonlyMap<number, NoteSlot>;
  private readonly plan: Plan;
  private readonly notes = new Map<number, PendingNote>();
  private calls: number;
  private fatalError: ModelError | undefined;
  private latestError: ModelError | undefined;

  constructor(context: RunContext, slots: readonly NoteSlot[], plan: Plan) {
    this.context = context;
    this.plan = plan;
    this.calls = plan.packs.length;
    this.slots = new Map(slots.map((slot) => [slot.chunk.index, slot]));
    for (const { chunk } of slots) {
      let resolve!: PendingNote['resolve'];
      const promise = new Promise<Note | undefined>((r) => (resolve = r));
      this.notes.set(chunk.index, { resolve, promise });
    }
    this.done = this.runAll();
    this.done.catch(() => undefined);
  }

  get fatal(): ModelError | undefined {
    return this.fatalError;
  }

  get lastError(): ModelError | undefined {
    return this.latestError;
  }

  note(chunk: number): Promise<Note | undefined> {
    return this.notes.get(chunk)!.promise;
  }

  private async runAll(): Promise<void> {
    try {
      const failed = (await this.start()).find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    } finally {
      for (const slot of this.slots.values()) {
        if (slot.claim.state === 'ours') await slot.claim.settle(undefined);
        this.resolve(slot.chunk, undefined);
      }
    }
  }

  /** Yields on the way: rendering and hashing thousands of packs in one stretch would block the thread. */
  private async start(): Promise<PromiseSettledResult<void>[]> {
    const { chunks, ports, signal } = this.context;
    const slots = [...this.slots.values()];
    const started = slots.filter((slot) => slot.claim.state === 'theirs').map((slot) => this.waitForOther(slot));
    let work = 0;
    const yieldAfter = async (length: number): Promise<void> => {
      work += length;
      if (work < sliceLength) return;
      work = 0;
      await ports.yield();
    };
    for (const [place, pack] of this.plan.packs.entries()) {
      const call = this.runPack(pack, place);
      call.catch(() => undefined);
      started.push(call);
      await yieldAfter(pack.reduce((sum, i) => sum + 4 * chunks[i]!.tokens, 0));
      if (signal.aborted) break;
    }
    for (const slot of slots) {
      if (slot.claim.state !== 'hit' || signal.aborted) continue;
      this.useCached(slot, slot.claim.value);
      await yieldAfter(noteLength);
    }
    if (signal.aborted) started.push(Promise.reject(signal.reason));
    return Promise.allSettled(started);
  }

  private runPack(pack: readonly number[], place: number): Promise<void> {
    const { packs, map } = this.plan;
    return this.run({
      chunks: pack.map((i) => this.context.chunks[i]!),
      words: pack.length ? map.words : 0,
      maxTokens: map.maxTokens,
      priority: (packs.length - place) / (packs.length + 1),
      depth: 0,
    });
  }

  /** Takes the note that another run produces; where that run gives up, it is asked here. */
  private async waitForOther(slot: NoteSlot): Promise<void> {
    const { cache, ledger, signal } = this.context;
    while (slot.claim.state === 'theirs') {
      const value = await slot.claim.wait(signal);
      if (value !== undefined) {
        ledger.cached();
        return this.useCached(slot, value);
      }
      slot.claim = (await cache.claim('map', [slot.key]))[0]!;
    }
    if (slot.claim.state === 'hit') return this.useCached(slot, slot.claim.value);
    const { maxTokens } = this.plan.map;
    await this.run({ chunks: [slot.chunk], words: wordsAlone, maxTokens, priority: 1, depth: 0 });
  }

  private useCached({ chunk }: NoteSlot, text: string): void {
    this.context.emit({ type: 'note', chunk: chunk.index, text, done: true, cached: true });
    this.resolve(chunk, text);
  }

  private resolve(chunk: Chunk, note: Note | undefined): void {
    this.notes.get(chunk.index)!.resolve(note);
  }

  /** Keeps a note that was paid for. */
  private async settle(chunk: Chunk, note: Note): Promise<void> {
    const { claim } = this.slots.get(chunk.index)!;
    if (claim.state === 'ours') await claim.settle(note);
    this.context.emit({ type: 'note', chunk: chunk.index, text: note, done: true, cached: false });
    this.resolve(chunk, note);
  }

  /** Makes the chunks a gap of the summary. */
  private async lose(
    chunks: readonly Chunk[],
    kind: ReturnType<typeof kindOf> | 'cost-limit',
    reason: string = gapReasons[kind],
  ): Promise<void> {
    this.context.gaps.add(chunks, kind, reason);
    for (const chunk of chunks) {
      const { claim } = this.slots.get(chunk.index)!;
      if (claim.state === 'ours') await claim.settle(undefined);
      this.resolve(chunk, undefined);
    }
  }

  private loseByError(chunks: readonly Chunk[], error: unknown): Promise<void> {
    const kind = kindOf(error);
    if (ModelError.is(error)) this.latestError = error;
    if (ModelError.is(error) && permanentKinds.has(kind)) this.fatalError = error;
    return this.lose(chunks, kind);
  }

  /** One pack, from request to notes. */
  private async run(attempt: Attempt): Promise<void> {
    const answer = await this.call(attempt);
    if (answer === undefined) return;
    const { chunks } = attempt;
    if (answer === 'split') {
      if (attempt.depth >= maxDepth) await this.lose(chunks, 'too-long');
      else await this.split(attempt, chunks.length > 1 ? 'a call did not fit and was split' : '');
      return;
    }
    const nearest = nearestOf(() => chunks.map((chunk) => namedChunk(chunk).text));
    const found = notesFromAnswer(answer.text, chunks.length, nearest);
    if (answer.finish === 'length') return this.continueCut(attempt, found);
    for (let i = 0; i < chunks.length; i++) await this.settle(chunks[i]!, found[i] ?? '');
  }

  /** Keeps the notes that a cut answer finished, and asks for the others with more room. */
  private async continueCut(attempt: Attempt, found: readonly (Note | undefined)[]): Promise<void> {
    const { chunks } = attempt;
    // finished are the notes before the last one that was begun; what follows was never written
    const begun = found.reduce((last, note, i) => (note === undefined ? last : i), -1);
    const finished = chunks.length > 1 ? Math.max(0, begun) : 0;
    for (let i = 0; i < finished; i++) await this.settle(chunks[i]!, found[i] ?? '');
    const rest = chunks.slice(finished);
    if (attempt.depth >= 3 && rest.length === 1) return this.lose(rest, 'unknown', gapReasons.length);
    this.emitReplan('an answer was cut off: asked again with more room');
    const more = {
      ...attempt,
      chunks: rest,
      maxTokens: attempt.maxTokens * 2,
      priority: attempt.priority + 1,
      depth: attempt.depth + 1,
    };
    if (rest.length > 1 && finished === 0) await Promise.all(halvesOf(more).map((half) => this.run(half)));
    else await this.run(more);
  }

  private async split(attempt: Attempt, reason: string): Promise<void> {
    this.emitReplan(reason);
    if (attempt.chunks.length > 1) {
      await Promise.all(halvesOf(attempt).map((half) => this.run(half)));
      return;
    }
    const note = await this.noteOfHalves(attempt);
    if (note !== undefined) await this.settle(attempt.chunks[0]!, note);
  }

  private emitReplan(reason: string): void {
    this.calls += 1;
    this.context.emit({ type: 'replan', map: this.calls, collapse: 0, reason });
  }

  /** Both halves of one chunk make one note; undefined where one is lost: half a chunk is never kept as if whole. */
  private async noteOfHalves(attempt: Attempt): Promise<Note | undefined> {
    const parts = await Promise.all(halvesOf(attempt).map((half) => this.noteOfPiece(half)));
    return parts.some((part) => part === undefined) ? undefined : parts.filter(Boolean).join('\n');
  }

  /** The note of one chunk's piece, or undefined when it became a gap. */
  private async noteOfPiece(attempt: Attempt): Promise<Note | undefined> {
    const answer = await this.call(attempt);
    if (answer === undefined) return undefined;
    if (answer !== 'split') return notesFromAnswer(answer.text, 1)[0] ?? '';
    if (attempt.depth < maxDepth && (attempt.text ?? '').length >= 40) return this.noteOfHalves(attempt);
    await this.lose(attempt.chunks, 'too-long');
    return undefined;
  }

  /** Resolves with the answer; `split` where it must be asked in halves; undefined where its notes are settled or lost. */
  private async call(attempt: Attempt): Promise<CallResult | 'split' | undefined> {
    const { chunks } = attempt;
    if (this.fatalError) {
      await this.lose(chunks, this.fatalError.kind);
      return undefined;
    }
    const request = requestOf(this.context, attempt, this.plan);
    if (!this.context.ledger.reserve('map', request.inputTokens, attempt.words * 1.5)) {
      await this.lose(chunks, 'cost-limit');
      return undefined;
    }
    const events = new CallEvents(this.context, chunks);
    try {
      const result = await this.send(attempt, request, events);
      return await this.judge(attempt, result, events);
    } catch (error) {
      return this.handleFailure(attempt, error, events);
    }
  }

  private send(attempt: Attempt, call: ModelCall, events: CallEvents): Promise<CallResult> {
    const { context } = this;
    const stream = noteStream(context, attempt.chunks);
    return context.ports.mapScheduler.run({
      model: context.ports.mapModel,
      call,
      run: context.id,
      priority: attempt.priority,
      outputTokens: Math.ceil(attempt.words * 1.4),
      hedge: true,
      signal: context.signal,
      onText: stream.push,
      onRestart: stream.restart,
      onStart: () => events.start(),
      onWait: (wait) => context.emit({ type: 'wait', stage: 'map', ...wait }),
    });
  }

  private async judge(
    attempt: Attempt,
    result: CallResult,
    events: CallEvents,
  ): Promise<CallResult | 'split' | undefined> {
    this.context.ledger.add('map', result.usage, result.attempts);
    if (result.finish === 'too-long') {
      events.end('split', result);
      return 'split';
    }
    if (result.finish === 'refused' || result.finish === 'content-filter')
      throw new ModelError({ kind: result.finish, code: endCodes[result.finish] });
    if (!hasWords(result.text)) return this.retryEmpty(attempt, result, events);
    events.end('done', result);
    return result;
  }

  /** Hidden reasoning used up the room, or nothing came at all: asks with more room, then in halves, then gives up. */
  private async retryEmpty(
    attempt: Attempt,
    result: CallResult,
    events: CallEvents,
  ): Promise<CallResult | 'split' | undefined> {
    const { chunks, depth } = attempt;
    events.end(depth < 2 ? 'split' : 'failed', result);
    if (depth >= 2) {
      await this.lose(chunks, 'unknown', gapReasons.empty);
      return undefined;
    }
    const again = { ...attempt, maxTokens: attempt.maxTokens * 4, depth: depth + 1 };
    if (chunks.length === 1 || depth === 0) return this.call(again);
    await Promise.all(halvesOf(again).map((half) => this.run(half)));
    return undefined;
  }

  private async handleFailure(attempt: Attempt, error: unknown, events: CallEvents): Promise<'split' | undefined> {
    const { chunks } = attempt;
    const kind = kindOf(error);
    if (this.context.signal.aborted || kind === 'cancelled') {
      events.end('cancelled');
      throw error;
    }
    if (kind === 'too-long') {
      events.end('split');
      return 'split';
    }
    // one part that is declined must not cost its neighbours
    if ((kind === 'refused' || kind === 'content-filter' || kind === 'bad-request') && chunks.length > 1) {
      events.end('split');
      if (ModelError.is(error)) this.latestError = error;
      const halves = halvesOf({ ...attempt, depth: Math.min(attempt.depth, 2) });
      await Promise.all(halves.map((half) => this.run(half)));
      return undefined;
    }
    events.end('failed');
    await this.loseByError(chunks, error);
    return undefined;
  }
}

/** Emits `call-start` and `call-end` of one call, each once and in this order. */
class CallEvents {
  private readonly context: RunContext;
  private readonly chunks: readonly Chunk[];
  private readonly id: number;
  private started = false;
  private ended = false;

  constructor(context: RunContext, chunks: readonly Chunk[]) {
    this.context = context;
    this.chunks = chunks;
    this.id = context.nextCall();
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    const chunks = this.chunks.map(({ index }) => index);
    this.context.emit({ type: 'call-start', call: this.id, stage: 'map', chunks });
  }

  /** Only the first call counts: what follows an empty answer may be cancelled long after. */
  end(outcome: Outcome, result?: CallResult): void {
    if (this.ended) return;
    this.ended = true;
    this.start();
    this.context.emit({
      type: 'call-end',
      call: this.id,
      stage: 'map',
      outcome,
      ms: result?.ms ?? 0,
      attempts: result?.attempts ?? 1,
      usage: result?.usage ?? {},
      ...(result?.requestId ? { requestId: result.requestId } : {}),
    });
  }
}

/** Halves by count between neighbours; a single chunk by its text, near a line end. */
function halvesOf(attempt: Attempt): Attempt[] {
  const next = {
    priority: attempt.priority + 1,
    words: Math.max(60, Math.ceil(attempt.words * 0.6)),
    maxTokens: attempt.maxTokens,
    depth: attempt.depth + 1,
  };
  const { chunks } = attempt;
  if (chunks.length > 1) {
    const middle = Math.ceil(chunks.length / 2);
    return [chunks.slice(0, middle), chunks.slice(middle)].map((half) => ({ chunks: half, ...next }));
  }
  const text = attempt.text ?? namedChunk(chunks[0]!).text;
  const cut = cutNear(text, text.length >> 1);
  return [text.slice(0, cut), text.slice(cut)].filter(Boolean).map((piece) => ({ chunks, text: piece, ...next }));
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

/** The request of one attempt, rendered for the map model. */
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
