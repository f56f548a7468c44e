import assert from 'node:assert/strict';
import {
  expandBraces,
  findIgnoreReason,
  noRules,
  withExcludes,
  withIgnoreFile,
  type IgnoreRules,
} from '../../../src/sources/ignoreRules.ts';

function checkIgnored(rules: IgnoreRules, ignored: readonly string[], kept: readonly string[]): void {
  const told = (path: string): boolean =>
    findIgnoreReason(rules, path.replace(/\/$/, ''), path.endsWith('/')) !== undefined;
  assert.deepEqual(
    ignored.filter((path) => !told(path)),
    [],
    'should be left out',
  );
  assert.deepEqual(kept.filter(told), [], 'should be kept');
}

describe('ignore rules', () => {
  it('a deeper file turns the rules of a higher one round', () => {
    let rules = withIgnoreFile(noRules, '', '*.log\n/build/\ndocs/private\n');
    rules = withIgnoreFile(rules, 'keep', '!important.log\n*.tmp\n');
    checkIgnored(
      rules,
      ['a.log', 'x/b.log', 'build/', 'docs/private', 'keep/other.log', 'keep/deep/a.tmp'],
      ['keep/important.log', 'x/build/', 'a.tmp', 'docs/public'],
    );
  });

  it('the settings leave out what their globs say, from the root of the workspace', () => {
    const rules = withExcludes(noRules, {
      '**/*.{jpg,snap}': true,
      out: true,
      '**/off': false,
      '**/gen': { when: '$(basename).ts' },
    });
    checkIgnored(rules, ['a.jpg', 'x/y.snap', 'out/'], ['src/out/', 'off/', 'gen/', 'a.png']);
    assert.equal(findIgnoreReason(rules, 'out', true), 'excluded');
  });

  it('rules above the place where a walk begins are seen from their own place', () => {
    const above = withIgnoreFile(noRules, '', '/packages/app/secret.txt\n*.bak\n');
    const rules = withIgnoreFile({ ...above, base: 'packages/app' }, 'sub', '/local.txt\n');
    checkIgnored(rules, ['secret.txt', 'a.bak', 'sub/local.txt'], ['sub/secret.txt', 'local.txt']);
  });

  it('choices in braces become one pattern each', () => {
    assert.deepEqual(new Set(expandBraces('a{b,c{d,e}}f')), new Set(['abf', 'acdf', 'acef']));
  });

  it('odd names and a mark of byte order do no harm', () => {
    const rules = withIgnoreFile(noRules, '', '\uFEFF*.log\n');
    checkIgnored(rules, ['a.log'], ['..odd', 'line\nend.txt', ' .txt']);
  });
});
