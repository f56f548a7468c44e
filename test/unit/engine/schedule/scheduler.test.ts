import assert from 'node:assert/strict';
import { ModelError, type ModelErrorKind, type Usage } from '../../../../src/engine/model.ts';
import { judgeLateness } from '../../../../src/engine/schedule/hedge.ts';
import { stageOf, type Stage } from './scripted.ts';

const numbered = (count: number, prefix = 'm'): string[] => Array.from({ length: count }, (_, at) => `${prefix}${at}`);

/** The calls' names and moments, those within 60 ms together. */
function checkTimeline(stage: Stage, expected: readonly (readonly [number, readonly string[]])[]): void {
  const found: [number, string[]][] = [];
  for (const { at, name } of stage.sent) {
    const last = found[found.length - 1];
    if (last !== undefined && at - last[0] < 60) last[1].push(name);
    else found.push([at, [name]]);
  }
  assert.deepEqual(found, expected);
}

async function checkFails(stage: Stage, promise: Promise<unknown>, kind: ModelErrorKind): Promise<ModelError> {
  const error: unknown = await stage.clock.settle(
    promise.then(
      () => undefined,
      (reason: unknown) => reason,
    ),
  );
  assert(ModelError.is(error, kind), String(error));
  return error;
}

describe('the lanes', () => {
  it('hold as many calls as the setting says, a few milliseconds apart until the first answer', async () => {
    const stage = stageOf(() => ({ firstMs: 500, tokens: 50 }), { concurrency: 3 });
    const all = Promise.all(numbered(7).map((name) => stage.call(name)));
    const results = await stage.clock.settle(all);
    assert.equal(stage.most(), 3);
    const [first = -1, second = -1, third = -1] = stage.sent.map((call) => call.at);
    assert.equal(first, 0);
    for (const gap of [second - first, third - second]) assert(gap >= 4 && gap <= 20, `${gap} ms`);
    assert(
      results.every(
        (result) =>
          result.finish === 'stop' && result.attempts === 1 && result.firstTokenMs === 500 && result.ms === 1_000,
      ),
    );
    assert.equal(stage.clock.pending, 0);
  });

  it('hold back all but four calls to an unproven window for as long as a refusal takes', async () => {
    const stage = stageOf(() => ({ firstMs: 2_000, tokens: 1 }), { concurrency: 8 });
    const all = Promise.all(numbered(8).map((name) => stage.call(name, { isWindowUnproven: true })));
    await stage.clock.advance(150);
    assert.equal(stage.sent.length, 4);
    await stage.clock.advance(250);
    assert.equal(stage.sent.length, 8);
    await stage.clock.settle(all);
  });

  it('follow the setting at run time', async () => {
    const stage = stageOf(() => ({ firstMs: 1_000, tokens: 1 }), { concurrency: 1 });
    const all = Promise.all(numbered(6).map((name) => stage.call(name)));
    await stage.clock.advance(500);
    assert.equal(stage.sent.length, 1);
    stage.scheduler.configure({
      concurrency: 4,
      maxRetries: 5,
      requestTimeoutMs: 120_000,
      firstTokenTimeoutMs: 120_000,
      hedge: true,
    });
    await stage.clock.advance(100);
    assert.equal(stage.sent.length, 4);
    await stage.clock.settle(all);
  });

  it('go to the higher priority first, then in the order of asking', async () => {
    const stage = stageOf(() => ({ firstMs: 100, tokens: 1 }), { concurrency: 1 });
    const all = Promise.all([stage.call('a'), stage.call('b'), stage.call('c', { priority: 5 }), stage.call('d')]);
    await stage.clock.settle(all);
    assert.deepEqual(
      stage.sent.map((call) => call.name),
      ['a', 'c', 'b', 'd'],
    );
  });

  it('serve a hundred runs that ask together, and forget none', async () => {
    const stage = stageOf(() => ({ firstMs: 100, tokens: 1 }), { concurrency: 8 });
    const calls = numbered(100).map((name) => stage.call(name, { run: name }));
    await stage.clock.settle(Promise.all(calls));
    assert.equal(stage.sent.length, 100);
  });

  it('are shared fairly between runs, and a run that only lacks its reduce goes next', async () => {
    const stage = stageOf(() => ({ firstMs: 100, tokens: 1 }), { concurrency: 1 });
    const long = numbered(6, 'long').map((name) => stage.call(name, { run: 'one' }));
    await stage.clock.advance(350);
    const late = numbered(3, 'late').map((name) => stage.call(name, { run: 'two' }));
    const last = stage.call('sum', { run: 'three', stage: 'reduce' });
    await stage.clock.settle(Promise.all([...long, ...late, last]));
    assert.deepEqual(stage.sent.map((call) => call.name).slice(4), [
      'sum',
      'long4',
      'late0',
      'long5',
      'late1',
      'late2',
    ]);
  });
});

