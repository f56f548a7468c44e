import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { extractDocument, maxPdfBytes, maxXmlBytes } from '../../../src/text/documents.ts';

describe('a document that unpacks to much more than its size', () => {
  it('is refused in every format that is a ZIP archive', async function () {
    this.timeout(30_000);
    const content = new Uint8Array(maxXmlBytes + 1_000_000);
    const bomb = zipSync({ 'word/document.xml': [content, { level: 1 }] });
    assert.ok(bomb.length < 2_000_000);
    for (const kind of ['docx', 'pptx', 'xlsx', 'odt', 'epub'] as const)
      assert.deepEqual(await extractDocument(kind, bomb), { reason: 'too-large' }, kind);
  });

  it('is refused as a PDF, also where a stream is compressed twice', async function () {
    this.timeout(30_000);
    const { deflateSync } = await import('node:zlib');
    const once = deflateSync(new Uint8Array(maxPdfBytes + 1_000_000), { level: 1 });
    const pdf = (filter: string, stream: Uint8Array): Uint8Array =>
      Buffer.concat([
        Buffer.from(`%PDF-1.7\n1 0 obj\n<</Length ${stream.length}/Filter ${filter}>>\nstream\n`),
        stream,
        Buffer.from('\nendstream\nendobj\n'),
      ]);
    assert.deepEqual(await extractDocument('pdf', pdf('/FlateDecode', once)), { reason: 'too-large' });
    const twice = pdf('[/FlateDecode /FlateDecode]', deflateSync(once));
    assert.ok(twice.length < 100_000);
    assert.deepEqual(await extractDocument('pdf', twice), { reason: 'too-large' });
  });
});
