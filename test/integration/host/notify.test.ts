import assert from 'node:assert/strict';
import { ESLint } from 'eslint';
import { resolve } from 'node:path';

describe('plain text of messages', () => {
  it('is enforced by the linter', async function () {
    this.timeout(60_000);
    const root = resolve(import.meta.dirname, '../../..');
    const lint = new ESLint({ cwd: root, overrideConfigFile: resolve(root, '.config/eslint.config.mjs') });
    const config = (await lint.calculateConfigForFile(resolve(root, 'src/runs/runs.ts'))) as {
      rules: Record<string, [number, ...{ selector: string }[]]>;
    };
    const selectors = config.rules['no-restricted-syntax']?.slice(1) as { selector: string }[];
    for (const name of ['showWarningMessage', 'showErrorMessage', 'showInformationMessage', 'withProgress'])
      assert.ok(
        selectors.some(({ selector }) => {
          const pattern = /property\.name=\/(.+)\/\]/.exec(selector)?.[1];
          return pattern !== undefined && new RegExp(pattern).test(name);
        }),
        name,
      );
  });
});