describe('a rate limit', () => {
  const limited = (retryAfterMs?: number) =>
    ({ kind: 'rate-limit', args: ['host.example'], status: 429, retryAfterMs }) as const;

  it('closes the gate for all, for as long as was asked, and opens it with one call, then two', async () => {
    const waits: number[] = [];
    const stage = stageOf(
      (_, __, at) => (at < 20_000 ? { firstMs: 10, error: limited(20_000) } : { firstMs: 400, tokens: 10 }),
      { concurrency: 4 },
    );
    const all = Promise.all(numbered(8).map((name) => stage.call(name, { onWait: (wait) => waits.push(wait.waitMs) })));
    await stage.clock.advance(100);
    const before = stage.sent.length;
    assert(before <= 4, `${before} calls met the limit`);
    assert(stage.scheduler.gateUntil >= 20_000 && stage.scheduler.gateUntil <= 22_100);
    const results = await stage.clock.settle(all);
    const after = stage.sent.slice(before).map((call) => call.at);
    assert((after[0] ?? 0) >= 20_000 && (after[1] ?? 0) - (after[0] ?? 0) >= 150, String(after));
    assert.equal(stage.scheduler.lanes < 4 || stage.log.length > 0, true);
    assert(waits.some((wait) => wait >= 19_900));
    assert(results.every((result) => result.finish === 'stop'));
  });

  it('cuts the lanes once for calls that were sent together', async () => {
    const stage = stageOf(
      (_, attempt) => (attempt === 1 ? { firstMs: 100, error: limited(1_000) } : { firstMs: 200, tokens: 5 }),
      { concurrency: 5 },
    );
    const all = Promise.all(numbered(5).map((name) => stage.call(name)));
    await stage.clock.advance(500);
    assert.equal(stage.scheduler.lanes, 3);
    await stage.clock.settle(all);
  });

  it('of more than five minutes is told at once, to the waiting and to the next', async () => {
    const stage = stageOf(() => ({ firstMs: 50, error: limited(900_000) }), { concurrency: 1 });
    const [first, second] = [stage.call('a'), stage.call('b')];
    const error = await checkFails(stage, first, 'rate-limit');
    assert.match(error.message, /15 minutes/);
    await checkFails(stage, second, 'rate-limit');
    await checkFails(stage, stage.call('c'), 'rate-limit');
    assert.equal(stage.sent.length, 1);
    assert.equal(stage.clock.pending, 0);
  });

  it('without a time is answered by waits that grow', async () => {
    const stage = stageOf(
      (_, attempt) => (attempt < 5 ? { firstMs: 1, error: limited() } : { firstMs: 10, tokens: 1 }),
      { concurrency: 1 },
    );
    const result = await stage.clock.settle(stage.call('a'));
    assert.equal(result.attempts, 5);
    const gaps = stage.sent.slice(1).map((call, at) => call.at - (stage.sent[at]?.at ?? 0));
    assert(
      gaps.every((gap, at) => gap >= 100 * 2 ** at && gap <= 1_001 * 2 ** at + 10),
      String(gaps),
    );
  });

  /** 170 calls of 1,100 tokens against 60,000 a minute; `late`: the head tells the state of when its call came in, seconds ago. */
  async function checkBudget(late: boolean): Promise<void> {
    const perMinute = 60_000;
    let [level, at, refused, taken] = [perMinute, 0, 0, 0];
    const need = 1_100;
    const clockOf = (now: number): void => {
      level = Math.min(perMinute, level + ((now - at) * perMinute) / 60_000);
      at = now;
    };
    const stage: Stage = stageOf((name, __, now) => {
      clockOf(now);
      if (level < need) {
        refused += 1;
        return { firstMs: 20, error: { ...limited(((need - level) * 60_000) / perMinute), rate: state() } };
      }
      level -= need;
      taken += need;
      const told = state();
      const firstMs = late ? 400 + 900 * (Number(name.slice(1)) % 3) : 300;
      return { firstMs, tokens: 10, perTokenMs: 100, rate: late ? () => told : state };
    });
    const state = () => {
      clockOf(stage.clock.now());
      return {
        tokensLimit: perMinute,
        tokensRemaining: Math.floor(level),
        tokensResetMs: ((perMinute - level) * 60_000) / perMinute,
      };
    };
    const all = Promise.all(numbered(170).map((name) => stage.call(name)));
    await stage.clock.settle(all);
    const possible = perMinute + (perMinute * (stage.sent.at(-1)?.at ?? 0)) / 60_000;
    assert(refused <= 2, `${refused} refusals`);
    assert(taken / possible >= 0.95, `${taken} of ${possible}`);
    assert.equal(stage.scheduler.tokensPerMinute, perMinute);
  }

  it('is seldom met when the headers tell the budget, which is used nearly whole', () => checkBudget(false));

  it('is seldom met when the headers are seconds old and come out of order', () => checkBudget(true));
});

