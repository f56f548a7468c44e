/** Continues truncated map answers until that proves useless. */
import { createContinuation, cutToWords, joinAnswers } from '../answer/continuation.ts';
import { ModelError, type ModelCall } from '../model.ts';
import type { CallResult } from '../schedule/types.ts';
import type { CallEvents } from './callEvents.ts';
import { notifyOnce, type RunContext } from './context.ts';

/** Answer after a continuation, possibly still incomplete. */
export interface Continued {
  readonly text: string;
  readonly isWhole: boolean;
}

interface SentRest {
  readonly events: CallEvents;
  readonly rest: Promise<CallResult>;
}

/** Consecutive useless continuations after which the run tries no more. */
const maxUseless = 3;
/** Tokens. */
const minRoom = 64;

/** Continues answers that a server cut. */
export class Continuations {
  readonly #context: RunContext;
  #useless = 0;

  constructor(context: RunContext) {
    this.#context = context;
  }

  /**
   * Asks for the rest of an answer in one more call.
   * @param send its `checkStart` is that of `ScheduledCall`
   */
  async continue(
    asked: ModelCall,
    text: string,
    words: number,
    send: (call: ModelCall, checkStart: () => ModelError | undefined) => SentRest,
  ): Promise<Continued> {
    const { ledger, mapLimits } = this.#context;
    const base = cutToWords(text);
    const cut = { text: base, isWhole: false };
    const call = createContinuation(asked, base);
    const room = mapLimits.contextWindow - call.inputTokens;
    if (this.#refuse() || room < minRoom || !ledger.reserve('map', call.inputTokens, words)) return cut;
    const { events, rest: sent } = send({ ...call, maxTokens: Math.min(asked.maxTokens, room) }, () => this.#refuse());
    try {
      const rest = await sent;
      events.done(rest);
      const whole = joinAnswers(base, rest.text);
      if (rest.finish === 'repeated') notifyOnce(this.#context, 'repeated');
      this.#useless = whole === undefined ? this.#useless + 1 : 0;
      if (whole === undefined) return cut;
      return { text: whole, isWhole: rest.finish === 'stop' || rest.finish === 'repeated' };
    } catch (error) {
      if (events.failed(error)) throw error;
      return cut;
    }
  }

  #refuse(): ModelError | undefined {
    return this.#useless >= maxUseless ? new ModelError({ kind: 'unknown', code: 'empty' }) : undefined;
  }
}
