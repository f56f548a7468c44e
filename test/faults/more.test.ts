import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { seeded } from '../support/random.ts';
import { selfSigned } from '../support/provider/tls.ts';
import { startProvider } from '../support/provider/index.ts';
import { documentWith, type Document } from './document.ts';
import { checkNothingLost, play, playOn, waits, type Play, type Played } from './play.ts';
import { wireNames, wires } from './table.ts';

let document: Document;
async function check(setup: Partial<Play>): Promise<Played> {
  const whole: Play = { document, window: 4_096, wire: 'chat', idleMs: 60_000, ...setup };
  const played = await play(whole);
  checkNothingLost(whole, played);
  return played;
}
function checkWhole(played: Played): void {
  assert.equal(played.error?.message, undefined);
  assert.deepEqual([played.result?.status, played.found.length], ['complete', document.facts.length]);
}
/** The server goes away after the second answer, and is back after so many seconds, if ever. */
async function outage(seconds: number, factor: number): Promise<Played> {
  const options = { flavour: 'compatible', latency: { firstTokenMs: 20 } } as const;
  const provider = await startProvider(options);
  const { port } = provider;
  let back: Promise<Awaited<ReturnType<typeof startProvider>>> | undefined;
  let answers = 0;
  const restart = async (): Promise<Awaited<ReturnType<typeof startProvider>>> => {
    await provider.close();
    await new Promise((resolve) => setTimeout(resolve, (seconds * 1000) / factor));
    return startProvider({ ...options, port });
  };
  const setup: Play = {
    document,
    window: 4_096,
    wire: 'chat',
    factor,
    concurrency: 2,
    during(event) {
      if (event.type !== 'call-end' || ++answers !== 2) return;
      if (seconds === Infinity) void provider.close();
      else back = restart();
    },
  };
  try {
    const played = await playOn(provider, setup, { provider: 'openai-compatible', model: 'm' });
    checkNothingLost(setup, played);
    return played;
  } finally {
    await (await back)?.close();
  }
}

describe('a run', function () {
  this.timeout(60_000);
  before(async () => (document = await documentWith(60_000, 16)));

  describe('outages', testOutages);
  describe('wrong addresses', testAddresses);
  describe('waits', testWaits);
  describe('cancelling', testCancelling);
});

function testOutages(): void {
  it('goes on when nobody listened for five seconds', async () => checkWhole(await outage(5, 8)));

  it('goes on when nobody listened for a minute', async () => checkWhole(await outage(60, 40)));

  it('is over within minutes when the server never comes back, with what it has, and says so while it waits', async () => {
    const played = await outage(Infinity, 40);
    assert.equal(played.result?.status, 'partial');
    assert.ok(played.found.length > 0 && played.result.gaps.length <= 2, `${played.result.gaps.length} gaps`);
    assert.ok(played.virtualMs < 6 * 60_000, `${Math.round(played.virtualMs / 1000)} s`);
    assert.ok(
      waits(played).some((ms) => ms > 10_000),
      'a long wait is said',
    );
  });
}