describe('a failure', () => {
  it('of the network is tried again after a while, and what was streamed is void', async () => {
    const seen: string[] = [];
    const spent: Usage[] = [];
    const stage = stageOf((_, attempt) => (attempt === 1 ? { tokens: 10, breaksAfter: 4 } : { tokens: 3 }));
    const result = await stage.clock.settle(
      stage.call('a', {
        onText: (text) => seen.push(text),
        onRestart: (reason) => seen.push(`<${reason}>`),
        onSpent: (usage) => spent.push(usage),
      }),
    );
    assert.equal(seen.join(''), '000 001 002 003 <network>000 001 002 ');
    assert.equal(result.text, '000 001 002 ');
    assert.deepEqual(result.usage, { inputTokens: 1_000, outputTokens: 3 });
    assert.deepEqual(spent, [{ inputTokens: 1_000, outputTokens: 4, estimated: true }]);
  });

  it('is not tried again more often than the setting says', async () => {
    const stage = stageOf(() => ({ error: { kind: 'unknown', message: 'Odd.' } }), { maxRetries: 2 });
    await checkFails(stage, stage.call('a'), 'unknown');
    assert.equal(stage.sent.length, 3);
  });

  it('spends the retries of a run, not of each call', async () => {
    const stage = stageOf(() => ({ firstMs: 10, error: { kind: 'unknown', message: 'Odd.' } }));
    const all = numbered(10).map((name) => stage.call(name));
    await stage.clock.settle(Promise.allSettled(all));
    assert.equal(stage.sent.length, 20);
  });

  it('that retrying cannot mend is told at once', async () => {
    const stage = stageOf(() => ({ error: { kind: 'too-long', message: 'Too long.', limitTokens: 8_000 } }));
    const error = await checkFails(stage, stage.call('a'), 'too-long');
    assert.equal(error.limitTokens, 8_000);
    assert.equal(stage.sent.length, 1);
  });

  it('of the key ends all that wait, until the settings change', async () => {
    let good = false;
    const stage = stageOf(
      () => (good ? { tokens: 2 } : { firstMs: 30, error: { kind: 'auth', message: 'Wrong key.' } }),
      { concurrency: 1 },
    );
    const calls = numbered(5).map((name) => stage.call(name));
    for (const call of calls) await checkFails(stage, call, 'auth');
    await checkFails(stage, stage.call('later'), 'auth');
    assert.equal(stage.sent.length, 1);
    good = true;
    stage.scheduler.configure({
      concurrency: 1,
      maxRetries: 5,
      requestTimeoutMs: 1e5,
      firstTokenTimeoutMs: 1e5,
      hedge: true,
    });
    assert.equal((await stage.clock.settle(stage.call('again'))).finish, 'stop');
  });

  it('five times in a row opens the circuit, then one call probes', async () => {
    const stage = stageOf(
      (_, __, at) => (at < 10_000 ? { firstMs: 5, error: { kind: 'network', message: 'Gone.' } } : { tokens: 1 }),
      { concurrency: 6 },
    );
    const all = numbered(30).map((name) => stage.call(name));
    await stage.clock.advance(5_000);
    assert(stage.scheduler.gateUntil >= 15_000, String(stage.scheduler.gateUntil));
    const before = stage.sent.length;
    await stage.clock.settle(Promise.allSettled(all));
    const [probe, next] = stage.sent.slice(before);
    assert(
      probe !== undefined && next !== undefined && probe.at >= 15_000 && next.at - probe.at >= 200,
      `${probe?.at} ${next?.at}`,
    );
  });

  it('that opened the circuit is forgotten when a person starts a new run', async () => {
    let isUp = false;
    const options = { concurrency: 6, maxRetries: 5, requestTimeoutMs: 1e5, firstTokenTimeoutMs: 1e5, hedge: true };
    const stage = stageOf(
      () => (isUp ? { tokens: 1 } : { firstMs: 5, error: { kind: 'network', message: 'Gone.' } }),
      options,
    );
    const all = numbered(30).map((name) => stage.call(name));
    await stage.clock.advance(5_000);
    assert(stage.scheduler.gateUntil > stage.clock.now() + 5_000);
    isUp = true;
    stage.scheduler.configure(options);
    const began = stage.clock.now();
    await stage.clock.settle(stage.call('new run'));
    await stage.clock.settle(Promise.allSettled(all));
    const first = stage.sent.find(({ at }) => at >= began);
    assert(first !== undefined && first.at - began < 100, `${first?.at} after ${began}`);
  });

  it('leaves an answer that was cut to the caller', async () => {
    const stage = stageOf(() => ({ tokens: 5, finish: 'length' }));
    assert.equal((await stage.clock.settle(stage.call('a'))).finish, 'length');
  });
});

