import assert from 'node:assert/strict';
import { extractDocument, readStored, storedKind } from '../../../src/text/documents.ts';
import type { ReadText } from '../../../src/text/readText.ts';

async function read(mail: string | Uint8Array): Promise<ReadText> {
  const bytes = typeof mail === 'string' ? new TextEncoder().encode(mail) : mail;
  const outcome = await extractDocument('mail', bytes);
  assert.ok(!('reason' in outcome));
  return outcome;
}

const words = '您好：泵 P-77 的交货日期推迟到十二月九日，因为外壳有裂纹。合同编号 PZ-3310 已取消。';
const encoded = Buffer.from(words).toString('base64').replace(/.{76}/g, '$&\r\n');
const base64 = [
  'From: vertrieb@pumpen.example',
  'To: Kröger <kroeger@werk.example>',
  'Subject: =?utf-8?B?UC03NyDlu7bmnJ8=?=',
  'Date: Tue, 3 Nov 2026 09:14:20 +0800',
  'MIME-Version: 1.0',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: base64',
  '',
  encoded,
  '',
].join('\r\n');

const several = [
  'From: Ann <ann@example.com>',
  'To: ben@example.com',
  'Subject: =?iso-8859-1?Q?Geh=E4use?= cracked',
  'Date: Wed, 4 Nov 2026 10:00:00 +0100',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="b1"',
  '',
  '--b1',
  'Content-Type: text/html; charset=utf-8',
  'Content-Transfer-Encoding: quoted-printable',
  '',
  '<style>p{color:red}</style><p>Das Geh=C3=A4use hat <b>Risse</b>.</p>',
  '--b1',
  'Content-Type: application/pdf; name="report.pdf"',
  'Content-Disposition: attachment; filename="report.pdf"',
  'Content-Transfer-Encoding: base64',
  '',
  Buffer.alloc(3000, 7).toString('base64').replace(/.{76}/g, '$&\n'),
  '--b1--',
  '',
].join('\n');

describe('mail', () => {
  it('has its subject, people, date and a body that was in base64', async () => {
    const { text } = await read(base64);
    for (const told of ['# P-77 延期', 'From: vertrieb@pumpen.example', 'kroeger@werk.example', '3 Nov 2026', words])
      assert.ok(text.includes(told), told);
  });

  it('has the words of its HTML part and names what is attached with its size', async () => {
    const { text } = await read(several);
    assert.match(text, /# Gehäuse cracked/);
    assert.match(text, /Das Gehäuse hat Risse/);
    assert.match(text, /Attached: report\.pdf \(3 KB\)/);
    assert.ok(!/BwcHBw|--b1|color:red|=C3/.test(text));
  });

  it('is read in the encoding that it names, whatever that is', async () => {
    const latin = 'From: a@b.example\nSubject: x\nContent-Type: text/plain; charset=iso-8859-1\n\nGr\u00fc\u00dfe\n';
    const bytes = Uint8Array.from(latin, (char) => char.charCodeAt(0));
    assert.match((await read(bytes)).text, /Grüße/);
  });

  it('of a mailbox stands under a heading each, and each line leads to its message', async () => {
    const mbox = [1, 2, 3]
      .map(
        (n) =>
          `From a@b.example Tue Nov  3 09:14:20 2026\nFrom: A${n} <a@b.example>\nSubject: S${n}\n\nbody ${n}\n>From here\n\n`,
      )
      .join('');
    const { text, lines } = await read(mbox);
    const told = text.split('\n');
    assert.deepEqual(
      told.filter((line) => line.startsWith('# ')),
      ['# S1', '# S2', '# S3'],
    );
    assert.ok(text.includes('\nFrom here'));
    assert.equal(mbox.split('\n')[lines![told.indexOf('body 2')]! - 1], 'body 2');
  });

  it('is recognized by its headers, and what only looks like it is not', async () => {
    assert.equal(storedKind(base64), 'mail');
    assert.ok(await readStored(several));
    for (const other of [
      'From: Ann\nTo: Ben\n\nA note about a mail.',
      'title: x\ndate: 2026-01-01\nfrom: somewhere\n',
      'From 06a4d1b8 Mon Sep 17 00:00:00 2001\nFrom: Ann <a@e>\nDate: x\nSubject: [PATCH] y\n\n---\n\ndiff --git a/x b/x\n',
    ])
      assert.equal(storedKind(other), undefined, other.slice(0, 20));
  });
});
