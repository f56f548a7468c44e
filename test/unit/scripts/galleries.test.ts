import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const { publishingProblems } = (await import(
  new URL('../../../.config/scripts/lib/galleries.mjs', import.meta.url).href
)) as { publishingProblems(manifest: Record<string, unknown>, root: string): string[] };

describe('publishing', () => {
  const manifest = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as Record<string, unknown>;

  it('is refused until the manifest names a repository', () => {
    assert.deepEqual(publishingProblems(manifest, root), [
      'package.json has no repository: set it once the project has a public home.',
    ]);
  });

  it('asks for nothing more once there is one', () => {
    const repository = { type: 'git', url: 'https://example.org/precis.git' };
    assert.deepEqual(publishingProblems({ ...manifest, repository }, root), []);
  });

  it('names each missing field and file', () => {
    const problems = publishingProblems({ repository: 'x' }, `${root}/src`);
    assert.equal(problems.filter((problem) => problem.startsWith('package.json has no ')).length, 7);
    assert.ok(problems.includes('CHANGELOG.md is missing.'));
  });
});