describe('text that was no part of the answer', () => {
  it('is void: the stream starts again in the same attempt, and the rest is the answer', async () => {
    const stage = stageOf(() => ({ tokens: 5, retractsAt: 3 }));
    const shown: string[] = [];
    const call = stage.call('a', {
      stage: 'reduce',
      onText: (text) => shown.push(text),
      onRestart: () => shown.push('|'),
    });
    const result = await stage.clock.settle(call);
    assert.equal(shown.join(''), '000 001 002 |003 004 ');
    assert.deepEqual([result.text, result.attempts, result.finish], ['003 004 ', 1, 'stop']);
  });
});

describe('silence', () => {
  it('before the first token ends the attempt after its time', async () => {
    const stage = stageOf((_, attempt) => (attempt === 1 ? { firstMs: 1e9 } : { tokens: 2 }), {
      firstTokenTimeoutMs: 60_000,
    });
    const result = await stage.clock.settle(stage.call('a'));
    assert.equal(result.attempts, 2);
    assert(Math.abs((stage.sent[0]?.aborted ?? 0) - 60_000) <= 200);
  });

  it('is not what a slow stream keeps, and yet below a fifth of the usual rate it counts as stalled', async () => {
    const fast = { firstMs: 200, tokens: 40, perTokenMs: 10 };
    const stage = stageOf(
      (name, attempt) => (name === 'slow' && attempt === 1 ? { firstMs: 200, tokens: 400, perTokenMs: 80 } : fast),
      { hedge: false },
    );
    await stage.clock.settle(Promise.all(numbered(4).map((name) => stage.call(name))));
    const reasons: string[] = [];
    const from = stage.clock.now();
    const result = await stage.clock.settle(
      stage.call('slow', { stage: 'reduce', onRestart: (reason) => reasons.push(reason) }),
    );
    assert.deepEqual(reasons, ['stalled']);
    assert.equal(result.attempts, 2);
    const took = (stage.sent.find((call) => call.name === 'slow')?.aborted ?? 0) - from;
    assert(took >= 5_000 && took <= 6_000, String(took));
  });

  it('is not what a stream is that a server on this machine slows', async () => {
    const fast = { firstMs: 200, tokens: 40, perTokenMs: 10 };
    const stage = stageOf((name) => (name === 'slow' ? { firstMs: 200, tokens: 400, perTokenMs: 80 } : fast), {
      hedge: false,
      sharesProcessor: true,
    });
    await stage.clock.settle(Promise.all(numbered(4).map((name) => stage.call(name))));
    const result = await stage.clock.settle(stage.call('slow', { stage: 'reduce' }));
    assert.equal(result.attempts, 1);
  });

  it('is what keep-alives alone are, though they may go on for five times as long', async () => {
    const stage = stageOf((_, attempt) => (attempt === 1 ? { keepAliveMs: 5_000 } : { tokens: 2 }), {
      firstTokenTimeoutMs: 60_000,
      requestTimeoutMs: 60_000,
      hedge: false,
    });
    const result = await stage.clock.settle(stage.call('a'));
    assert.equal(result.attempts, 2);
    assert(Math.abs((stage.sent[0]?.aborted ?? 0) - 300_000) <= 1_000, String(stage.sent[0]?.aborted));
  });

  it('while the machine sleeps is forgiven when the stream goes on', async () => {
    const stage = stageOf(() => ({ firstMs: 300, tokens: 200, perTokenMs: 10 }), { requestTimeoutMs: 20_000 });
    const call = stage.call('a');
    await stage.clock.advance(1_000);
    await stage.clock.jump(600_000);
    const result = await stage.clock.settle(call);
    assert.equal(result.attempts, 1);
  });

  it('after a sleep ends a stream that does not go on', async () => {
    const stage = stageOf((_, attempt) => (attempt === 1 ? { hangsAfter: 3 } : { tokens: 2 }), {
      requestTimeoutMs: 120_000,
    });
    const call = stage.call('a');
    await stage.clock.advance(1_000);
    await stage.clock.jump(600_000);
    const result = await stage.clock.settle(call);
    assert.equal(result.attempts, 2);
    assert((stage.sent[0]?.aborted ?? 0) <= 612_000);
  });
});

