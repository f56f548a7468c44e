import assert from 'node:assert/strict';
import type { RunEvent } from '../../../src/engine/events.ts';
import { createWords } from '../../../src/shared/text.ts';
import { announce, silent, type Announced } from '../../../src/webview/announce.ts';
import { waitText } from '../../../src/webview/banners.ts';
import { createCells } from '../../../src/webview/coverage.ts';
import { listFacts } from '../../../src/webview/header.ts';
import { describePhase } from '../../../src/webview/progress.ts';
import { computeShare, estimateRemainingMs } from '../../../src/shared/remainingTime.ts';
import { initialState, createPageState } from '../../../src/webview/state.ts';
import { citation, info, note, plan, result, steps, viewOf } from '../../webview/samples.ts';

const words = createWords({}, 'en');

describe('The state of the page', () => {
  const shown = createPageState(initialState, { type: 'view', view: viewOf([plan()]), info });

  it('folds the events of its run, and no others', () => {
    const events: RunEvent[] = [{ type: 'delta', text: 'a' }];
    assert.equal(createPageState(shown, { type: 'events', runId: info.runId, events }).view?.markdown, 'a');
    assert.equal(createPageState(shown, { type: 'events', runId: 'another', events }), shown);
    assert.equal(createPageState(initialState, { type: 'events', runId: info.runId, events }), initialState);
  });
  it('keeps each answer apart, in the order of the questions', () => {
    const ask = (id: string, text: string) =>
      ({ type: 'question', id, question: `${id}?`, events: [{ type: 'delta', text }] }) as const;
    const state = [ask('a', '1'), ask('b', '2'), ask('a', '3')].reduce(createPageState, shown);
    assert.deepEqual(
      state.questions.map(({ question, view }) => [question, view.markdown]),
      [
        ['a?', '13'],
        ['b?', '2'],
      ],
    );
  });
  it('keeps what is written when the run fails', () => {
    const error = { kind: 'auth', message: 'no', actions: [] };
    const failed = createPageState(shown, { type: 'failed', error });
    assert.equal(failed.view?.phase, 'failed');
    assert.equal(failed.view?.title, 'keepers-log.md');
  });
});

describe('Coverage', () => {
  const uri = 'file:///home/logs/keepers-log.md';
  const base = [plan(6), note(0), note(1), { ...note(2), text: '' } as RunEvent, citation(1, 1)];
  const gap = (startLine: number, endLine: number): RunEvent => ({
    type: 'gap',
    uri,
    startLine,
    endLine,
    reason: 'x',
    chunks: [],
    kind: 'refused',
  });
  const drawn = (events: readonly RunEvent[]): string[] =>
    createCells(viewOf(events), 96).map(({ startLine, endLine, fate }) => `${startLine}-${endLine} ${fate}`);

  it('draws the lines that are cited or missing, not their whole sections', () => {
    assert.deepEqual(drawn([...base, gap(310, 320)]), [
      '1-100 read',
      '101-111 read',
      '112-117 cited',
      '118-200 read',
      '201-300 nothing',
      '301-309 pending',
      '310-320 gap',
      '321-400 pending',
      '401-500 pending',
      '501-600 pending',
    ]);
  });
  it('opens the citation of cited lines', () => {
    const cited = createCells(viewOf(base), 96).filter(({ citation: id }) => id !== undefined);
    assert.deepEqual(
      cited.map(({ citation: id, fate }) => [id, fate]),
      [[1, 'cited']],
    );
  });
  it('counts a chunk as cited whose citation leads into another file, as a diff’s do', () => {
    const elsewhere = { ...(citation(1, 1) as object), uri: 'file:///other.ts' } as RunEvent;
    assert.ok(drawn([plan(2), elsewhere]).includes('101-200 cited'));
  });
  it('counts everything as read when the run is over', () => {
    const fates = createCells(viewOf([...base, { type: 'end', result: result() }]), 96).map(({ fate }) => fate);
    assert.deepEqual(fates, ['read', 'read', 'cited', 'read', 'nothing', 'read', 'read', 'read']);
  });
  it('joins neighbours when there are many, and hides no gap', () => {
    const view = viewOf([plan(2_000), gap(150_050, 150_060)]);
    const joined = createCells(view, 96);
    assert.ok(joined.length <= 96);
    assert.equal(joined.filter(({ fate }) => fate === 'gap').length, 1);
    assert.equal(joined.at(-1)?.endLine, 200_000);
    assert.ok(Math.abs(joined.reduce((sum, { weight }) => sum + weight, 0) - 1) < 1e-9);
  });
  it('stays narrow for a folder of many small files', () => {
    const chunks = Array.from({ length: 900 }, (_, part) => ({ part, startLine: 1, endLine: 5, context: '' }));
    const parts = chunks.map((_, index) => ({ uri: `file:///${index}`, title: `${index}` }));
    assert.ok(createCells(viewOf([plan(1, { chunks, parts })]), 96).length <= 96);
  });
});

