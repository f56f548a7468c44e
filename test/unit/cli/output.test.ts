import assert from 'node:assert/strict';
import { RunPrinter, terminalText, withUnreadFiles } from '../../../src/cli/output.ts';
import type { PlanReady, RunEvent, SummaryResult } from '../../../src/engine/events.ts';
import { reasons, type Reason } from '../../../src/sources/reasons.ts';

describe('what the command line prints', () => {
  it('holds no control characters of answers, names and servers', () => {
    const hostile = '\u001b]52;c;ZXZpbA==\u0007 \u009b31m \u202ered\u202c\r end';
    let out = '';
    for (const isTTY of [true, false]) {
      const stream = { write: (text: string) => (out += text), isTTY };
      const printer = new RunPrinter({ stdout: stream, stderr: { write: (text: string) => (out += text) } });
      printer.event({ type: 'delta', text: `The pump failed. ${hostile}\n` });
      printer.note(hostile);
      const result = {
        markdown: `The pump failed. ${hostile}\n`,
        citations: [{ id: 1, uri: `file:///a${encodeURIComponent(hostile)}.md`, startLine: 1, endLine: 1 }],
        gaps: [{ startLine: 1, endLine: 2, reason: hostile }],
        coverage: {},
      } as unknown as SummaryResult;
      printer.finish(result, '/');
    }
    assert.match(out, /The pump failed/);
    assert.doesNotMatch(out, /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/);
    assert.equal(terminalText('a\tb\nc'), 'a\tb\nc');
  });

  it('leaves the line of a question alone until the first request', () => {
    let out = '';
    const stderr = { write: (text: string) => (out += text), isTTY: true };
    const printer = new RunPrinter({ stdout: { write: () => undefined, isTTY: true }, stderr });
    printer.event({ type: 'plan', map: 1, collapse: 0, host: 'api.example' } as PlanReady);
    assert.equal(out, '');
    printer.event({ type: 'call-start' } as RunEvent);
    assert.match(out, /Sending to api\.example/);
  });

  it('counts a file that could not be read as partial, and one that the rules leave out as complete', () => {
    const result = (reason: Reason): SummaryResult =>
      ({
        status: 'complete',
        coverage: { filesSkipped: [{ uri: '', reason: reasons[reason] }] },
      }) as unknown as SummaryResult;
    assert.equal(withUnreadFiles(result('no-permission')).status, 'partial');
    assert.equal(withUnreadFiles(result('ignored')).status, 'complete');
  });
});
