/** Reads packs concurrently; caches one note for each chunk when it arrives. */
import { takeApart } from '../answer/answer.ts';
import { CallEvents } from './callEvents.ts';
import { Continuations, type Continued } from './continuations.ts';
import { countUnusable, endCodes, getErrorKind, nameChunk, notifyOnce, type RunContext } from './context.ts';
import { ModelError, permanentKinds, type ModelCall } from '../model.ts';
import { wordsAlone } from './keys.ts';
import { NoteBoard } from './noteBoard.ts';
import type { Note, NoteSlot } from './notes.ts';
import { createNearest } from '../answer/nearest.ts';
import type { Plan } from '../plan/plan.ts';
import type { CallResult } from '../schedule/types.ts';
import type { Chunk } from '../source.ts';
import { hasWords } from '../words.ts';
import { splitAttempt, noteStream, readNotes, createRequest, type Attempt } from './mapCall.ts';
import { outdatedCode, type PromptLimit } from './promptLimit.ts';

/** Notes of a run as they arrive. */
export interface NoteStage {
  /** Resolves to undefined for a gap; rejects only on cancellation. */
  note(chunk: number): Promise<Note | undefined>;
  readonly done: Promise<void>;
  readonly fatal: ModelError | undefined;
  readonly lastError: ModelError | undefined;
}

const maxDepth = 12;
/** Consecutive loops after which the chunks count as read. */
const maxLoopDepth = 3;
const restAsked = 'an answer was cut off: the rest is asked for';
/** UTF-16 units of work between yields; also what a cached note counts for. */
const sliceLength = 200_000;
const noteLength = 500;

/** Starts reading; call it once a run. */
export function startMap(context: RunContext, slots: readonly NoteSlot[], plan: Plan): NoteStage {
  return new MapStage(context, slots, plan);
}

class MapStage implements NoteStage {
  readonly done: Promise<void>;
  private readonly context: RunContext;
  private readonly plan: Plan;
  private readonly board: NoteBoard;
  private readonly limit: PromptLimit;
  private calls: number;
  private fatalError: ModelError | undefined;
  private latestError: ModelError | undefined;
  private readonly continuations: Continuations;

  constructor(context: RunContext, slots: readonly NoteSlot[], plan: Plan) {
    this.context = context;
    this.plan = plan;
    this.calls = plan.packs.length;
    this.limit = context.promptLimit;
    this.continuations = new Continuations(context);
    this.board = new NoteBoard(context, slots);
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
    return this.board.note(chunk);
  }

  private async runAll(): Promise<void> {
    try {
      const failed = (await this.start()).find((result) => result.status === 'rejected');
      if (failed) throw failed.reason;
    } finally {
      await this.board.close();
    }
  }

