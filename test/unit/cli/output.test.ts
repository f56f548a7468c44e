import assert from 'node:assert/strict';
import { RunPrinter, terminalText } from '../../../src/cli/output.ts';
import type { SummaryResult } from '../../../src/engine/events.ts';

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
});