describe('cancelling', () => {
  it('ends a call in flight at once, frees its lane and leaves no timer', async () => {
    const stage = stageOf((name) => ({ firstMs: 5_000, deaf: name === 'a' }), { concurrency: 1 });
    const controller = new AbortController();
    const first = stage.call('a', { signal: controller.signal });
    const second = stage.call('b', { signal: controller.signal });
    const third = stage.call('c');
    await stage.clock.advance(1_000);
    controller.abort();
    await checkFails(stage, first, 'cancelled');
    await checkFails(stage, second, 'cancelled');
    assert.deepEqual(
      stage.sent.map((call) => [call.name, call.at]),
      [
        ['a', 0],
        ['c', 1_000],
      ],
    );
    await stage.clock.settle(third);
    await stage.clock.advance(10_000);
    assert.equal(stage.clock.pending, 0);
  });

  it('while waiting at the gate leaves no timer', async () => {
    const stage = stageOf(
      () => ({ firstMs: 10, error: { kind: 'rate-limit', message: 'Too fast.', retryAfterMs: 60_000 } }),
      { concurrency: 2 },
    );
    const controller = new AbortController();
    const calls = numbered(4).map((name) => stage.call(name, { signal: controller.signal }));
    await stage.clock.advance(1_000);
    controller.abort();
    for (const call of calls) await checkFails(stage, call, 'cancelled');
    assert.equal(stage.clock.pending, 0);
    await checkFails(stage, stage.call('late', { signal: controller.signal }), 'cancelled');
  });
});

