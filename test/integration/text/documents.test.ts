import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import { deflateRawSync } from 'node:zlib';
import { Worker } from 'node:worker_threads';
import { detectDocumentKind, createDocumentReader, extractDocument, maxXmlBytes } from '../../../src/text/documents.ts';
import { createTextWorker } from '../../../src/text/textWorker.ts';
import { htmlToText, extractPage } from '../../../src/text/html.ts';

/** A PDF of one line a page, with the table of offsets that readers ask for. */
function pdf(pages: readonly string[]): Uint8Array {
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${4 + i * 2} 0 R`).join(' ')}] >>`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  pages.forEach((text, i) => {
    const stream = `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`;
    objects.push(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >> /Contents ${5 + i * 2} 0 R >>`,
    );
    objects.push(`<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`);
  });
  let body = '%PDF-1.4\n';
  const offsets = objects.map((object, i) => {
    const offset = body.length;
    body += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return offset;
  });
  const table = offsets.map((offset) => `${String(offset).padStart(10, '0')} 00000 n \n`).join('');
  body += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${body.length}\n%%EOF\n`;
  return new TextEncoder().encode(body);
}

/** A zip archive, which is what a DOCX file is. */
function zip(files: Readonly<Record<string, string>>): Uint8Array {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const raw = Buffer.from(text);
    const packed = deflateRawSync(raw);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(raw), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(raw.length, 18);
    fields.writeUInt16LE(name.length, 22);
    local.push(Buffer.from('PK\x03\x04'), fields, Buffer.from(name), packed);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, Buffer.from(name));
    offset += 30 + name.length + packed.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let i = 0; i < 8; i++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main';
const relations = 'http://schemas.openxmlformats.org/package/2006/relationships';
const docx = (body: string): Uint8Array =>
  zip({
    '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
    '_rels/.rels': `<Relationships xmlns="${relations}"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `<w:document xmlns:w="${word}"><w:body>${body}</w:body></w:document>`,
  });
const paragraph = (text: string, style?: string): string =>
  `<w:p>${style ? `<w:pPr><w:pStyle w:val="${style}"/></w:pPr>` : ''}<w:r><w:t>${text}</w:t></w:r></w:p>`;

async function checkText(kind: 'pdf' | 'docx', bytes: Uint8Array, ...expected: RegExp[]): Promise<void> {
  const extracted = await extractDocument(kind, bytes);
  assert.ok('text' in extracted, JSON.stringify(extracted));
  for (const pattern of expected) assert.match(extracted.text, pattern);
}

describe('text of documents', () => {
  it('refuses office files that unpack to more than is held, and says which are damaged', async () => {
    const bomb = zipSync({ 'content.xml': new Uint8Array(65 * 1024 * 1024) }, { level: 1 });
    assert.deepEqual(await extractDocument('odt', bomb), { reason: 'too-large' });
    assert.deepEqual(await extractDocument('epub', strToU8('PK\u0003\u0004 nothing')), { reason: 'damaged' });
  });

  it('a PDF is read page by page', async () => {
    const bytes = pdf(['The lamp was lit at dusk.', 'The fog came at nine.']);
    await checkText('pdf', bytes, /^# Page 1\n\nThe lamp was lit at dusk\.$/m, /^# Page 2\n\nThe fog came at nine\.$/m);
    await checkText('pdf', bytes, /lamp/); // the bytes are the caller's still
    const worker = createTextWorker(() => new Worker(new URL('../../../src/text/worker.ts', import.meta.url)));
    assert.deepEqual(await createDocumentReader(worker)('pdf', bytes), await extractDocument('pdf', bytes));
    worker.dispose();
  });

  it('a DOCX is read by paragraphs', async () => {
    const bytes = docx(
      paragraph('Log of the station') + paragraph('The keeper &amp; his lamp.') + paragraph('The end.'),
    );
    await checkText('docx', bytes, /^Log of the station\n+The keeper & his lamp\.\n+The end\.\n$/);
  });

  it('damaged, empty and foreign documents are told, not thrown', async () => {
    const noise = new TextEncoder().encode('this is no document at all');
    assert.deepEqual(await extractDocument('docx', noise), { reason: 'damaged' });
    assert.deepEqual(await extractDocument('pdf', noise), { reason: 'damaged' });
    assert.deepEqual(await extractDocument('docx', docx(paragraph(' '))), { reason: 'no-words' });
    assert.deepEqual(['a.PDF', 'b.docx', 'c.html', 'd.ts'].map(detectDocumentKind), ['pdf', 'docx', 'html', undefined]);
  });

  it('refuses a small DOCX that unpacks to gigabytes, whatever sizes it states', async () => {
    const bytes = docx(' '.repeat(maxXmlBytes + 1));
    assert.ok(bytes.length < 200_000);
    assert.deepEqual(await extractDocument('docx', bytes), { reason: 'too-large' });
    const lying = Buffer.from(bytes);
    // the last directory entry that is this large states 1,000 bytes instead
    for (let at = lying.indexOf('PK\u0001\u0002'); at >= 0; at = lying.indexOf('PK\u0001\u0002', at + 4))
      if (lying.readUInt32LE(at + 24) > maxXmlBytes) lying.writeUInt32LE(1_000, at + 24);
    assert.deepEqual(await extractDocument('docx', lying), { reason: 'too-large' });
  });

  it('the words of a page stay on their lines', async () => {
    const html =
      '<html><head><title>Log</title>\n<style>p { color: red }</style>\n</head><body>\n<script>\nalert("x")\n</script>\n<h2>At dusk</h2>\n<p>The lamp\n  was <b>lit</b> &amp; kept.</p><ul>\n<li>fog\n<li>rain</ul></body></html>\n';
    const text = await htmlToText(html);
    assert.deepEqual(text.split('\n'), [
      '# Log',
      '',
      '',
      '',
      '',
      '',
      '## At dusk',
      'The lamp',
      'was lit & kept.',
      '- fog',
      '- rain',
      '',
    ]);
    assert.equal(text.split('\n').length, html.split('\n').length);
  });

  it('a page that is mostly code is left as it is', async () => {
    assert.equal(await extractPage('<div id="root"></div><script src="app.js"></script>'), undefined);
    assert.equal(
      await extractPage(`<p>{{ greeting }}</p>${'<p>some words that stand here</p>'.repeat(40)}`),
      undefined,
    );
    assert.match((await extractPage('<p>some words that stand here</p>\n'.repeat(40))) ?? '', /^some words/);
  });
});
