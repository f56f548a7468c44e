import assert from 'node:assert/strict';
import type { Kind } from '../../../../../src/engine/source.ts';
import { split, splitters, type SplitInput } from '../../../../../src/engine/read/split/index.ts';
import { rank, type Hints } from '../../../../../src/engine/read/split/splitter.ts';
import * as corpus from '../../../../support/corpus.ts';

/**
 * Cuts are drawn in the text: ‖ stands before each line whose cut is at least as strong as `least`.
 * The first line is always a place to cut and is not drawn.
 */
function checkCuts(drawn: string, given: Pick<Hints, 'kind'> & Partial<Hints>, least: number): void {
  const text = drawn.replaceAll('‖', '');
  const hints: Hints = { title: 'text', extension: '', head: text.slice(0, 2_000), ...given };
  const ranks: number[] = [];
  const read = splitters
    .find((splitter) => splitter.accepts(hints))!
    .open(hints, {
      setRank: (line, value) => void (ranks[line] = value),
      rankOf: (line) => ranks[line] ?? 0,
      mark: () => {},
    });
  let start = 0;
  text.split('\n').forEach((line, index) => {
    read(text, start, start + line.length, index);
    start += line.length + 1;
  });
  const seen = text
    .split('\n')
    .map((line, index) => (index > 0 && ranks[index]! >= least ? `‖${line}` : line))
    .join('\n');
  assert.equal(seen, drawn);
}

const cutUp = (text: string, kind: Kind, more: Partial<SplitInput> = {}) =>
  split({ text, kind, title: 'text', ...more }, async () => {});

/** At least 95 % of the chunks of a source file begin where a definition does. */
async function checkDefinitions(text: string, languageId: string, definition: RegExp): Promise<void> {
  const chunks = (await cutUp(text, 'code', { languageId })).slice(1);
  assert.ok(chunks.length > 12);
  const good = chunks.filter((chunk) => definition.test(chunk.text));
  assert.ok(good.length / chunks.length >= 0.95, `${languageId}: ${good.length} of ${chunks.length}`);
}

