import assert from 'node:assert/strict';

interface Expression {
  readonly file: string;
  readonly line: number;
  readonly source: string;
  readonly flags: string;
}

const { check, expressions, readCache, textOf } = (await import(
  new URL('../../../.config/scripts/lib/regex.mjs', import.meta.url).href
)) as {
  check(expression: Pick<Expression, 'source' | 'flags'>): Promise<string>;
  expressions(): Expression[];
  readCache(): string[];
  textOf(expression: Expression): string;
};

describe('regular expressions of src', () => {
  it('take linear time on any input', async function () {
    this.timeout(120_000);
    const safe = new Set(readCache());
    const slow: string[] = [];
    for (const expression of expressions()) {
      const text = textOf(expression);
      if (safe.has(text)) continue;
      const result = await check(expression);
      if (result === 'safe') safe.add(text);
      else slow.push(`${expression.file}:${expression.line}: ${result}: ${text}`);
    }
    assert.deepEqual(slow, []);
  });

  it('are found in literals and in what constants make of them', () => {
    assert.ok(new Set(expressions().map(textOf)).size > 500);
  });

  it('are told apart from their linear rewrites', async () => {
    assert.match(await check({ source: '\\s+$', flags: '' }), /polynomial/);
    assert.equal(await check({ source: '(?<!\\s)\\s+$', flags: '' }), 'safe');
    assert.equal(await check({ source: '\\s*x', flags: 'y' }), 'safe');
  });
});
