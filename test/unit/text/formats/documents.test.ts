import assert from 'node:assert/strict';
import { readStored } from '../../../../src/text/documents.ts';
import { readText } from '../../../support/formats.ts';

describe('feeds', () => {
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