function testAddresses(): void {
  it('says at once that nobody listens when nobody did from the start', async () => {
    const provider = await startProvider({ flavour: 'compatible' });
    await provider.close();
    const setup: Play = { document, window: 4_096, wire: 'chat' };
    const played = await playOn(provider, setup, { provider: 'openai-compatible', model: 'm' });
    assert.equal(played.error?.kind, 'network');
    assert.match(played.error.message, /Can’t reach 127\.0\.0\.1/);
    assert.ok(played.virtualMs < 5_000, `${Math.round(played.virtualMs)} ms`);
  });

  it('says that a certificate is not trusted, and sends nothing', async function () {
    const tls = selfSigned();
    if (!tls) return this.skip();
    const played = await check({ server: { tls } });
    assert.match(played.error?.message ?? '', /certificate of 127\.0\.0\.1.* was not accepted/);
    assert.equal(played.total, 0);
  });

  it('says that a name does not resolve', async () => {
    const played = await check({ url: 'https://nobody.invalid' });
    assert.match(played.error?.message ?? '', /nobody\.invalid could not be resolved|nobody\.invalid failed/);
    assert.equal(played.total, 0);
  });

  it('says that another server answers, which does not speak HTTP', async () => {
    const server = createServer((socket) => socket.end('220 mail.example ESMTP\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const played = await check({ url: `http://127.0.0.1:${port}` }).finally(() => server.close());
    assert.equal(played.error?.kind, 'network');
  });
}

function testWaits(): void {
  for (const wire of wireNames)
    it(`reads an answer of a token a second to its end, and one of ${wire === 'chat' ? 5 : 0.5} MB (${wire})`, async () => {
      const short = await documentWith(2_000, 1);
      const slow = await check({
        document: short,
        window: 32_768,
        wire,
        faults: [{ kind: 'slow', ms: 1_000 / 40, times: Infinity }],
      });
      assert.deepEqual([slow.result?.status, slow.found.length], ['complete', 1]);
      const huge = await check({
        document: short,
        window: 32_768,
        wire,
        factor: 1,
        grammar: false,
        faults: [{ kind: 'huge', bytes: wire === 'chat' ? 5_000_000 : 500_000 }],
      });
      assert.equal(huge.found.length, 1);
    });

  it('is told of a wait above five minutes at once, with what it has', async () => {
    const played = await check({ faults: [{ kind: 'rate-limit', retryAfter: 3_600, at: 3, times: Infinity }] });
    assert.ok(played.virtualMs < 60_000, 'nobody sits it out');
    assert.equal(played.result?.status, 'partial');
    assert.ok(played.found.length > 0);
  });
}

function testCancelling(): void {
  for (const share of [0.1, 0.5, 0.9])
    it(`survives a sleep of the machine for an hour, ${share * 100} % into its calls`, async () => {
      let ended = 0;
      let slept = false;
      const played = await check({
        server: { latency: { firstTokenMs: 30, perOutputTokenMs: 1 } },
        factor: 8,
        concurrency: 2,
        during(event, clock) {
          if (event.type === 'call-end') ended++;
          if (slept || ended < Math.floor(7 * share)) return;
          slept = true;
          clock.jump(3_600_000);
        },
      });
      assert.ok(slept);
      checkWhole(played);
    });

  it('ends at once when it is cancelled while it waits for the provider', async () => {
    const abort = new AbortController();
    let at = 0;
    const played = await check({
      signal: abort.signal,
      faults: [{ kind: 'rate-limit', retryAfter: 200, at: 2, times: Infinity }],
      factor: 1,
      during(event) {
        if (event.type !== 'wait' || abort.signal.aborted) return;
        at = performance.now();
        abort.abort();
      },
    });
    assert.ok(at > 0 && performance.now() - at < 2_000);
    assert.equal(played.result?.status, 'cancelled');
  });

  it('ends each call once when it is cancelled after an empty answer', async () => {
    const abort = new AbortController();
    let ended = 0;
    const played = await check({
      signal: abort.signal,
      server: { latency: { firstTokenMs: 20 } },
      faults: [{ kind: 'empty', stage: 'map', times: Infinity }],
      factor: 1,
      during(event) {
        if (event.type === 'call-end' && ++ended === 2) abort.abort();
      },
    });
    assert.equal(played.result?.status, 'cancelled');
  });

  it('spends no second call on what its cache has, after any fault that ended it', async () => {
    const { memoryCache } = await import('../support/engine.ts');
    const cache = memoryCache();
    const first = await check({ cache, faults: [{ kind: 'quota', stage: 'map', at: 4, times: Infinity }] });
    assert.equal(first.result?.status, 'partial');
    const again = await check({ cache, factor: 1 });
    checkWhole(again);
    assert.ok((again.calls['map'] ?? 0) < 6, 'only what was missing is asked');
  });

  it('leaves nothing open after 50 cancels at random moments', async () => {
    const random = seeded(3);
    const provider = await startProvider({
      flavour: 'compatible',
      latency: { firstTokenMs: 5, perOutputTokenMs: 0.05 },
    });
    const who = { provider: wires.chat.provider, model: 'm' } as const;
    const statuses: Record<string, number> = {};
    try {
      for (let i = 0; i < 50; i++) {
        provider.reset();
        const abort = new AbortController();
        const timer = setTimeout(() => abort.abort(), random() * 120);
        const setup: Play = { document, window: 4_096, wire: 'chat', factor: 1, signal: abort.signal };
        const played = await playOn(provider, setup, who);
        clearTimeout(timer);
        const { status } = played.result as { status: string };
        statuses[status] = (statuses[status] ?? 0) + 1;
      }
    } finally {
      await provider.close();
    }
    assert.ok((statuses['cancelled'] ?? 0) > 0, JSON.stringify(statuses));
    assert.equal(statuses['partial'], undefined);
  });
}