describe('a straggler', () => {
  const usual = { firstMs: 400, tokens: 100, perTokenMs: 10 };
  const slow = { firstMs: 2_400, tokens: 100, perTokenMs: 45 };

  it('gets a second call in a free lane once its siblings were faster; the slower one is aborted', async () => {
    const stage = stageOf((name, attempt) => (name === 'm3' && attempt === 1 ? slow : usual), { concurrency: 8 });
    const spent: Usage[] = [];
    const listen = { onSpent: (usage: Usage) => void spent.push(usage) };
    const results = await stage.clock.settle(Promise.all(numbered(7).map((name) => stage.call(name, listen))));
    checkTimeline(stage, [
      [0, ['m0', 'm1', 'm2', 'm3', 'm4', 'm5', 'm6']],
      [stage.sent[7]?.at ?? 0, ['m3']],
    ]);
    assert((stage.sent[7]?.at ?? 0) <= 1_200, `hedged at ${stage.sent[7]?.at}`);
    assert.equal(stage.sent[3]?.aborted, stage.clock.now());
    assert(stage.clock.now() <= 2_700, String(stage.clock.now()));
    assert.equal(results[3]?.attempts, 2);
    assert.deepEqual(
      spent.map(({ inputTokens }) => inputTokens),
      [1_000],
    );
  });

  it('gives its own lane to the second call where none is free', async () => {
    const stage = stageOf((name, attempt) => (name === 'm3' && attempt === 1 ? slow : usual), { concurrency: 6 });
    await stage.clock.settle(Promise.all(numbered(6).map((name) => stage.call(name))));
    assert.equal(stage.most(), 6);
    assert(stage.clock.now() <= 3_200, String(stage.clock.now()));
  });

  it('gets a third call in a free lane where the second one is late too', async () => {
    const stage = stageOf((name, attempt) => (name === 'm3' && attempt <= 2 ? slow : usual), { concurrency: 8 });
    const results = await stage.clock.settle(Promise.all(numbered(7).map((name) => stage.call(name))));
    assert.equal(results[3]?.attempts, 3);
    assert(stage.clock.now() <= 3_600, String(stage.clock.now()));
  });

  it('is hedged where others answered meanwhile, though no call but stragglers is left', async () => {
    const late = ['m0', 'm1', 'm2', 'm3'];
    const short = { firstMs: 400, tokens: 10, perTokenMs: 10 };
    const stage = stageOf((name, attempt) => (late.includes(name) && attempt === 1 ? slow : short), {
      concurrency: 24,
    });
    await stage.clock.settle(Promise.all(numbered(24).map((name) => stage.call(name))));
    assert(stage.sent.length >= 28 && stage.clock.now() <= 2_000, `${stage.sent.length}, ${stage.clock.now()}`);
  });

  it('is left alone where hedging is off, for the call or for all', async () => {
    for (const [all, one] of [
      [false, true],
      [true, false],
    ] as const) {
      const stage = stageOf((name) => (name === 'm3' ? slow : usual), { hedge: all });
      await stage.clock.settle(Promise.all(numbered(7).map((name) => stage.call(name, { hedge: one }))));
      assert.equal(stage.sent.length, 7);
    }
  });

  it('is hedged in one call of five at most', async () => {
    const late = { firstMs: 1_250, tokens: 100, perTokenMs: 12 };
    const stage = stageOf((name) => (Number(name.slice(1)) % 4 === 3 ? late : usual));
    await stage.clock.settle(Promise.all(numbered(40).map((name) => stage.call(name))));
    assert(stage.sent.length > 40 && stage.sent.length <= 48, `${stage.sent.length} calls`);
  });

  it('is silent only 1.5 s after it was expected, however soon others answer', () => {
    const call = { stage: 'map', inputTokens: 5_000, outputTokens: 250 } as const;
    const figures = { firstTokenMs: 200, perInputTokenMs: 0.02, perOutputTokenMs: 2, samples: 9 };
    const silentAt = (now: number): boolean =>
      judgeLateness({ startedAt: 0, text: '' }, call, figures, now, 1.6).silent;
    assert.equal(silentAt(1_200), false);
    assert.equal(silentAt(2_500), true);
  });
  it('that says nothing at all is asked again, two of them too', async () => {
    const stuck = ['m2', 'm5'];
    const stage = stageOf((name, attempt) => (stuck.includes(name) && attempt === 1 ? { firstMs: 60_000 } : usual));
    const results = await stage.clock.settle(Promise.all(numbered(8).map((name) => stage.call(name))));
    assert.deepEqual(
      results.map((result) => result.attempts),
      [1, 1, 2, 1, 1, 2, 1, 1],
    );
    assert(stage.clock.now() <= 4_000, String(stage.clock.now()));
    assert.deepEqual(
      stage.log.map((line) => line.split(':')[0]),
      ['hedge', 'hedge'],
    );
  });

  it('is no straggler when most others are as slow: the server is', async () => {
    const stage = stageOf((name) => (Number(name.slice(1)) >= 6 ? { firstMs: 30_000 } : usual), { concurrency: 6 });
    const all = Promise.all(numbered(12).map((name) => stage.call(name)));
    await stage.clock.advance(25_000);
    assert.equal(stage.sent.length, 12);
    await stage.clock.settle(all);
  });

  it('shows one text: when the second call overtakes the first, the stream starts again', async () => {
    let shown = '';
    const stage = stageOf((name, attempt) =>
      name === 'm3' && attempt === 1 ? { firstMs: 400, tokens: 100, perTokenMs: 70 } : usual,
    );
    const listen = { onText: (text: string) => void (shown += text), onRestart: () => void (shown = '') };
    const results = await stage.clock.settle(
      Promise.all(numbered(7).map((name) => stage.call(name, name === 'm3' ? listen : {}))),
    );
    assert.equal(results[3]?.attempts, 2);
    assert.equal(shown, results[3]?.text);
  });

  it('that is a reduce has no second call after its first token', async () => {
    const stage = stageOf((name) => (name === 'sum' ? { firstMs: 400, tokens: 60, perTokenMs: 45 } : usual));
    await stage.clock.settle(Promise.all(numbered(7).map((name) => stage.call(name))));
    await stage.clock.settle(stage.call('sum', { stage: 'reduce' }));
    assert.equal(stage.sent.length, 8);
  });
});

describe('what is learned', () => {
  it('is the law of the model, from its answers', async () => {
    const stage = stageOf((name) => ({ firstMs: 350 + 0.05 * Number(name), tokens: 80, perTokenMs: 12 }), {
      concurrency: 3,
    });
    for (const size of [1_000, 9_000, 3_000, 15_000, 5_000]) {
      await stage.clock.settle(stage.call(String(size), { inputTokens: size }));
    }
    const figures = stage.scheduler.latency('scripted-1');
    assert(Math.abs(figures.firstTokenMs - 350) < 40, JSON.stringify(figures));
    assert(Math.abs(figures.perInputTokenMs - 0.05) < 0.006, JSON.stringify(figures));
    assert(Math.abs(figures.perOutputTokenMs - 12) < 0.5, JSON.stringify(figures));
    assert.equal(figures.samples, 5);
  });
});
