import assert from 'node:assert/strict';
import { createOutbox, frameMs, createFrames } from '../../../src/panel/outbox.ts';
import type { RunNews } from '../../../src/runs/activeRun.ts';
import type { ToPanel } from '../../../src/shared/protocol.ts';
import { emptyView } from '../../../src/shared/runView.ts';
import { info } from '../../webview/samples.ts';

const run = { id: 'run-1', view: () => emptyView, info: () => info };
const delta = (text: string): RunNews => ({ type: 'event', event: { type: 'delta', text } });

/** An outbox on a clock that the test turns. */
function opened() {
  const posted: ToPanel[] = [];
  let now = 0;
  const timers = new Map<number, { at: number; then: () => void }>();
  let next = 0;
  const outbox = createOutbox(run, {
    post: (message) => void posted.push(message),
    after(ms, then) {
      const id = next++;
      timers.set(id, { at: now + ms, then });
      return () => void timers.delete(id);
    },
  });
  const advance = (ms: number): void => {
    now += ms;
    for (;;) {
      const due = [...timers].filter(([, { at }]) => at <= now).sort(([, a], [, b]) => a.at - b.at)[0];
      if (due === undefined) return;
      timers.delete(due[0]);
      due[1].then();
    }
  };
  outbox.open();
  return { outbox, posted, advance, timers };
}

describe('The outbox of a panel', () => {
  it('sends the whole view first', () => {
    const { posted } = opened();
    assert.deepEqual(posted, [{ type: 'view', view: emptyView, info }]);
  });

  it('sends at most one frame in 34 ms, whatever comes', () => {
    const { outbox, posted, advance } = opened();
    for (let ms = 0; ms < 1_000; ms++) {
      outbox.news(delta('x'));
      advance(1);
    }
    const events = posted.filter(({ type }) => type === 'events');
    assert.ok(events.length <= 1_000 / frameMs + 1, String(events.length));
    advance(frameMs);
    const text = posted.flatMap((message) => (message.type === 'events' ? message.events : []));
    assert.equal(text.map((event) => (event.type === 'delta' ? event.text : '')).join(''), 'x'.repeat(1_000));
  });

  it('sends the first news at once and rests when there are none', () => {
    const { outbox, posted, advance, timers } = opened();
    outbox.news(delta('a'));
    advance(0);
    assert.equal(posted.length, 2);
    advance(1_000);
    assert.equal(timers.size, 0);
    assert.equal(posted.length, 2);
  });

  it('sends nothing while hidden, and the whole view when shown again', () => {
    const { outbox, posted, advance } = opened();
    outbox.news(delta('lost'));
    outbox.close();
    outbox.news(delta('hidden'));
    advance(1_000);
    assert.equal(posted.length, 1);
    outbox.open();
    assert.deepEqual(
      posted.map(({ type }) => type),
      ['view', 'view'],
    );
  });
});

describe('A frame', () => {
  it('joins neighbouring deltas and keeps the order of everything else', () => {
    const wait: RunNews = {
      type: 'event',
      event: { type: 'wait', stage: 'map', waitMs: 1, attempt: 1, reason: 'network' },
    };
    assert.deepEqual(createFrames(run, [delta('a'), delta('b'), wait, delta('c')]), [
      {
        type: 'events',
        runId: 'run-1',
        events: [
          { type: 'delta', text: 'ab' },
          { type: 'wait', stage: 'map', waitMs: 1, attempt: 1, reason: 'network' },
          { type: 'delta', text: 'c' },
        ],
      },
    ]);
  });
  it('keeps the streams of answers apart', () => {
    const answer = (id: string): RunNews => ({
      type: 'question',
      id,
      question: id,
      event: { type: 'delta', text: id },
    });
    const types = createFrames(run, [answer('a'), answer('a'), delta('s'), answer('b')]).map((message) => message.type);
    assert.deepEqual(types, ['question', 'events', 'question']);
  });
  it('is the whole view when that has changed', () => {
    assert.deepEqual(createFrames(run, [delta('a'), { type: 'view' }, delta('b')]), [
      { type: 'view', view: emptyView, info },
    ]);
  });
  it('holds one info, and no events of answers that the info holds already', () => {
    const answer: RunNews = { type: 'question', id: 'a', question: 'a', event: { type: 'delta', text: 'a' } };
    const messages = createFrames(run, [{ type: 'info' }, answer, { type: 'info' }]);
    assert.deepEqual(messages, [{ type: 'info', info }]);
  });
});
