import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';

interface Outcome {
  readonly passed: number;
  readonly failed: number;
  readonly pending: number;
  readonly failures: readonly { readonly file?: string; readonly title: string }[];
}
const { failureLines, recorded } = (await import(
  new URL('../../../.config/scripts/lib/record.mjs', import.meta.url).href
)) as {
  failureLines(suite: string, failure: Outcome['failures'][number]): string[];
  recorded(work: (env: Record<string, string>) => Promise<number>): Promise<Outcome>;
};

describe('the record of a suite', () => {
  const write = (env: Record<string, string>, outcome: Outcome): void =>
    appendFileSync(env['PRECIS_TEST_RECORD']!, `${JSON.stringify(outcome)}\n`);

  it('adds up what several processes wrote', async () => {
    const failure = { file: 'test/unit/a.test.ts', title: 'a fails' };
    const sum = await recorded((env) => {
      write(env, { passed: 2, failed: 0, pending: 1, failures: [] });
      write(env, { passed: 3, failed: 1, pending: 0, failures: [failure] });
      return Promise.resolve(1);
    });
    assert.deepEqual(sum, { passed: 5, failed: 1, pending: 1, failures: [failure] });
  });

  it('counts a suite that ended badly without a failed test as one failure', async () => {
    const { passed, failed, failures } = await recorded(() => Promise.resolve(3));
    assert.deepEqual([passed, failed, failures.length], [0, 1, 1]);
  });
});

describe('the lines of a failed test', () => {
  it('name its source and the command that runs it alone', () => {
    const file = 'out/test/vscode/chat.test.js';
    assert.deepEqual(failureLines('test:vscode', { file, title: 'a chat (1) costs $2' }), [
      '✘ test/vscode/chat.test.ts: a chat (1) costs $2',
      "  npm run test:vscode -- test/vscode/chat.test.ts --grep 'a chat \\(1\\) costs \\$2'",
    ]);
  });

  it('name the suite around a failed hook', () => {
    const title = 'a chat "before each" hook for "answers"';
    const [, command] = failureLines('test:unit', { file: 'test/unit/a.test.ts', title });
    assert.equal(command, '  npm run test:unit -- test/unit/a.test.ts --grep "a chat"');
  });
});
