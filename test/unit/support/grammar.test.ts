import assert from 'node:assert/strict';
import type { PlanReady, RunEvent, SummaryResult } from '../../../src/engine/events.ts';
import { grammarProblems, marksIn } from '../../support/grammar.ts';

const plan: PlanReady = {
  type: 'plan',
  title: 'a text',
  provider: 'offline',
  model: '',
  mapModel: '',
  host: '',
  strategy: 'single',
  kinds: ['prose'],
  lines: 3,
  tokens: 9,
  chunks: [{ part: 0, startLine: 1, endLine: 3, context: '' }],
  parts: [{ title: 'a text' }],
  map: 0,
  collapse: 0,
  cachedCalls: 0,
  estimate: { calls: 1, inputTokens: 9, outputTokens: 9, seconds: 1 },
};
const result: SummaryResult = {
  status: 'complete',
  markdown: 'A. [1]',
  strategy: 'single',
  provider: 'offline',
  model: '',
  usage: { calls: 1, cachedCalls: 0, retries: 0, inputTokens: 9, outputTokens: 9, cachedInputTokens: 0, wallMs: 1 },
  citations: [{ id: 1, startLine: 1, endLine: 2 }],
  gaps: [],
  coverage: { lines: 3, linesRead: 3, folded: 0 },
};
const citation: RunEvent = {
  type: 'citation',
  id: 1,
  startLine: 1,
  endLine: 2,
  chunk: 0,
  approximate: false,
  excerpt: 'A',
};
const start: RunEvent = { type: 'call-start', call: 1, stage: 'reduce', chunks: [0] };
const stop: RunEvent = { type: 'call-end', call: 1, stage: 'reduce', outcome: 'done', ms: 1, attempts: 1, usage: {} };
const good: readonly RunEvent[] = [
  { type: 'read', length: 3 },
  plan,
  start,
  citation,
  { type: 'delta', text: 'A.' },
  { type: 'delta', text: ' [1]' },
  stop,
  { type: 'end', result },
];

function check(events: readonly RunEvent[], wanted: RegExp | undefined, ended = true): void {
  const problems = grammarProblems(events, { ended });
  if (wanted === undefined) assert.deepEqual(problems, []);
  else assert.match(problems.join('\n'), wanted);
}
const without = (...left: readonly RunEvent[]): RunEvent[] => good.filter((event) => !left.includes(event));
const inserted = (at: number, ...events: readonly RunEvent[]): RunEvent[] => [
  ...good.slice(0, at),
  ...events,
  ...good.slice(at),
];

describe('the grammar of a run', () => {
  it('takes a whole run, and a run that failed before its end', () => {
    check(good, undefined);
    check(good.slice(0, 3), undefined, false);
  });
  it('wants one plan and one end, in their places', () => {
    check(without(plan), /0 × plan/);
    check(good.slice(0, -1), /0 × end/);
    check([...good, { type: 'delta', text: 'x' }], /last event is delta/);
    check(inserted(3, { type: 'masked', secrets: 1, invisible: 0 }), /masked after the plan/);
  });
  it('wants an end for every call, and a citation before its mark', () => {
    check(without(stop), /never end: 1/);
    check(without(start), /without having started/);
    check(without(citation), /mark 1 without a citation/);
  });
  it('wants the markdown to be what was streamed since the last restart', () => {
    check(inserted(3, { type: 'delta', text: 'old' }, { type: 'restart', reason: 'x' }), undefined);
    check(inserted(3, { type: 'delta', text: 'old' }), /not what was streamed/);
  });
  it('wants no note after the last, and every gap in the result', () => {
    const note: RunEvent = { type: 'note', chunk: 0, text: 'x', done: true, cached: false };
    check(inserted(3, note, note), /after its last/);
    check(
      inserted(3, { type: 'gap', chunks: [0], kind: 'refused', startLine: 1, endLine: 1, reason: 'x' }),
      /not in the result/,
    );
  });
  it('sees marks outside of code only', () => {
    assert.deepEqual(marksIn('a [1] `b[2]` \\[3] [4](x)\n```\n[5]\n```\n[6]'), [1, 6]);
  });
});
