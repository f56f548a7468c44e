/**
 * Estimates the rate of a server that reports nothing but 429: its bucket was nearly empty at two refusals, so the tokens
 * accepted in between, divided by the time, are its rate.
 */

/** Growth of the rate: for each accepted call after the first estimate, then for each minute, and faster a minute after a refusal. */
const growth = { first: 1.08, minute: 0.02, calm: 0.15 };
/** Share of the estimated rate that is used. */
const used = 0.985;
const rememberedMs = 240_000;
/** Minimum time between two refusals that give a rate, ms. */
const shortestMs = 500;

interface GuessedLimit {
  accepted(tokens: number, sentAt: number): void;
  refused(tokens: number, now: number): void;
  take(tokens: number, now: number): void;
  /** Returns ms until a call of this size will probably pass; 0 before the first refusal. */
  wait(tokens: number, now: number): number;
}

/** Returns a limit that guesses nothing yet. */
export function createGuessedLimit(): GuessedLimit {
  /** Times of refusals. */
  let refusals: number[] = [];
  /** Accepted calls by sending time, because a head may arrive long after the refusal of a later call. */
  let passed: { readonly sentAt: number; readonly tokens: number }[] = [];
  /** Tokens per ms; undefined until a call passes between or after refusals. */
  let rate: number | undefined;
  let measured = false;
  let lastRefused = 0;
  let left = 0;
  let at = 0;
  const refill = (now: number): void => {
    if (rate !== undefined) left += Math.max(0, now - at) * rate * used;
    at = Math.max(at, now);
  };
  /** Measures from the first remembered refusal that accepted calls follow, to the last one. */
  const measure = (): void => {
    const to = refusals.at(-1) ?? 0;
    const between = (from: number): number =>
      passed.reduce((sum, one) => (one.sentAt > from && one.sentAt <= to ? sum + one.tokens : sum), 0);
    const from = refusals.find((at) => to - at > shortestMs && between(at) > 0);
    if (from === undefined) return;
    rate = (between(from) + lastRefused / 2) / (to - from);
    measured = true;
  };
  return {
    accepted(tokens, sentAt) {
      passed.push({ sentAt, tokens });
      const last = refusals.at(-1);
      if (last === undefined) return;
      if (sentAt < last) return measure();
      // The first refusal after the last accepted call: since then the bucket filled for this call.
      const before = passed.reduce((latest, one) => (one.sentAt < last ? Math.max(latest, one.sentAt) : latest), 0);
      const streak = refusals.find((at) => at > before) ?? last;
      if (rate === undefined) rate = tokens / Math.max(1, sentAt - streak);
      else if (!measured) rate *= growth.first;
      else {
        const calm = Math.min(1, (sentAt - last) / 60_000);
        rate *= 1 + ((growth.minute + growth.calm * calm) * tokens) / (rate * 60_000);
      }
    },
    refused(tokens, now) {
      refusals = refusals.filter((at) => at > now - rememberedMs);
      passed = passed.filter(({ sentAt }) => sentAt > now - rememberedMs);
      refusals.push(now);
      lastRefused = tokens;
      measure();
      refill(now);
      left = Math.min(left, 0);
    },
    take(tokens, now) {
      refill(now);
      if (refusals.length > 0) left -= tokens;
    },
    wait(tokens, now) {
      if (refusals.length === 0 || rate === undefined) return 0;
      refill(now);
      left = Math.min(left, tokens);
      return left >= tokens ? 0 : Math.max(1, Math.ceil((tokens - left) / (rate * used)));
    },
  };
}
