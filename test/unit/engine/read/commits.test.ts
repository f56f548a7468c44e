import assert from 'node:assert/strict';
import { readCommits } from '../../../../src/engine/read/commits.ts';
import { DiffReader, type DiffFile } from '../../../../src/engine/read/unifiedDiff.ts';

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

function readDiff(text: string): DiffReader {
  const reader = new DiffReader();
  for (const line of text.split('\n')) reader.read(line);
  return reader;
}
const filesOf = (text: string): DiffFile[] => readDiff(text).files;
const roles = (text: string): string =>
  readDiff(text)
    .kinds.map((kind) => kind[0])
    .join('');

describe('patches', () => {
  it('name the commits of mails by their headers, without covers and answers', () => {
    const mail = (subject: string, body: string): string =>
      `From list@example.com Thu Jan  1 00:00:00 1970\nSubject: ${subject}\nDate: x\nFrom: Ann <a@example.com>\nTo: b\n\n${body}\n`;
    const diff = '---\ndiff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-From: a\n+Subject: b';
    const box =
      mail('[PATCH 0/1] Tides', 'About them.') +
      mail('[PATCH 1/1] Round levels', diff) +
      mail('Re: [PATCH 1/1] Round levels', '> ok');
    assert.deepEqual(
      readCommits(numbered(box)).map(({ subject, author }) => [subject, author]),
      [['Round levels', 'Ann']],
    );
  });

  it('name the commits of a mailed series, and what takes one back', () => {
    const commits = readCommits(numbered(series));
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
      readCommits(numbered(log)).map(({ author, subject, line }) => [author, subject, line]),
      [
        ['Zoë', 'Round levels', 1],
        ['Ann', 'Begin', 14],
      ],
    );
  });

  it('are counted by the heads of their hunks: a signature is no removed line, `--- ` in a hunk is one', () => {
    const files = filesOf(series);
    assert.deepEqual(
      files.map(({ added, removed, hunks }) => [added, removed, hunks[0]!.to - 1 - hunks[0]!.from]),
      [
        [1, 1, 3],
        [1, 1, 3],
        [1, 1, 3],
      ],
    );
    const [file] = filesOf('--- a/q.sql\n+++ b/q.sql\n@@ -1,2 +1,1 @@\n--- comment\n same\n-- \n2.39\n');
    assert.deepEqual([file!.added, file!.removed], [0, 1]);
  });

  it('of merges are read with a sign a parent', () => {
    assert.equal(roles('@@@ -1,2 -1,2 +1,3 @@@\n  same\n- ours\n -theirs\n++both\n++more\nafter'), 'hsrraao');
  });

  it('of every tool name their files, old paths and states', () => {
    const diff = [
      'diff --git "a/\\303\\244 b.ts" "b/\\303\\244 b.ts"',
      'deleted file mode 100644',
      '--- "a/\\303\\244 b.ts"',
      '+++ /dev/null',
      '@@ -1 +0,0 @@',
      '-gone',
      'diff --git a/one b/two b/one b/two',
      'old mode 100644',
      'new mode 100755',
      'diff --git a/x.png b/y.png',
      'similarity index 100%',
      'rename from x.png',
      'rename to y.png',
      'diff --git a/pic.png b/pic.png',
      'Binary files a/pic.png and b/pic.png differ',
      'diff --cc both.ts',
      '--- a/both.ts',
      '+++ b/both.ts',
      '@@@ -1 -1 +1 @@@ function f() {',
      '--x',
      '++y',
      'Index: svn.c',
      '===================================================================',
      '--- svn.c\t(revision 7)',
      '+++ svn.c\t(working copy)',
      '@@ -1 +1 @@',
      '-a',
      '+b',
      '\\ No newline at end of file',
    ].join('\n');
    assert.deepEqual(
      filesOf(diff).map(({ path, oldPath, status, added, removed }) => [path, oldPath, status, added, removed]),
      [
        ['ä b.ts', 'ä b.ts', 'deleted', 0, 1],
        ['one b/two', 'one b/two', 'changed', 0, 0],
        ['y.png', 'x.png', 'renamed', 0, 0],
        ['pic.png', 'pic.png', 'binary', 0, 0],
        ['both.ts', 'both.ts', 'changed', 1, 1],
        ['svn.c', 'svn.c', 'changed', 1, 1],
      ],
    );
    assert.equal(filesOf(diff)[4]!.hunks[0]!.context, 'function f() {');
  });

  it('keep the head of the next commit out of a file that is folded', () => {
    const [first, second] = filesOf(series);
    const lines = series.split('\n');
    assert.match(lines[first!.to - 1]!, /^[+]/);
    assert.match(lines[second!.from]!, /^diff --git/);
  });
});
