import assert from 'node:assert/strict';
import { createRateLimit, type RateLimit } from '../../../../src/engine/schedule/rateLimit.ts';

const none = () => ({ requests: 0, tokens: 0 });
const call = (tokens: number) => ({ requests: 1, tokens });

function learned(remaining: number, resetMs: number, now = 0, pace: RateLimit = createRateLimit()): RateLimit {
  pace.learn({ tokensLimit: 60_000, tokensRemaining: remaining, tokensResetMs: resetMs }, none, now);
  return pace;
}

function checkWait(pace: RateLimit, tokens: number, now: number, least: number, most = least + 2): void {
  const wait = pace.wait(call(tokens), now);
  assert(wait >= least && wait <= most, `${wait} ms`);
}

describe('a rate limit told by headers', () => {
  it('lets everything through while nothing is known', () => {
    const pace = createRateLimit();
    assert.equal(pace.wait(call(1e9), 0), 0);
    assert.equal(pace.tokensPerMinute, undefined);
  });

  it('waits for the refill of what is missing', () => {
    const pace = learned(1_000, 59_000);
    checkWait(pace, 1_000, 0, 0, 0);
    checkWait(pace, 3_000, 0, 2_000);
    checkWait(pace, 3_000, 1_500, 500);
  });

  it('counts what was sent since the header, and what the header could not know', () => {
    const pace = learned(10_000, 50_000);
    pace.take(call(9_000), 0);
    checkWait(pace, 2_000, 0, 1_000);
    pace.learn(
      { tokensLimit: 60_000, tokensRemaining: 10_000, tokensResetMs: 50_000 },
      () => ({ requests: 1, tokens: 9_500 }),
      0,
    );
    checkWait(pace, 2_000, 0, 1_500);
  });

  it('waits for requests as for tokens', () => {
    const pace = createRateLimit();
    pace.learn({ requestsLimit: 60, requestsRemaining: 0, requestsResetMs: 60_000 }, none, 0);
    checkWait(pace, 5, 0, 1_000);
  });

  it('sends a call above the whole budget when the budget is full', () => {
    checkWait(learned(60_000, 0), 500_000, 0, 0, 0);
    checkWait(learned(30_000, 30_000), 500_000, 0, 30_000);
  });

  it('learns another length of the minute from two states', () => {
    const pace = learned(10_000, 5_000);
    learned(20_000, 4_000, 1_000, pace);
    assert.equal(pace.tokensPerMinute, 600_000);
    checkWait(pace, 30_000, 1_000, 1_000);
  });

  it('waits for the reset where the budget comes back all at once', () => {
    const pace = learned(30_000, 40_000);
    learned(5_000, 30_000, 10_000, pace);
    checkWait(pace, 8_000, 10_000, 30_000);
    checkWait(pace, 8_000, 40_000, 0, 0);
  });

  it('is no faster than the limit says once it was refused', () => {
    const pace = learned(10_000, 5_000);
    learned(20_000, 4_000, 1_000, pace);
    pace.refused({ requests: 1, tokens: 1_000 }, 1_000);
    assert.equal(pace.tokensPerMinute, 60_000);
  });
});
