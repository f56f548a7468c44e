import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseFromPanel, parseToPanel } from '../../../src/shared/schema.ts';
import { states, steps } from '../../webview/samples.ts';

describe('Messages to the page', () => {
  it('pass unchanged in every state', () => {
    for (const [name, messages] of Object.entries(states)) {
      for (const message of messages) assert.deepEqual(parseToPanel(message), message, name);
    }
  });
  it('pass unchanged for every event', () => {
    const message = { type: 'events', runId: 'r', events: steps.done };
    assert.deepEqual(parseToPanel(message), message);
  });
  it('are refused with the place of what is wrong, and without its content', () => {
    const wrong = { type: 'events', runId: 'r', events: [{ type: 'delta', text: 7, secret: 'hush' }] };
    assert.deepEqual(parseToPanel(wrong), { type: 'problem', problem: 'events.0.text: expected string' });
  });
  it('are refused when their type is unknown', () => {
    assert.equal(parseToPanel({ type: 'execute' }).type, 'problem');
    assert.equal(parseToPanel(undefined).type, 'problem');
  });
});

describe('Messages from the page', () => {
  const accepted = (value: unknown): boolean => parseFromPanel(value).type !== 'problem';

  it('are those of the protocol', () => {
    for (const type of [
      'ready',
      'cancel',
      'runAgain',
      'retryGaps',
      'update',
      'resume',
      'pickLanguage',
      'copy',
      'secondOpinion',
    ]) {
      assert.ok(accepted({ type }), type);
    }
    assert.ok(accepted({ type: 'setLength', length: 'brief' }));
    assert.ok(accepted({ type: 'openCitation', id: 3, question: 'q1' }));
    assert.ok(accepted({ type: 'state', scroll: 10, outlineOpen: true }));
    assert.ok(accepted({ type: 'action', action: 'setKey' }));
  });
  it('can name no command, path or address of another kind', () => {
    assert.ok(!accepted({ type: 'action', action: 'workbench.action.terminal.new' }));
    assert.ok(!accepted({ type: 'openCitation', id: 1, uri: 'file:///etc/passwd' }));
    for (const href of [
      'command:x',
      'file:///etc/passwd',
      'javascript:1',
      'vscode://x',
      '//host',
      'https://a b',
      'data:,x',
      'mailto:a@b.c',
    ]) {
      assert.ok(!accepted({ type: 'openLink', href }), href);
    }
    assert.ok(accepted({ type: 'openLink', href: 'https://example.org/a' }));
  });
  it('are refused when they are of the wrong size or shape', () => {
    assert.ok(!accepted({ type: 'ask', question: '   ' }));
    assert.ok(!accepted({ type: 'ask', question: 'x'.repeat(5_000) }));
    assert.ok(!accepted({ type: 'openChunk', chunk: -1 }));
    assert.ok(!accepted({ type: 'openChunk', chunk: 0.5 }));
    assert.ok(!accepted({ type: 'state', scroll: Number.NaN, outlineOpen: true }));
    assert.ok(!accepted({ type: 'ready', extra: 1 }));
  });
  it('never throw, whatever comes', () => {
    const known = fc.constantFrom('ready', 'ask', 'openLink', 'openCitation', 'action', 'state', 'setLength');
    const message = fc.oneof(
      fc.anything(),
      fc.record({ type: known, id: fc.anything(), action: fc.anything(), href: fc.anything() }),
    );
    fc.assert(
      fc.property(message, (value) => {
        const parsed = parseFromPanel(value);
        assert.equal(typeof parsed.type, 'string');
        if (parsed.type === 'openLink') assert.match(parsed.href, /^https?:/i);
        if (parsed.type === 'action') assert.match(parsed.action, /^[a-zA-Z]+$/);
      }),
      { numRuns: 1_000, seed: 16 },
    );
  });
});
