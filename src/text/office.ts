/** Extracts text from office files and books (ZIP archives of XML), after checking their unpacked size. */
import { htmlToText } from './html.ts';
import type { ReadText } from './readText.ts';

/** Zip files of XML. */
export type OfficeKind = 'pptx' | 'xlsx' | 'odt' | 'epub';

/** Whether an archive's part is read. */
export const isReadPart = (name: string): boolean => /\.(?:xml|rels|x?html?|opf|ncx)$/i.test(name);

type Parts = Readonly<Record<string, string>>;

/**
 * Reads the words of a presentation, workbook, document or book.
 * @throws if damaged
 */
export async function readOffice(kind: OfficeKind, bytes: Uint8Array): Promise<ReadText> {
  const { unzipSync, strFromU8 } = await import('fflate');
  const files = unzipSync(bytes, { filter: ({ name }) => isReadPart(name) });
  const parts = Object.fromEntries(Object.entries(files).map(([name, data]) => [name, strFromU8(data)]));
  switch (kind) {
    case 'pptx':
      return markdown(await readSlides(parts));
    case 'xlsx':
      return readSheets(parts);
    case 'odt':
      return markdown(await openDocument(parts['content.xml'] ?? ''));
    case 'epub':
      return markdown(await readChapters(parts));
  }
}

const markdown = (text: string): ReadText => ({
  text: `${text
    .replace(/(?<![ \t])[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`,
  languageId: 'markdown',
});

interface Tag {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}
interface Visitor {
  open?(tag: Tag, path: readonly string[]): void;
  text?(text: string, path: readonly string[]): void;
  close?(name: string, path: readonly string[]): void;
}

async function visit(xml: string, visitor: Visitor): Promise<void> {
  const { Parser } = await import('htmlparser2');
  const path: string[] = [];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        path.push(name);
        visitor.open?.({ name, attributes }, path);
      },
      ontext: (text) => visitor.text?.(text, path),
      onclosetag(name) {
        visitor.close?.(name, path);
        path.pop();
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.write(xml);
  parser.end();
}

async function readRelations(parts: Parts, part: string): Promise<Map<string, { target: string; type: string }>> {
  const cut = part.lastIndexOf('/');
  const folder = part.slice(0, cut + 1);
  const found = new Map<string, { target: string; type: string }>();
  await visit(parts[`${folder}_rels/${part.slice(cut + 1)}.rels`] ?? '', {
    open({ name, attributes: { Id = '', Target = '', Type = '' } }) {
      if (name === 'Relationship') found.set(Id, { target: resolved(folder, Target), type: Type });
    },
  });
  return found;
}

function resolved(folder: string, target: string): string {
  if (target.startsWith('/')) return target.slice(1);
  const steps: string[] = [];
  for (const step of `${folder}${target}`.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '.' && step !== '') steps.push(step);
  }
  return steps.join('/');
}

async function readSlides(parts: Parts): Promise<string> {
  const ids: string[] = [];
  await visit(parts['ppt/presentation.xml'] ?? '', {
    open({ name, attributes }) {
      if (name === 'p:sldId') ids.push(attributes['r:id'] ?? '');
    },
  });
  const targets = await readRelations(parts, 'ppt/presentation.xml');
  const out: string[] = [];
  for (const [i, id] of ids.entries()) {
    const part = targets.get(id)?.target ?? '';
    const { title, lines } = await readShapes(parts[part] ?? '');
    out.push(`## Slide ${i + 1}${title ? `: ${title}` : ''}`, '', ...lines, '');
    const notes = [...(await readRelations(parts, part)).values()].find(({ type }) => type.endsWith('/notesSlide'));
    const said = notes ? (await readShapes(parts[notes.target] ?? '')).lines : [];
    if (said.length > 0) out.push('Notes:', ...said, '');
  }
  return out.join('\n');
}

