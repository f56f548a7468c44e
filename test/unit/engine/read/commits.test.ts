import assert from 'node:assert/strict';
import { commitsOf } from '../../../../src/engine/read/commits.ts';
import { createHunkReader } from '../../../../src/engine/read/unifiedDiff.ts';
import { filesOf } from '../../../../src/engine/offline/diff.ts';

const numbered = (text: string) => text.split('\n').map((line, i) => ({ text: line, line: i + 1 }));
const patch = (id: string, subject: string, body: string, removed: string, added: string): string =>
  [
    `From ${id} Mon Sep 17 00:00:00 2001`,
    'From: Ann <a@example.com>',
    'Date: Mon, 30 Nov 2026 14:13:39 +0000',
    `Subject: ${subject}`,
    '',
    body,
    '---',
    ' tide.ini | 2 +-',
    '',
    'diff --git a/tide.ini b/tide.ini',
    '--- a/tide.ini',
    '+++ b/tide.ini',
    '@@ -1,2 +1,2 @@',
    ' port = 7313',
    `-${removed}`,
    `+${added}`,
    '-- ',
    '2.39.5',
    '',
    '',
  ].join('\n');
const first = '06a4d1b88e8fe4d3323f151da0fdec9f99720d32';
const series =
  patch(first, '[PATCH 1/3] Delete readings', 'The disk is full.', 'keep = 400', 'keep = 30') +
  patch(
    '0645a31736240e352339fd4e2fc003d975d4b28f',
    '[PATCH 2/3] Round levels, so that\n they agree',
    'x',
    'a',
    '-- b',
  ) +
  patch(
    '8bee6ac2ae40d31fcf3fdce08bc0e3a6b5d2dea3',
    '[PATCH 3/3] Revert "Delete readings"',
    `This reverts commit ${first}.`,
    'keep = 30',
    'keep = 400',
  );

const roles = (text: string): string => {
  const read = createHunkReader();
  return text
    .split('\n')
    .map((line) => read(line)[0])
    .join('');
};

describe('patches', () => {
  it('name the commits of a mailed series, and what takes one back', () => {
    const commits = commitsOf(numbered(series));
    assert.deepEqual(
      commits.map(({ author, subject, reverts }) => ({ author, subject, reverts })),
      [
        { author: 'Ann', subject: 'Delete readings', reverts: undefined },
        { author: 'Ann', subject: 'Round levels, so that they agree', reverts: undefined },
        { author: 'Ann', subject: 'Revert "Delete readings"', reverts: 0 },
      ],
    );
  });

  it('name the commits of git log -p', () => {
    const log = `commit ${first} (HEAD -> main)\nAuthor: Zoë <z@e>\nDate:   Mon Nov 30\n\n    Round levels\n\n    Because.\n\ndiff --git a/x b/x\n@@ -1 +1 @@\n-a\n+b\n\ncommit 0645a31736240e352339fd4e2fc003d975d4b28f\nAuthor: Ann <a@e>\n\n    Begin\n`;
    assert.deepEqual(
      commitsOf(numbered(log)).map(({ author, subject, line }) => [author, subject, line]),
      [
        ['Zoë', 'Round levels', 1],
        ['Ann', 'Begin', 14],
      ],
    );
  });

  it('are counted by the heads of their hunks: a signature is no removed line, `--- ` in a hunk is one', async () => {
    const files = await filesOf(numbered(series), async () => {});
    assert.deepEqual(
      files.map(({ added, removed, hunks }) => [added, removed, hunks[0]!.endLine - hunks[0]!.line]),
      [
        [1, 1, 3],
        [1, 1, 3],
        [1, 1, 3],
      ],
    );
    const [file] = await filesOf(
      numbered('--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,1 @@\n--- comment\n same\n-- \n2.39\n'),
      async () => {},
    );
    assert.deepEqual([file!.added, file!.removed], [0, 1]);
  });

  it('of merges are read with a sign a parent', () => {
    assert.equal(roles('@@@ -1,2 -1,2 +1,3 @@@\n  same\n- ours\n -theirs\n++both\n++more\nafter'), 'hsrraao');
  });
});
