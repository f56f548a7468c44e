import assert from 'node:assert/strict';

const { changesOf, isPreRelease } = (await import(
  new URL('../../../.config/scripts/lib/version.mjs', import.meta.url).href
)) as {
  changesOf(version: string, changelog: string): { date: string; text: string };
  isPreRelease(version: string): boolean;
};

const changelog =
  '# Changelog\n\n## [Unreleased]\n\n- Something.\n\n## [1.2.0] - 2026-11-25\n\n### Added\n\n- A thing.\n\n## [1.1.0] - 2026-11-20\n\n';

describe('versions', () => {
  it('are pre-releases where the minor number is odd', () => {
    assert.deepEqual(
      ['0.1.0', '1.2.0', '1.10.3', '2.11.0'].map((version) => isPreRelease(version)),
      [true, false, false, true],
    );
    for (const wrong of ['1.2', '1.2.3-beta', 'v1.2.3', '01.2.3'])
      assert.throws(() => isPreRelease(wrong), /major\.minor\.patch/);
  });

  it('have a dated entry in the changelog that says something', () => {
    assert.deepEqual(changesOf('1.2.0', changelog), { date: '2026-11-25', text: '### Added\n\n- A thing.' });
    assert.throws(() => changesOf('1.1.0', changelog), /says nothing of version 1\.1\.0/);
    assert.throws(() => changesOf('1.3.0', changelog), /no entry/);
    assert.throws(() => changesOf('1.2', changelog), /no entry/);
  });
});
