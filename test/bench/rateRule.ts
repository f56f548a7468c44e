/** The rate limit of a simulated server: a bucket of tokens that fills evenly and holds a burst. */
import { ModelError, type RateLimits } from '../../src/engine/model.ts';
import type { Clock } from '../../src/engine/ports.ts';

export interface RateRule {
  readonly tokensPerMinute: number;
  /** Seconds of the budget that the bucket holds: 60 is a full minute. A request above it passes when the bucket is full. */
  readonly burstSeconds: number;
  /** What a request counts: its prompt, or prompt plus `max_tokens`. */
  readonly counts: 'input' | 'input+max';
  /** Whether answers tell the state of the bucket. */
  readonly headers: boolean;
  /** Whether a 429 tells how long to wait. */
  readonly retryAfter: boolean;
}

export interface Admission {
  readonly rate?: RateLimits;
  /** Set where the request is refused. */
  readonly refusal?: ModelError;
}

export function createRateRule(rule: RateRule, clock: Clock): { admit(input: number, maxTokens: number): Admission } {
  const perMs = rule.tokensPerMinute / 60_000;
  const capacity = perMs * rule.burstSeconds * 1_000;
  let left = capacity;
  let at = clock.now();
  const state = (): RateLimits => ({
    tokensLimit: rule.tokensPerMinute,
    tokensRemaining: Math.max(0, Math.floor(left)),
    tokensResetMs: Math.ceil((capacity - left) / perMs),
  });
  return {
    admit(input, maxTokens) {
      const now = clock.now();
      left = Math.min(capacity, left + (now - at) * perMs);
      at = now;
      const need = rule.counts === 'input' ? input : input + maxTokens;
      const missing = Math.min(need, capacity) - left;
      if (missing <= 1e-6) {
        left -= need;
        return rule.headers ? { rate: state() } : {};
      }
      const wait = rule.retryAfter ? { retryAfterMs: Math.ceil(missing / perMs) } : {};
      const rate = rule.headers ? { rate: state() } : {};
      return { refusal: new ModelError({ kind: 'rate-limit', message: '429', status: 429, ...wait, ...rate }) };
    },
  };
}