describe('markdown splitter', () => {
  it('cuts at headings, not at what looks like one in a fence', () =>
    checkCuts('# A\nx\n\n‖## B\ny\n\n```sh\n# no\n```\n\n‖Title\n-----\nz', { kind: 'markdown' }, rank.middle));
  it('keeps fences whole', () => checkCuts('a\n\n‖b\n\n‖```\n\nx\n\ny\n```\n\n‖c', { kind: 'markdown' }, rank.blank));
  it('keeps fences of up to 2,000 tokens whole among headings and paragraphs', async () => {
    const pick = corpus.picker(3);
    const parts = Array.from({ length: 60 }, (_, index) => {
      const fence = `\`\`\`\n${corpus.code(index, 300 + pick.whole(6000)).replaceAll('`', "'")}\`\`\`\n\n`;
      return `${pick.whole(3) === 0 ? '## Next\n\n' : ''}${corpus.prose(index, 200 + pick.whole(2500))}${pick.whole(2) === 0 ? fence : ''}`;
    });
    const chunks = await cutUp(parts.join(''), 'markdown');
    assert.ok(chunks.length > 20);
    for (const chunk of chunks) assert.equal((chunk.text.match(/^```/gm)?.length ?? 0) % 2, 0, chunk.text.slice(0, 80));
  });
  it('reads reStructuredText headings by their signs', () =>
    checkCuts(
      'Top\n===\n\nx\n\n‖Sub\n---\n\ny\n\n.. note::\n\n   z',
      { kind: 'markdown', languageId: 'restructuredtext' },
      rank.middle,
    ));
  it('shows the nearest two headings that hold before a chunk', async () => {
    const filler = corpus.flat(1, 7000);
    const chunks = await cutUp(`# A\n\n## B\n\n### C\n\n${filler}${filler}${filler}`, 'markdown');
    assert.deepEqual([...new Set(chunks.map((chunk) => chunk.context))], ['', 'B › C']);
  });
});

describe('code splitter', () => {
  const typescript = { kind: 'code', languageId: 'typescript' } as const;
  it('cuts between definitions and takes comments and decorators along', () =>
    checkCuts(
      [
        'import a;\nimport b;\n',
        '‖/** One { */\nfunction one() {\n  const x = "}";\n\n  return `{\n}`;\n}',
        '‖@dec\nclass Two {\n  a = 1;\n\n‖  // about b\n  b() {\n    /[{]/.test(x);\n\n    y();\n  }\n‖  c() {}\n}\n',
        '‖const d = [\n  1,\n\n  2,\n];',
      ].join('\n'),
      typescript,
      rank.middle,
    ));
  it('reads Python by indentation', () =>
    checkCuts(
      'import os\n\n‖def a(x,\n      y):\n    """Doc\n\ndoc\n    """\n    z = 1\n\n    return z\n\n\n‖class B:\n    """d"""\n\n‖    def m(self):\n        pass\n\n‖    @x\n    def n(self):\n        pass',
      { kind: 'code', languageId: 'python' },
      rank.middle,
    ));
  it('knows lifetimes, raw strings and nested comments of Rust', () =>
    checkCuts(
      "use a;\n\n‖fn a<'a>(x: &'a str) -> char {\n    let s = r#\"}\"#;\n\n    /* { /* */ { */\n    '{'\n}\n\n‖impl B for C {\n    fn d() {}\n\n‖    fn e() {}\n}",
      { kind: 'code', languageId: 'rust' },
      rank.middle,
    ));
  it('leaves labels and what follows them in their function', () =>
    checkCuts(
      'int a() {\n  b();\n\nfail:\n  c();\n\n  return 1;\n}\n\n‖int d() {\n}',
      { kind: 'code', languageId: 'c' },
      rank.middle,
    ));
  it('knows where a branch ends', () =>
    checkCuts(
      'function a() {\n  while (x) {\n    if (y) {\n      b();\n    } else {\n      c();\n    }\n  }\n\n  return d;\n}\n\n‖function e() {}',
      typescript,
      rank.middle,
    ));
  it('finds definitions again after a brace that never closes', () =>
    checkCuts('int a() {\n  M({\n  b();\n}\n\n‖int c() {\n  d();\n}', { kind: 'code', languageId: 'c' }, rank.middle));
  it('takes the definitions that the editor knows', () =>
    checkCuts(
      'WEIRD one\nx\n‖WEIRD two\ny',
      {
        kind: 'code',
        symbols: [
          { name: 'one', line: 0, endLine: 1, depth: 0 },
          { name: 'two', line: 2, endLine: 3, depth: 0 },
        ],
      },
      rank.middle,
    ));
  it('begins chunks of five languages at definitions', async () => {
    const size = 100_000;
    await checkDefinitions(corpus.code(1, size, 'typescript'), 'typescript', /^(?:\/\*\*|export function)/);
    await checkDefinitions(corpus.code(1, size, 'python'), 'python', /^\s*(?:def|class|@)/);
    await checkDefinitions(corpus.code(1, size, 'go'), 'go', /^\/\/ [A-Z]/);
    await checkDefinitions(corpus.code(1, size, 'java'), 'java', /^ {4}\/\*\*/);
    await checkDefinitions(corpus.code(1, size, 'c'), 'c', /^\/\*/);
  });
  it('shows the enclosing definition', async () => {
    const body = Array.from({ length: 400 }, (_, index) => `    call${index}(${index}, "a");`).join('\n');
    const chunks = await cutUp(`class Big {\n  long() {\n${body}\n  }\n}\n`, 'code', { languageId: 'typescript' });
    assert.deepEqual([...new Set(chunks.slice(1).map((chunk) => chunk.context))], ['class Big › long()']);
  });
});

describe('log splitter', () => {
  it('keeps a stack trace with its line', () =>
    checkCuts(
      '2026-01-01 10:00:00 ERROR a\n  at b\nCaused by: c\n  at d\n\n‖2026-01-01 10:00:01 INFO e\njava.lang.X: goes on\n‖2026-01-01 10:00:02 INFO f',
      { kind: 'log' },
      rank.blank,
    ));
});

describe('table splitter', () => {
  it('does not cut a quoted cell and finds rows again after a lost quote', () =>
    checkCuts('a,b\n‖1,"x\ny"\n‖2,z\n‖3,"lost\n‖4,u\n‖5,v', { kind: 'table' }, rank.blank));
  it('carries the header beside each chunk but the first', async () => {
    const chunks = await cutUp(corpus.csv(1, 30_000), 'table');
    assert.deepEqual([...new Set(chunks.map((chunk) => chunk.context))], ['', 'id,name,amount,day,note']);
  });
});

describe('JSON splitter', () => {
  it('prefers outer elements', () =>
    checkCuts('{\n‖  "a": [\n    1,\n    {\n      "x": 2\n    }\n  ],\n‖  "b": 3\n}', { kind: 'json' }, rank.large));
  it('cuts JSON lines at lines', () => checkCuts('{"a":1}\n‖{"a":2}\n‖{"a":3}', { kind: 'json' }, rank.large));
});

describe('diff splitter', () => {
  const text =
    'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ f\n-a\n+b\n‖@@ -9,2 +9,2 @@ g\n c\n‖diff --git a/y b/y\nrename from y\n--- a/y\n+++ b/y\n@@ -1 +1 @@\n-d';
  it('cuts at files and hunks, never between a file and its first hunk', () =>
    checkCuts(text, { kind: 'diff' }, rank.small));
  it('reads diffs without git', () =>
    checkCuts('--- a\n+++ b\n@@ -1 +1 @@\n-x\n‖--- c\n+++ d\n@@ -1 +1 @@\n-y', { kind: 'diff' }, rank.large));
});

describe('transcript splitter', () => {
  it('cuts where the speaker changes', () =>
    checkCuts('Ada: hello\nmore\nAda: and\n‖Bob Ray: no\n‖[00:10] Ada: yes', { kind: 'transcript' }, rank.small));
  it('keeps the lines of a cue', () =>
    checkCuts(
      '1\n00:00:01.000 --> 00:00:02.000\nhello\n\n‖2\n00:00:03.000 --> 00:00:04.000\nbye',
      { kind: 'transcript' },
      rank.blank,
    ));
});

describe('splitters', () => {
  it('take a language from a file name', async () => {
    const section = (name: string) => `${name}:\n${corpus.flat(1, 7500).replace(/^/gm, '  - ').trimEnd()}\n`;
    const chunks = await cutUp(['one', 'two', 'three'].map(section).join(''), 'config', { title: 'a/settings.yaml' });
    assert.deepEqual(
      chunks.map((chunk) => chunk.text.split('\n')[0]),
      ['one:', 'two:', 'three:'],
    );
  });
  it('have names of their own, and the last takes every text', () => {
    assert.equal(new Set(splitters.map((splitter) => splitter.id)).size, splitters.length);
    assert.ok(splitters.at(-1)!.accepts({ kind: 'legal', title: 'text', extension: '', head: '' }));
  });
});

describe('prose splitter', () => {
  it('prefers chapters, then sections, then paragraphs', () => {
    checkCuts('x\n\n‖CHAPTER 2\n\ny\n\n‖第三章 水\n\nz', { kind: 'prose' }, rank.large);
    checkCuts('x\n\n‖§ 4 Costs\ny\n\n‖2.1 Terms\nz', { kind: 'legal' }, rank.small);
    checkCuts('a\nb\n\n‖c.\nd', { kind: 'prose' }, rank.blank);
  });
});