  /** Yields, because hashing thousands of packs would block the thread. */
  private async start(): Promise<PromiseSettledResult<void>[]> {
    const { chunks, ports, signal } = this.context;
    const { slots } = this.board;
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
      this.board.useCached(slot, slot.claim.value);
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

  /** Waits for another run's note; makes the call itself if that run gives up. */
  private async waitForOther(slot: NoteSlot): Promise<void> {
    const { cache, ledger, signal } = this.context;
    while (slot.claim.state === 'theirs') {
      const value = await slot.claim.wait(signal);
      if (value !== undefined) {
        ledger.cached();
        return this.board.useCached(slot, value);
      }
      slot.claim = (await cache.claim('map', [slot.key]))[0]!;
    }
    if (slot.claim.state === 'hit') return this.board.useCached(slot, slot.claim.value);
    const { maxTokens } = this.plan.map;
    await this.run({ chunks: [slot.chunk], words: wordsAlone, maxTokens, priority: 1, depth: 0 });
  }

  private loseByError(chunks: readonly Chunk[], error: unknown): Promise<void> {
    const kind = getErrorKind(error);
    if (ModelError.is(error)) this.latestError = error;
    if (ModelError.is(error) && permanentKinds.has(kind)) this.fatalError = error;
    return this.board.lose(chunks, kind);
  }

  private async run(attempt: Attempt): Promise<void> {
    const answer = await this.call(attempt);
    if (answer === undefined) return;
    const { chunks } = attempt;
    if (answer === 'split') {
      if (attempt.depth >= maxDepth) await this.board.lose(chunks, 'too-long');
      else await this.split(attempt, chunks.length > 1 ? 'a call did not fit and was split' : '');
      return;
    }
    const found = this.notesOf(attempt, answer.text);
    if (answer.finish === 'length' && answer.cutBy !== 'runaway') return this.continueCut(attempt, answer, found);
    if (answer.finish === 'repeated' || answer.finish === 'length') return this.keepStart(attempt, answer, found);
    for (let i = 0; i < chunks.length; i++) await this.board.settle(chunks[i]!, found[i] ?? '');
  }

  private notesOf({ chunks }: Attempt, text: string): (Note | undefined)[] {
    const nearest = createNearest(() => chunks.map((chunk) => nameChunk(chunk).text));
    return readNotes(text, chunks.length, nearest);
  }

  /** Keeps finished notes and requests the parts that the answer did not reach. */
  private async keepStart(attempt: Attempt, answer: CallResult, found: readonly (Note | undefined)[]): Promise<void> {
    const { chunks, depth } = attempt;
    notifyOnce(this.context, 'repeated');
    const begun = found.reduce((last, note, i) => (note === undefined ? last : i), -1);
    const isMarked = takeApart(answer.text, chunks.length).points.some(({ approximate }) => !approximate);
    const until = isMarked && depth < maxLoopDepth ? begun + 1 : chunks.length;
    for (let i = 0; i < until; i++) await this.board.settle(chunks[i]!, found[i] ?? '');
    const rest = chunks.slice(until);
    if (!rest.length) return;
    this.emitReplan(restAsked);
    await this.run({ ...attempt, chunks: rest, sampling: 'varied', priority: attempt.priority + 1, depth: depth + 1 });
  }

  /** Requests the remaining parts again; continues a single one. */
  private async continueCut(attempt: Attempt, answer: CallResult, found: readonly (Note | undefined)[]): Promise<void> {
    const { chunks } = attempt;
    if (chunks.length === 1) return this.settleCut(chunks[0]!, await this.continued(attempt, answer));
    // the last started note may be incomplete
    const begun = found.reduce((last, note, i) => (note === undefined ? last : i), -1);
    const finished = Math.max(0, begun);
    for (let i = 0; i < finished; i++) await this.board.settle(chunks[i]!, found[i] ?? '');
    this.emitReplan(restAsked);
    const rest = {
      ...attempt,
      chunks: chunks.slice(finished),
      priority: attempt.priority + 1,
      depth: attempt.depth + 1,
    };
    if (finished === 0) await Promise.all(splitAttempt(rest).map((half) => this.run(half)));
    else await this.run(rest);
  }

  private async settleCut(chunk: Chunk, { text, isWhole }: Continued): Promise<void> {
    const note = readNotes(text, 1)[0] ?? '';
    await (isWhole ? this.board.settle(chunk, note) : this.board.settleCut(chunk, note));
  }

  private continued(attempt: Attempt, { text }: CallResult): Promise<Continued> {
    const asked = createRequest(this.context, attempt, this.plan);
    return this.continuations.continue(asked, text, attempt.words, (call, checkStart) => {
      this.emitReplan(restAsked);
      const events = this.eventsOf(attempt);
      return { events, rest: this.send(attempt, call, events, false, checkStart) };
    });
  }

  private async split(attempt: Attempt, reason: string): Promise<void> {
    this.emitReplan(reason);
    if (attempt.chunks.length > 1) {
      await Promise.all(splitAttempt(attempt).map((half) => this.run(half)));
      return;
    }
    const note = await this.noteOfHalves(attempt);
    if (note !== undefined) await this.board.settle(attempt.chunks[0]!, note);
  }

  private emitReplan(reason: string): void {
    this.calls += 1;
    this.context.emit({ type: 'replan', map: this.calls, collapse: 0, reason });
  }

  /** Undefined if either half is missing, so that halves are never cached. */
  private async noteOfHalves(attempt: Attempt): Promise<Note | undefined> {
    const parts = await Promise.all(splitAttempt(attempt).map((half) => this.noteOfPiece(half)));
    return parts.some((part) => part === undefined) ? undefined : parts.filter(Boolean).join('\n');
  }

  /** Returns undefined for a gap. */
  private async noteOfPiece(attempt: Attempt): Promise<Note | undefined> {
    const answer = await this.call(attempt);
    if (answer === undefined) return undefined;
    if (answer !== 'split') {
      const isCut = answer.finish === 'length' && answer.cutBy !== 'runaway';
      const { text, isWhole } = isCut ? await this.continued(attempt, answer) : { text: answer.text, isWhole: true };
      const note = readNotes(text, 1)[0] ?? '';
      if (!isWhole) this.board.loseEnd(attempt.chunks[0]!, note);
      if (answer.finish === 'repeated') notifyOnce(this.context, 'repeated');
      return note;
    }
    if (attempt.depth < maxDepth && (attempt.text ?? '').length >= 40) return this.noteOfHalves(attempt);
    await this.board.lose(attempt.chunks, 'too-long');
    return undefined;
  }

  /** Undefined if the attempt's notes are already settled or lost. */
  private async call(attempt: Attempt): Promise<CallResult | 'split' | undefined> {
    const { chunks } = attempt;
    if (this.fatalError) {
      await this.board.lose(chunks, this.fatalError.kind);
      return undefined;
    }
    const request = createRequest(this.context, attempt, this.plan, this.limit.tokens);
    const admission = await this.limit.admit(request.inputTokens);
    if (admission === 'split') return 'split';
    if (admission === 'hopeless') {
      await this.board.lose(chunks, 'too-long');
      return undefined;
    }
    if (!this.context.ledger.reserve('map', request.inputTokens, attempt.words * 1.5)) {
      this.limit.settled(admission);
      await this.board.lose(chunks, 'cost-limit');
      return undefined;
    }
    const events = this.eventsOf(attempt);
    let result: CallResult;
    try {
      result = await this.send(attempt, request, events, true, () =>
        this.limit.outdate(request.inputTokens, admission),
      );
      if (result.finish === 'too-long') this.limit.refused(request.inputTokens, {}, admission);
      else this.limit.answered(request.inputTokens);
    } catch (error) {
      const isRefused = ModelError.is(error, 'too-long') && error.code !== outdatedCode;
      if (isRefused) this.limit.refused(request.inputTokens, error, admission);
      else this.limit.settled(admission);
      return this.handleFailure(attempt, error, events);
    }
    try {
      return await this.judge(attempt, result, events);
    } catch (error) {
      return this.handleFailure(attempt, error, events);
    }
  }

  private eventsOf({ chunks }: Attempt): CallEvents {
    return new CallEvents(
      this.context,
      'map',
      chunks.map(({ index }) => index),
    );
  }

  private send(
    attempt: Attempt,
    call: ModelCall,
    events: CallEvents,
    isShown: boolean,
    checkStart?: () => ModelError | undefined,
  ): Promise<CallResult> {
    const { context } = this;
    const stream = isShown ? noteStream(context, attempt.chunks) : undefined;
    return context.ports.mapScheduler.run({
      model: context.ports.mapModel,
      call,
      run: context.id,
      priority: attempt.priority,
      outputTokens: Math.ceil(attempt.words * 1.4),
      hedge: true,
      isWindowUnproven: !context.mapLimits.known || context.mapLimits.loopback,
      signal: context.signal,
      ...(checkStart ? { checkStart } : {}),
      ...(stream ? { onText: stream.push, onRestart: stream.restart } : {}),
      ...events.hooks,
      onWait: (wait) => context.emit({ type: 'wait', stage: 'map', ...wait }),
    });
  }

  private async judge(
    attempt: Attempt,
    result: CallResult,
    events: CallEvents,
  ): Promise<CallResult | 'split' | undefined> {
    events.pay(result);
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

  /** Retries with more room, then with other sampling, then in halves. */
  private async retryEmpty(
    attempt: Attempt,
    result: CallResult,
    events: CallEvents,
  ): Promise<CallResult | 'split' | undefined> {
    const { chunks, depth } = attempt;
    const next = { ...attempt, depth: depth + 1 };
    const more = { ...next, maxTokens: attempt.maxTokens * 4 };
    const isFull = result.finish === 'length' && result.cutBy !== 'server' && result.cutBy !== 'runaway';
    if (!isFull) countUnusable(this.context);
    const getRoom = (asked: Attempt): number => createRequest(this.context, asked, this.plan).maxTokens;
    const again =
      isFull && depth < 2 && getRoom(more) > getRoom(attempt)
        ? more
        : attempt.sampling === undefined
          ? { ...next, sampling: 'varied' as const }
          : undefined;
    events.end(again || chunks.length > 1 ? 'split' : 'failed', result);
    if (again) return this.call(again);
    if (chunks.length > 1 && depth < 3) await Promise.all(splitAttempt(attempt).map((half) => this.run(half)));
    else await this.board.lose(chunks, 'offline');
    return undefined;
  }

  private async handleFailure(attempt: Attempt, error: unknown, events: CallEvents): Promise<'split' | undefined> {
    const { chunks } = attempt;
    const kind = getErrorKind(error);
    if (this.context.signal.aborted || kind === 'cancelled') {
      events.end('cancelled');
      throw error;
    }
    if (kind === 'too-long') {
      events.end('split');
      if (ModelError.is(error) && error.said !== undefined) this.latestError = error;
      return 'split';
    }
    // one declined part must not cost the others their notes
    if ((kind === 'refused' || kind === 'content-filter' || kind === 'bad-request') && chunks.length > 1) {
      events.end('split');
      if (ModelError.is(error)) this.latestError = error;
      const halves = splitAttempt({ ...attempt, depth: Math.min(attempt.depth, 2) });
      await Promise.all(halves.map((half) => this.run(half)));
      return undefined;
    }
    events.end('failed');
    await this.loseByError(chunks, error);
    return undefined;
  }
}
