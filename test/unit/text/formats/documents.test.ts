import assert from 'node:assert/strict';
import { readStored } from '../../../../src/text/documents.ts';
import { htmlToText } from '../../../../src/text/html.ts';
import { readText } from '../../../support/formats.ts';

describe('feeds', () => {
  it('state nothing where the end is missing', async () => {
    const cut = '<rss><channel><title>Cranes</title><item><title>One</title></item><item><title>Tw';
    assert.equal((await readText('feed.xml', cut)).points, undefined);
  });

  it('RSS and Atom: entries with their day and text', async () => {
    const rss =
      '<?xml version="1.0"?>\n<rss version="2.0"><channel><title>Crane news</title>\n<item><title>Late &amp; broken</title><pubDate>Mon, 05 Oct 2026 10:00:00 GMT</pubDate><description><![CDATA[<p>It is <b>late</b>.</p>]]></description></item>\n<item><title>Fixed</title><pubDate>Fri, 02 Oct 2026 10:00:00 GMT</pubDate></item>\n</channel></rss>\n';
    const { points, text } = await readText('feed.xml', rss);
    assert.deepEqual(points, [
      'Feed “Crane news”: 2 entries, 2026-10-02 to 2026-10-05.',
      'Late & broken (2026-10-05)',
      'Fixed (2026-10-02)',
    ]);
    assert.match(text, /## Late & broken \(2026-10-05\)\nIt is late\./);
    const atom =
      '<feed xmlns="http://www.w3.org/2005/Atom"><title>Cranes</title><entry><title>One</title><updated>2026-10-01T00:00:00Z</updated><content type="html">&lt;p&gt;Text&lt;/p&gt;</content></entry></feed>';
    assert.match((await readText('atom.xml', atom)).points![0]!, /1 entry, 2026-10-01 to 2026-10-01/);
  });
});

describe('catalogs of translations', () => {
  it('tell what is missing and what is to be checked', async () => {
    const po =
      'msgid ""\nmsgstr ""\n"Language: de\\n"\n\n#: a.c:1\nmsgid "Open"\nmsgstr "Öffnen"\n\nmsgid "Close "\n"all"\nmsgstr ""\n\n#, fuzzy\nmsgid "Save"\nmsgstr "Sichern"\n\nmsgid "%d file"\nmsgid_plural "%d files"\nmsgstr[0] "%d Datei"\nmsgstr[1] "%d Dateien"\n\n#~ msgid "Old"\n#~ msgstr "Alt"\n';
    const { points, text } = await readText('de.po', po);
    assert.deepEqual(points, [
      'Translations into de: 4 texts, 2 translated, 1 missing, 1 to be checked, 1 obsolete.',
      'Close all',
      'Save: Sichern',
    ]);
    assert.match(text, /%d file → %d Datei \| %d Dateien/);
  });
});

describe('mail and notebooks offline', () => {
  it('begin with the subject and who wrote', async () => {
    const stored = await readStored(
      'From: Ann <a@x.example>\nTo: b@x.example\nSubject: Crane moved\nDate: Mon, 5 Oct 2026 10:00:00 +0200\nMIME-Version: 1.0\nContent-Type: text/plain\n\nThe crane arrives on Monday instead of Friday, because the road is closed.\n',
    );
    const { offline } = await readText('a.eml', stored!.text);
    assert.match(offline, /^Crane moved \(From: Ann .*Date: Mon, 5 Oct 2026/);
  });

  it('begin with failed cells and the conclusion', async () => {
    const text =
      '# Gauge\n\nSome words on the gauge and its readings over a year.\n\nCell 3 failed with ValueError: singular matrix\n\n## Conclusion\n\nGauge K3 drifts by 2 mm a year and is to be replaced.\n';
    const { offline } = await readText('gauge.ipynb', text);
    assert.match(offline, /^Cell 3 failed with ValueError: singular matrix/);
    assert.match(offline, /Gauge K3 drifts by 2 mm a year/);
  });
});

describe('tables with a line that names the separator', () => {
  it('have their header in the line after it', async () => {
    const rows = Array.from(
      { length: 400 },
      (_, i) => `${i};Ort ${i % 7};${i},5;ein längerer Text zur Zeile ${i % 9}`,
    ).join('\n');
    const { prepared } = await readText('a.csv', `sep=;\nNr;Ort;Wert;Text\n${rows}\n`);
    const lines = prepared.chunks.flatMap((chunk) =>
      chunk.text
        .replace(/\n$/, '')
        .split('\n')
        .map((text, i) => ({ text, line: chunk.sourceLines![i] })),
    );
    assert.equal(lines.find(({ text }) => text === 'Nr;Ort;Wert;Text')?.line, 2);
  });
});

describe('interfaces in OpenAPI', () => {
  const yaml =
    'openapi: 3.0.0\ninfo:\n  title: Cranes\n  version: "1.2"\npaths:\n  /cranes:\n    get:\n      summary: List cranes\n      responses:\n        "200":\n          description: ok\n    post:\n      deprecated: true\n      summary: Add one\n  /cranes/{id}:\n    parameters: []\n    delete:\n      responses: {}\ncomponents:\n  schemas: {}\n';

  it('tell their operations, in YAML and JSON; the text is sent as it is', async () => {
    const { points, text } = await readText('api.yaml', yaml);
    assert.deepEqual(points, [
      'Interface “Cranes” 1.2: 3 operations on 2 paths, 1 deprecated.',
      'GET /cranes: List cranes',
      'POST /cranes: Add one (deprecated)',
      'DELETE /cranes/{id}',
    ]);
    assert.equal(text, yaml);
    const json = JSON.stringify(
      {
        openapi: '3.1.0',
        info: { title: 'Cranes', version: '2' },
        paths: { '/cranes': { get: { summary: 'List cranes', responses: {} } } },
      },
      undefined,
      2,
    );
    assert.deepEqual((await readText('api.json', json)).points, [
      'Interface “Cranes” 2: 1 operation on 1 path.',
      'GET /cranes: List cranes',
    ]);
  });
});

describe('dumps of databases', () => {
  it('tell tables with their columns and rows', async () => {
    const mysql =
      "-- MySQL dump 10.13\nCREATE TABLE `users` (\n  `id` int NOT NULL,\n  `name` varchar(20),\n  PRIMARY KEY (`id`)\n);\nINSERT INTO `users` VALUES (1,'Ann; (x)'),(2,'O\\'Hara');\nINSERT INTO `users` VALUES\n(3,'it''s');\n";
    assert.deepEqual((await readText('dump.sql', mysql)).points, [
      'Dump of 1 table with 3 rows.',
      'users: 3 rows, columns id, name',
    ]);
    const postgres =
      '-- PostgreSQL database dump\nCREATE TABLE public.cranes (\n    id integer,\n    place text\n);\nCOPY public.cranes (id, place) FROM stdin;\n1\tKiel\n2\tUlm\n\\.\n';
    assert.deepEqual((await readText('dump.sql', postgres)).points, [
      'Dump of 1 table with 2 rows.',
      'public.cranes: 2 rows, columns id, place',
    ]);
    assert.equal((await readText('dump.sql', postgres.replace('\\.\n', ''))).points, undefined);
  });
});

describe('pages of a Telegram export', () => {
  it('are a chat; a joined message goes on under the name before', async () => {
    const message = (kind: string, name: string, text: string, time: string): string =>
      `<div class="message default clearfix ${kind}">\n<div class="body">\n<div class="pull_right date details" title="05.01.2024 ${time} UTC+01:00">x</div>\n${name ? `<div class="from_name">\n${name} </div>\n` : ''}<div class="text">\n${text}\n</div></div></div>\n`;
    const page = `<html><body><div class="page_wrap"><div class="history">\n<div class="message service">Pinned</div>\n${message('', 'Nur', 'Der Kran<br>kommt', '10:01:00')}${message('joined', '', 'am Montag', '10:02:00')}${message('', 'Ole', 'gut', '10:03:00')}</div></div></body></html>`;
    const { points, text } = await readText('messages.html', await htmlToText(page));
    assert.match(points![0]!, /3 messages of 2 people, 05\.01\.2024 10:01:00 to 05\.01\.2024 10:03:00/);
    assert.match(text, /Nur: am Montag/);
  });
});
