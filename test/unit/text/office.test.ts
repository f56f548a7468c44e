import assert from 'node:assert/strict';
import { strToU8, zipSync } from 'fflate';
import { detectDocumentKind, extractDocument, type DocumentKind } from '../../../src/text/documents.ts';

async function check(kind: DocumentKind, files: Readonly<Record<string, string>>, expected: string): Promise<void> {
  const bytes = zipSync(Object.fromEntries(Object.entries(files).map(([name, text]) => [name, strToU8(text)])));
  assert.equal(detectDocumentKind(`a.${kind}`), kind);
  const outcome = await extractDocument(kind, bytes);
  assert.ok(!('reason' in outcome), JSON.stringify(outcome));
  assert.equal(outcome.text, expected);
}
const relations = (...targets: readonly (readonly [id: string, target: string, type?: string])[]): string =>
  `<Relationships>${targets.map(([id, target, type = 'x']) => `<Relationship Id="${id}" Target="${target}" Type="http://r/${type}"/>`).join('')}</Relationships>`;
const shape = (role: string, ...lines: readonly string[]): string =>
  `<p:sp><p:nvSpPr><p:nvPr><p:ph type="${role}"/></p:nvPr></p:nvSpPr><p:txBody>${lines.map((line) => `<a:p><a:r><a:t>${line}</a:t></a:r></a:p>`).join('')}</p:txBody></p:sp>`;

describe('office files and books', () => {
  it('PPTX gives its slides in the order of the presentation, with titles and notes', () =>
    check(
      'pptx',
      {
        'ppt/presentation.xml':
          '<p:presentation><p:sldIdLst><p:sldId r:id="b"/><p:sldId r:id="a"/></p:sldIdLst></p:presentation>',
        'ppt/_rels/presentation.xml.rels': relations(['a', 'slides/slide1.xml'], ['b', 'slides/slide2.xml']),
        'ppt/slides/slide1.xml': `<p:sld>${shape('title', 'Last')}${shape('sldNum', '2')}</p:sld>`,
        'ppt/slides/slide2.xml': `<p:sld>${shape('ctrTitle', 'Gauges &amp; floats')}${shape('body', 'K3 reads high', 'Replace it')}</p:sld>`,
        'ppt/slides/_rels/slide2.xml.rels': relations(['n', '../notesSlides/notesSlide1.xml', 'notesSlide']),
        'ppt/notesSlides/notesSlide1.xml': `<p:notes>${shape('body', 'Say why')}</p:notes>`,
      },
      '## Slide 1: Gauges & floats\n\n- K3 reads high\n- Replace it\n\nNotes:\n- Say why\n\n## Slide 2: Last\n',
    ));

  const book = {
    'xl/workbook.xml': '<workbook><sheets><sheet name="Sales" r:id="r1"/></sheets></workbook>',
    'xl/_rels/workbook.xml.rels': relations(['r1', 'worksheets/sheet1.xml'], ['r2', 'worksheets/sheet2.xml']),
    'xl/sharedStrings.xml':
      '<sst><si><t>Day</t></si><si><r><t>Sum, </t></r><r><t>net</t></r><rPh><t>x</t></rPh></si></sst>',
    'xl/styles.xml': '<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>',
    'xl/worksheets/sheet1.xml':
      '<worksheet><sheetData><row><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c></row><row><c r="A2" s="1"><v>46327</v></c><c r="B2" t="b"><v>1</v></c><c r="C2"><v>12.5</v></c></row></sheetData></worksheet>',
    'xl/worksheets/sheet2.xml':
      '<worksheet><sheetData><row><c r="A1" t="inlineStr"><is><t>a</t></is></c></row></sheetData></worksheet>',
  };
  it('XLSX of one sheet is a table: shared strings, dates, empty cells', () =>
    check('xlsx', book, 'Day,,"Sum, net"\n2026-11-01,TRUE,12.5\n'));

  it('XLSX of several sheets has a heading a sheet', () =>
    check(
      'xlsx',
      {
        ...book,
        'xl/workbook.xml':
          '<workbook><sheets><sheet name="Sales" r:id="r1"/><sheet name="Other" r:id="r2"/></sheets></workbook>',
      },
      '## Sheet Sales\n\nDay,,"Sum, net"\n2026-11-01,TRUE,12.5\n\n## Sheet Other\n\na\n',
    ));

  it('ODT gives headings, paragraphs, lists and tables', () =>
    check(
      'odt',
      {
        'content.xml':
          '<office:text><text:h text:outline-level="2">Aim</text:h><text:p>One<text:s/>two <text:span>three</text:span></text:p><text:list><text:list-item><text:p>first</text:p></text:list-item></text:list><table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table></office:text>',
      },
      '## Aim\n\nOne two three\n\n- first\n| a | b |\n',
    ));

  it('EPUB gives its chapters in the order of its spine', () =>
    check(
      'epub',
      {
        'META-INF/container.xml': '<container><rootfiles><rootfile full-path="O/b.opf"/></rootfiles></container>',
        'O/b.opf':
          '<package><metadata><dc:title>Tides</dc:title><dc:creator>Ann</dc:creator></metadata><manifest><item id="x" href="two%20.xhtml"/><item id="y" href="one.xhtml"/></manifest><spine><itemref idref="y"/><itemref idref="x"/></spine></package>',
        'O/one.xhtml': '<html><body><h1>First</h1>\n<p>Low water.</p></body></html>',
        'O/two .xhtml': '<html><body><p>High water.</p></body></html>',
      },
      '# Tides\nBy Ann\n\n# First\nLow water.\n\nHigh water.\n',
    ));
});
