import assert from 'node:assert/strict';
import { route } from '../../../../src/engine/read/detectKind.ts';
import type { Kind } from '../../../../src/engine/source.ts';
import * as corpus from '../../../support/corpus.ts';

function checkKind(kind: Kind, text: string, title = 'Untitled-1', languageId?: string): void {
  assert.equal(route({ text, title, languageId }), kind, `${title} ${text.slice(0, 60)}`);
}
const size = 20_000;

describe('route', () => {
  it('knows each kind by its content alone', () => {
    checkKind('prose', corpus.prose(1, size));
    checkKind('prose', corpus.chinese(1, size));
    checkKind('markdown', corpus.markdown(1, size));
    checkKind('log', corpus.log(1, size));
    checkKind('table', corpus.csv(1, size));
    checkKind('json', corpus.json(1, size));
    checkKind('json', corpus.json(1, size, 0));
    checkKind('json', corpus.jsonLines(1, size));
    checkKind('diff', corpus.diff(1, size));
    checkKind('transcript', corpus.transcript(1, size));
    for (const language of corpus.codeLanguages) checkKind('code', corpus.code(1, size, language));
  });
  it('takes a precise name or language before the content', () => {
    checkKind('code', corpus.prose(1, 500), 'a/b.py');
    checkKind('markdown', corpus.log(1, 500), 'notes.md');
    checkKind('log', corpus.prose(1, 500), 'server.log.1');
    checkKind('code', corpus.prose(1, 500), 'x', 'rust');
    checkKind('config', 'a: 1\n', 'x', 'yaml');
    checkKind('config', '{ "name": "x" }', 'package.json', 'json');
    checkKind('transcript', 'WEBVTT\n', 'talk.vtt');
  });
  it('looks into a text that only claims to be plain or a table', () => {
    checkKind('log', corpus.log(1, size), 'out.txt', 'plaintext');
    checkKind('prose', corpus.prose(1, size), 'list.csv');
  });
  it('reads JSON lines with time, level and message as a log', () =>
    checkKind('log', '{"time":"2026-01-01T00:00:00Z","level":"info","msg":"started"}\n'.repeat(20), 'app.jsonl'));
  it('knows logs whose lines are frames, services or one program’s', () => {
    const frames = '#0 /a/b.php(3): run()\n#1 {main}\n"}\n'.repeat(3);
    checkKind(
      'log',
      `[2026-05-15 18:19:32] local.ERROR: no class {"exception":"[object]\n[stacktrace]\n${frames}`.repeat(4),
    );
    checkKind('log', 'web-1  | started\nweb-1  | ready\ndb-1   | up\ndb-1   | ready\n');
    checkKind('log', 'Nov  3 01:01:03 host syslogd[634]: Statistics sent\n'.repeat(8), 'x.txt');
    checkKind('table', 'id | name | city\n1 | Ann | Bonn\n2 | Bo | Ulm\n3 | Cy | Köln\n');
  });
  it('reads the words of a page by what they are, and its markup as code', () => {
    checkKind('prose', corpus.prose(1, size), 'saved.html', 'plaintext');
    checkKind('code', '<!doctype html>\n<p>x</p>\n', 'page.html', 'html');
  });
  it('knows combined diffs and patches below long messages', () => {
    checkKind(
      'diff',
      'commit 06a4d1b88e\nMerge: 1 2\n\n    Join\n\ndiff --cc a.txt\n@@@ -1,2 -1,2 +1,2 @@@\n  a\n- b\n -c\n++d\n',
    );
    checkKind(
      'diff',
      `Subject: [PATCH] x\n\n${'Prose of a message.\n'.repeat(80)}--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n`,
    );
  });
  it('knows wide tables and those whose cells end as sentences do', () => {
    const cells = Array.from({ length: 90 }, (_, i) => `cell ${i}`);
    checkKind(
      'table',
      `${[cells.join(','), cells.map((_, i) => (i % 7 ? '' : i)).join(','), cells.join(',')].join('\n')}\n`,
      'wide.csv',
    );
    checkKind('table', `name,comment\n${'Ann,It was good.\n'.repeat(9)}`, 'answers.csv');
  });
  it('knows common logs', () => {
    checkKind(
      'log',
      '081109 203615 148 INFO dfs.DataNode$PacketResponder: PacketResponder 1 for block blk_38865049064139660 terminating\n'.repeat(
        9,
      ),
    );
    checkKind('log', '10.0.0.1 - - [10/Nov/2026:13:55:36 +0000] "GET /a HTTP/1.1" 200 2326\n'.repeat(9));
    checkKind('log', 'Nov 24 10:00:01 host sshd[24200]: Failed password for root\n'.repeat(9));
    checkKind('log', '[  12.345678] usb 1-1: new device\n'.repeat(9));
  });
  it('knows laws, contracts and papers', () => {
    checkKind(
      'legal',
      'Section 1. The Licensee shall not assign this Agreement. Notwithstanding the foregoing, the parties hereby agree.\n'.repeat(
        20,
      ),
    );
    checkKind(
      'legal',
      `Abstract\n\n${corpus.prose(1, 2000)}\n1 Introduction\n\n${corpus.prose(2, 2000)}\nReferences\n\n[1] A.\n`,
    );
  });
  it('knows settings', () =>
    checkKind('config', '[server]\nport = 80\nhost = example\n; note\n[client]\ntimeout = 5\n'));
  it('has an answer for nothing and for noise', () => {
    checkKind('prose', '');
    checkKind('prose', ' \n\n');
    const pick = corpus.picker(1);
    for (let run = 0; run < 50; run++)
      route({ text: Array.from({ length: 300 }, () => String.fromCharCode(pick.whole(65536))).join(''), title: '' });
  });
  it('is quick on texts made to slow patterns down', () => {
    for (const text of [
      ' '.repeat(65_536),
      'a'.repeat(65_536),
      '"'.repeat(65_536),
      '['.repeat(65_536),
      'a.'.repeat(32_768),
      '§ '.repeat(32_768),
      'A '.repeat(32_768),
    ]) {
      const start = process.hrtime.bigint();
      route({ text, title: '' });
      assert.ok(process.hrtime.bigint() - start < 200_000_000n, `slow: ${text.slice(0, 5)}`);
    }
  });

  it('takes numbers in parentheses on one long line for prose', () => {
    const text = `La prudence reste de rigueur. ${Array.from({ length: 40 }, (_, n) => `le département du Gard (${n})`).join(', ')}.`;
    assert.equal(route({ title: 'article.txt', text }), 'prose');
  });
});
