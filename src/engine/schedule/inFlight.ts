import type { Attempt } from './attempt.ts';
import type { Entry } from './entry.ts';
import { judgeLateness, type Lateness } from './hedge.ts';
import type { ModelState } from './modelState.ts';

interface Member {
  readonly entry: Entry;
  readonly attempt: Attempt;
  readonly state: ModelState;
}

/** Calls with a lane. */
export class InFlight {
  /** Number of calls that have a lane but are not sent yet. */
  leaving = 0;
  readonly #members = new Set<Member>();
  /** Ended calls that answered while others were in flight. */
  #answered: { readonly state: ModelState; readonly firstAt: number }[] = [];

  /** Returns a function that removes it. */
  add(member: Member): () => void {
    this.#members.add(member);
    return () => {
      this.#members.delete(member);
      const { firstAt } = member.attempt.state;
      if (firstAt !== undefined) this.#answered.push({ state: member.state, firstAt });
      const oldest = Math.min(...[...this.#members].map(({ attempt }) => attempt.state.startedAt));
      this.#answered = this.#answered.filter((answer) => answer.firstAt > oldest);
    };
  }

  get unopened(): number {
    let count = this.leaving;
    for (const { attempt } of this.#members) if (attempt.state.openedAt === undefined) count += 1;
    return count;
  }

  /**
   * Whether half of all calls since the oldest one in flight are late: then the server is slow, and more calls make it slower.
   */
  isServerSlow(state: ModelState, now: number): boolean {
    let count = this.#answered.filter((answer) => answer.state === state).length;
    let late = 0;
    for (const member of this.#members) {
      if (member.state !== state) continue;
      count += 1;
      // Nearly late counts, because calls sent together are not late at the same moment.
      if (getLateness(member, now, 0.85).late) late += 1;
    }
    return late > Math.max(2, count / 2);
  }
}

/** @param share of the factor beyond which a call is late */
export function getLateness({ entry, attempt, state }: Member, now: number, share = 1): Lateness {
  const { call, outputTokens } = entry.call;
  const size = { stage: call.stage, inputTokens: call.inputTokens, outputTokens };
  return judgeLateness(attempt.state, size, state.latency.figures, now, share * state.latency.lateFactor);
}
