/**
 * Guesses the rate of a server that tells nothing but 429. Between two refusals its bucket went from nearly empty to nearly empty, so what
 * it let through in between, divided by the time, is its rate. The guess is in our own count of tokens, whatever the server counts.
 */

/** Growth of the rate with each call that passes while only a first guess is known, and later with each minute. */
const growth = { first: 1.08, minute: 0.008 };
/** Share of the guessed rate that is used. */
const used = 0.985;
/** Refusals farther back than this no longer count. */
const rememberedMs = 240_000;

export interface GuessedLimit {
  accepted(tokens: number, sentAt: number): void;
  refused(tokens: number, now: number): void;
  take(tokens: number, now: number): void;
  /** ms until a call of this size is likely to pass; 0 before the first refusal. */
  wait(tokens: number, now: number): number;
}

export function createGuessedLimit(): GuessedLimit {
  /** Moments of refusal, with the tokens let through until then. */
  let refusals: { readonly at: number; readonly through: number }[] = [];
  let through = 0;
  /** Tokens a ms; undefined before anything passed between or after refusals. */
  let rate: number | undefined;
  let measured = false;
  let left = 0;
  let at = 0;
  const refill = (now: number): void => {
    if (rate !== undefined) left += Math.max(0, now - at) * rate * used;
    at = Math.max(at, now);
  };
  return {
    accepted(tokens, sentAt) {
      through += tokens;
      const last = refusals.at(-1);
      if (last === undefined || sentAt < last.at) return;
      if (rate === undefined) rate = tokens / Math.max(1, sentAt - last.at);
      else if (!measured) rate *= growth.first;
      else rate *= 1 + (growth.minute * tokens) / (rate * 60_000);
    },
    refused(tokens, now) {
      refusals = refusals.filter((one) => one.at > now - rememberedMs);
      const first = refusals.find((one) => through > one.through);
      if (first !== undefined && now - first.at > 500) {
        rate = (through - first.through + tokens / 2) / (now - first.at);
        measured = true;
      }
      refusals.push({ at: now, through });
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