describe('Facts in the header', () => {
  const facts = (events: readonly RunEvent[]): string[] => listFacts(viewOf(events), words).map(({ text }) => text);

  it('are what is known so far', () => {
    assert.deepEqual(facts([plan()]), [
      '2,400 lines',
      'read with gpt-5.2-mini, written with gpt-5.2',
      'api.openai.com',
    ]);
    assert.deepEqual(facts(steps.done), [
      '2,400 lines',
      'read with gpt-5.2-mini, written with gpt-5.2',
      'api.openai.com',
      '18 s',
      '37,812 tokens in, 3,904 out',
      '$0.030',
      '1 retry',
      '2 secrets masked',
    ]);
  });
  it('tell what was not read and what came from the cache', () => {
    const usage = { ...result().usage, calls: 1, cachedCalls: 41, retries: 0, costUsd: undefined };
    const end = result({ usage, coverage: { lines: 2_400, linesRead: 2_300, folded: 0 } });
    const shown = facts([plan(), { type: 'end', result: end }]);
    assert.ok(shown.includes('2,300 of 2,400 lines read'));
    assert.ok(shown.includes('41 of 42 calls from the cache'));
  });
  it('say “about” where counts are estimates', () => {
    const usage = { ...result().usage, estimated: true } as const;
    const shown = facts([plan(), { type: 'end', result: result({ usage }) }]);
    assert.ok(shown.includes('about 37,812 tokens in, 3,904 out'), shown.join('; '));
    assert.ok(shown.includes('about $0.030'));
  });
  it('count one of one as one', () => {
    const usage = { ...result().usage, calls: 0, cachedCalls: 1 };
    const end = result({ usage, coverage: { lines: 1, linesRead: 0, folded: 0 } });
    const shown = facts([plan(), { type: 'end', result: end }]);
    assert.ok(shown.includes('0 of 1 line read'));
    assert.ok(shown.includes('1 of 1 call from the cache'));
  });
  it('name no host and no model offline', () => {
    assert.deepEqual(facts([plan(3, { strategy: 'offline', host: '', model: 'offline' })]), [
      '300 lines',
      'Offline (no model)',
    ]);
  });
});

describe('Progress', () => {
  it('counts the lines that were read, in reading and merging', () => {
    assert.equal(describePhase(viewOf(steps.running), words), 'Read 1,100 of 2,400 lines');
    const merging = viewOf([...steps.running, { type: 'call-start', call: 99, stage: 'collapse', chunks: [] }]);
    assert.equal(describePhase(merging, words), 'Read 1,100 of 2,400 lines');
    assert.equal(describePhase(viewOf(steps.running), words, true), 'Waiting for your answer');
    assert.equal(describePhase(viewOf(steps.reading), words), 'Reading the text, 41%');
  });
  it('only grows, from reading to the end', () => {
    const all = [...steps.reading, ...steps.running, ...steps.writing.slice(1)];
    let before = 0;
    all.forEach((_, index) => {
      const share = computeShare(viewOf(all.slice(0, index + 1))) ?? before;
      assert.ok(share >= before && share <= 1, `${index}: ${share} after ${before}`);
      before = share;
    });
    assert.ok(before > 0.9);
  });
  it('estimates what remains from the plan, then from what was measured', () => {
    const { estimate } = viewOf([plan()]);
    assert.equal(estimateRemainingMs({ ...viewOf([plan()]), estimate }, 4_000, 0.1), 20_000);
    const measured = estimateRemainingMs({ ...viewOf([plan()]), estimate }, 60_000, 0.5) ?? 0;
    assert.ok(measured > 30_000 && measured <= 60_000);
    assert.equal(estimateRemainingMs(viewOf([]), 1_000, undefined), undefined);
  });
  it('says why it waits', () => {
    assert.equal(waitText('rate-limit', 42_000, words), 'The provider asks for a slower pace. Resuming in 42 s.');
    assert.equal(waitText('unknown', 1_000, words), 'Trying again in 1 s.');
  });
});

describe('The status line', () => {
  const timeline = (events: readonly RunEvent[], stepMs: number): Announced[] => {
    const seen: Announced[] = [];
    let state = silent;
    events.forEach((_, index) => {
      const next = announce(state, viewOf(events.slice(0, index + 1)), index * stepMs, words);
      if (next !== state) seen.push(next);
      state = next;
    });
    return seen;
  };
  it('says start and end, and never the text', () => {
    const texts = timeline(steps.done, 1).map(({ text }) => text);
    assert.equal(texts.length, 2);
    assert.match(texts[0]!, /^Summarizing /);
    assert.match(texts[1]!, /^Summary ready, \d+ words$/);
  });
  it('changes at most once in five seconds', () => {
    const seen = timeline(steps.done.slice(0, -1), 700);
    assert.ok(seen.length > 3);
    seen.slice(1).forEach(({ at }, index) => assert.ok(at - seen[index]!.at >= 5_000));
  });
});