/** Reads paragraphs of shapes, without page numbers, dates and footers. */
async function readShapes(xml: string): Promise<{ title: string; lines: string[] }> {
  const lines: string[] = [];
  let title = '';
  let role = '';
  let words = '';
  await visit(xml, {
    open({ name, attributes }) {
      if (name === 'p:sp') role = '';
      else if (name === 'p:ph') role = attributes['type'] ?? 'body';
      else if (name === 'a:br') words += ' ';
    },
    text(text, path) {
      if (path.at(-1) === 'a:t') words += text;
    },
    close(name, path) {
      if (name !== 'a:p') return;
      const line = words.replace(/\s+/g, ' ').trim();
      words = '';
      if (line === '' || /^(?:sldNum|dt|ftr|hdr)$/.test(role)) return;
      if (/^(?:title|ctrTitle)$/.test(role)) title = title ? `${title} ${line}` : line;
      else lines.push(path.includes('a:tc') ? `| ${line} |` : `- ${line}`);
    },
  });
  return { title, lines };
}

interface Sheet {
  readonly name: string;
  readonly rows: string[][];
}

/** Several sheets get headings. */
async function readSheets(parts: Parts): Promise<ReadText> {
  const read = (await listSheets(parts)).filter(({ rows }) => rows.length > 0);
  const csv = (rows: readonly string[][]): string => rows.map((row) => row.map(readCell).join(',')).join('\n');
  if (read.length === 1) return { text: `${csv(read[0]!.rows)}\n`, languageId: 'csv' };
  return markdown(read.map(({ name, rows }) => `## Sheet ${name}\n\n${csv(rows)}\n`).join('\n'));
}

const readCell = (cell: string): string => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

async function listSheets(parts: Parts): Promise<Sheet[]> {
  const named: { name: string; id: string }[] = [];
  let from1904 = false;
  await visit(parts['xl/workbook.xml'] ?? '', {
    open({ name, attributes }) {
      if (name === 'sheet') named.push({ name: attributes['name'] ?? '', id: attributes['r:id'] ?? '' });
      if (name === 'workbookPr') from1904 = /^(?:1|true)$/.test(attributes['date1904'] ?? '');
    },
  });
  const shared = await readSharedStrings(parts['xl/sharedStrings.xml'] ?? '');
  const dates = await readDateStyles(parts['xl/styles.xml'] ?? '');
  const targets = await readRelations(parts, 'xl/workbook.xml');
  const out: Sheet[] = [];
  for (const { name, id } of named) {
    const rows = await readRows(
      parts[targets.get(id)?.target ?? ''] ?? '',
      shared,
      (style) => dates.has(style),
      from1904,
    );
    out.push({ name, rows });
  }
  return out;
}

async function readSharedStrings(xml: string): Promise<string[]> {
  const strings: string[] = [];
  await visit(xml, {
    open({ name }) {
      if (name === 'si') strings.push('');
    },
    text(text, path) {
      if (path.at(-1) === 't' && !path.includes('rPh')) strings[strings.length - 1] += text;
    },
  });
  return strings;
}

async function readDateStyles(xml: string): Promise<Set<number>> {
  const formats = new Set([14, 15, 16, 17, 22, 27, 30, 36, 50, 57]);
  const styles = new Set<number>();
  let index = 0;
  await visit(xml, {
    open({ name, attributes }, path) {
      const id = Number(attributes['numFmtId']);
      if (name === 'numFmt') {
        const code = (attributes['formatCode'] ?? '').replace(/"[^"]*(?:"|$)|\[[^\]]*(?:\]|$)|\\./g, '');
        if (/[dy]/i.test(code)) formats.add(id);
      } else if (name === 'xf' && path.at(-2) === 'cellXfs') {
        if (formats.has(id)) styles.add(index);
        index++;
      }
    },
  });
  return styles;
}

async function readRows(
  xml: string,
  shared: readonly string[],
  isDate: (style: number) => boolean,
  from1904: boolean,
): Promise<string[][]> {
  const rows: string[][] = [];
  let row: string[] = [];
  let column = 0;
  let type = '';
  let style = -1;
  let value = '';
  await visit(xml, {
    open({ name, attributes }) {
      if (name === 'row') {
        row = [];
        column = 0;
      } else if (name === 'c') {
        column = parseColumn(attributes['r'] ?? '') ?? column;
        type = attributes['t'] ?? 'n';
        style = Number(attributes['s'] ?? -1);
        value = '';
      }
    },
    text(text, path) {
      if (path.at(-1) === 'v' || (path.at(-1) === 't' && path.includes('is'))) value += text;
    },
    close(name) {
      if (name === 'c') {
        while (row.length < column) row.push('');
        row[column++] = formatValue(value, type, isDate(style), shared, from1904);
      } else if (name === 'row' && row.some((cell) => cell !== '')) rows.push(row);
    },
  });
  const width = rows.reduce((most, one) => Math.max(most, one.length), 0);
  return rows.map((one) => [...one, ...new Array<string>(width - one.length).fill('')]);
}

const maxColumns = 16_384;

function parseColumn(reference: string): number | undefined {
  const letters = /^[A-Z]{1,3}/.exec(reference)?.[0];
  if (!letters) return undefined;
  const column = [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1;
  return column < maxColumns ? column : undefined;
}

function formatValue(
  value: string,
  type: string,
  isDate: boolean,
  shared: readonly string[],
  from1904: boolean,
): string {
  if (type === 's') return shared[Number(value)] ?? '';
  if (type === 'b') return value === '1' ? 'TRUE' : 'FALSE';
  if (type !== 'n' || !isDate || value === '') return value;
  const days = Number(value) + (from1904 ? 1462 : 0);
  const date = new Date(Math.round((days - 25_569) * 86_400_000));
  if (Number.isNaN(date.getTime())) return value;
  const iso = date.toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso.slice(0, 19).replace('T', ' ');
}

async function openDocument(xml: string): Promise<string> {
  const out: string[] = [];
  let words = '';
  let level = 0;
  let hidden = 0;
  await visit(xml, {
    open({ name, attributes }) {
      if (/^(?:office:annotation|text:tracked-changes|draw:object)$/.test(name)) hidden++;
      else if (name === 'text:h') level = Math.min(6, Math.max(1, Number(attributes['text:outline-level'] ?? 1)));
      else if (name === 'text:s') words += ' ';
      else if (name === 'text:tab') words += '\t';
      else if (name === 'text:line-break') words += '\n';
      else if (name === 'table:table-row') out.push('');
    },
    text(text, path) {
      if (hidden === 0 && path.some((one) => one === 'text:p' || one === 'text:h')) words += text.replace(/\s+/g, ' ');
    },
    close(name, path) {
      if (/^(?:office:annotation|text:tracked-changes|draw:object)$/.test(name)) hidden--;
      if (name !== 'text:p' && name !== 'text:h') return;
      const line = words.trim();
      words = '';
      if (line === '') return;
      if (name === 'text:h') out.push('', `${'#'.repeat(level)} ${line}`, '');
      else if (path.includes('table:table-cell'))
        out[out.length - 1] += out.at(-1) === '' ? `| ${line} |` : ` ${line} |`;
      else out.push(path.includes('text:list-item') ? `- ${line}` : `${line}\n`);
    },
  });
  return out.join('\n');
}

async function readChapters(parts: Parts): Promise<string> {
  let opf = '';
  await visit(parts['META-INF/container.xml'] ?? '', {
    open({ name, attributes }) {
      if (name === 'rootfile' && opf === '') opf = attributes['full-path'] ?? '';
    },
  });
  const folder = opf.slice(0, opf.lastIndexOf('/') + 1);
  const items = new Map<string, string>();
  const spine: string[] = [];
  const about = { title: '', creator: '' };
  await visit(parts[opf] ?? '', {
    open({ name, attributes }) {
      if (/(?:^|:)item$/.test(name)) items.set(attributes['id'] ?? '', attributes['href'] ?? '');
      else if (/(?:^|:)itemref$/.test(name)) spine.push(attributes['idref'] ?? '');
    },
    text(text, path) {
      if (path.at(-1) === 'dc:title') about.title += text;
      else if (path.at(-1) === 'dc:creator') about.creator += text;
    },
  });
  const out = about.title ? [`# ${about.title}`, about.creator && `By ${about.creator}`, ''] : [];
  for (const id of spine) {
    const page = parts[resolved(folder, decodeName(items.get(id) ?? ''))];
    if (page) out.push(await htmlToText(page), '');
  }
  return out.join('\n');
}

function decodeName(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}
