/** Extracts text from documents that are no text files. Loads the large libraries with the first document. */
import { normalizeLineEnds } from '../engine/lineEnds.ts';
import { htmlToText, pageToText } from './html.ts';
import { isMail, readMail } from './mail.ts';
import { isNotebook, readNotebook } from './notebook.ts';
import { isReadPart, type OfficeKind } from './office.ts';
import type { ReadText } from './readText.ts';
import { pdfUnpacksBeyond, exceedsUnpackedSize } from './unpackedSize.ts';

/** Documents that need a library. */
export type DocumentKind = 'pdf' | 'docx' | 'html' | 'mail' | 'notebook' | OfficeKind;

/** Maximum size of a document, bytes. */
export const maxBytes = 64 * 1024 * 1024;
/** Maximum unpacked XML of a document, bytes; its library builds a much larger tree. */
export const maxXmlBytes = 64 * 1024 * 1024;
/** Maximum unpacked size of a PDF's streams, without its images. */
export const maxPdfBytes = 256 * 1024 * 1024;
const maxPages = 5_000;

type Extracted = ReadText | { readonly reason: 'damaged' | 'no-words' | 'too-large' | 'no-browser' };

/** By extension; undefined for text files. */
export function detectDocumentKind(path: string): DocumentKind | undefined {
  const extension = /\.([a-z]{3,5})$/i.exec(path)?.[1]?.toLowerCase() ?? '';
  return kindsOfExtensions.get(extension);
}

const kindsOfExtensions: ReadonlyMap<string, DocumentKind> = new Map([
  ...(['pdf', 'docx', 'pptx', 'xlsx', 'odt', 'epub'] as const).map((kind) => [kind, kind] as const),
  ...(['html', 'htm', 'xhtml'] as const).map((extension) => [extension, 'html'] as const),
  ...(['eml', 'mbox'] as const).map((extension) => [extension, 'mail'] as const),
  ['ipynb', 'notebook'],
]);

/** Whether files of the kind are text, so that a damaged one is read as plain text. */
export const isTextKind = (kind: DocumentKind): boolean => kind === 'mail' || kind === 'notebook';

/** Detects by content a text that is not read as it is stored; undefined for all others. */
export function storedKind(text: string): 'mail' | 'notebook' | undefined {
  if (isMail(text)) return 'mail';
  return isNotebook(text) ? 'notebook' : undefined;
}

/** Converts a stored text to what is read; undefined for other text, and if it is unreadable. */
export async function readStored(text: string): Promise<ReadText | undefined> {
  const kind = storedKind(text);
  if (!kind) return undefined;
  const read = await extractDocument(kind, new TextEncoder().encode(text));
  return 'reason' in read ? undefined : read;
}

/** Job of `worker.ts`, because laying out a page would block the editor's thread. */
export function documentJob(input: unknown): Promise<Extracted> {
  const { kind, bytes } = input as DocumentInput;
  return extractDocument(kind, bytes);
}

interface DocumentInput {
  readonly kind: DocumentKind;
  readonly bytes: Uint8Array;
}
/** Reads the words of a document. */
export type ExtractDocument = (kind: DocumentKind, bytes: Uint8Array) => Promise<Extracted>;

/** Extracts in the worker, or on this thread if there is none. */
export function createDocumentReader(
  worker: { run(job: string, input: unknown): Promise<unknown> } | undefined,
): ExtractDocument {
  if (!worker) return extractDocument;
  return async (kind, bytes) => {
    const input: DocumentInput = { kind, bytes };
    return (await worker.run('document', input).catch(() => ({ reason: 'damaged' }))) as Extracted;
  };
}

/** Extracts a document's text; a heading line precedes each page of a PDF. */
export async function extractDocument(kind: DocumentKind, bytes: Uint8Array): Promise<Extracted> {
  if (bytes.length > maxBytes) return { reason: 'too-large' };
  try {
    const isPacked = kind === 'docx' || isOffice(kind);
    if (isPacked && (await exceedsUnpackedSize(bytes, maxXmlBytes, isReadPart))) return { reason: 'too-large' };
    if (kind === 'pdf' && pdfUnpacksBeyond(bytes, maxPdfBytes)) return { reason: 'too-large' };
    const read = await readKind(kind, bytes);
    return /\S/.test(read.text.replace(/^#+ (?:Page|Slide) \d+$/gm, '')) ? read : { reason: 'no-words' };
  } catch {
    return { reason: 'damaged' };
  }
}

const isOffice = (kind: DocumentKind): kind is OfficeKind => /^(?:pptx|xlsx|odt|epub)$/.test(kind);

async function readKind(kind: DocumentKind, bytes: Uint8Array): Promise<ReadText> {
  if (isOffice(kind)) return (await import('./office.ts')).readOffice(kind, bytes);
  if (kind === 'mail') return readMail(bytes);
  if (kind === 'notebook') return readNotebook(normalizeLineEnds(new TextDecoder().decode(bytes)));
  if (kind === 'pdf') return { text: await extractPdf(bytes), languageId: 'plaintext' };
  if (kind === 'docx') return { text: await extractDocx(bytes), languageId: 'plaintext' };
  return { text: await pageToText(normalizeLineEnds(new TextDecoder().decode(bytes))), languageId: 'plaintext' };
}

async function extractPdf(bytes: Uint8Array): Promise<string> {
  const { extractText, getDocumentProxy } = await import('unpdf');
  // a copy, because the library takes ownership of the bytes
  const document = await getDocumentProxy(bytes.slice(), { verbosity: 0 });
  try {
    if (document.numPages > maxPages) throw new Error('too many pages');
    const { text } = await extractText(document, { mergePages: false });
    return text.map((page, i) => `# Page ${i + 1}\n\n${joinHyphens(page).trim()}\n`).join('\n');
  } finally {
    await document.loadingTask.destroy();
  }
}

function joinHyphens(page: string): string {
  return page.replace(/(\p{Ll})[-\u00ad]\n(?=\p{Ll})/gu, '$1');
}

async function extractDocx(bytes: Uint8Array): Promise<string> {
  const mammoth = (await import('mammoth')).default;
  const noPictures = mammoth.images.imgElement(async () => ({ src: '' }));
  const { value } = await mammoth.convertToHtml(documentInput(bytes), { convertImage: noPictures });
  return cleanMarkdown(value);
}

/** Node's build of the library takes a buffer, the browser's an array buffer. */
function documentInput(bytes: Uint8Array): { buffer: Buffer } {
  if (typeof Buffer === 'function') return { buffer: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
  return { arrayBuffer: bytes.slice().buffer } as unknown as { buffer: Buffer };
}

/** Converts headings, lists and paragraphs to lines; drops everything else. */
async function cleanMarkdown(html: string): Promise<string> {
  const broken = html
    .replace(/<h([1-6])[^<>]*>/g, (_, level: string) => `\n\n${'#'.repeat(Number(level))} `)
    .replace(/<li[^<>]*>/g, '\n- ')
    .replace(/<\/(?:td|th)>/g, ' | ')
    .replace(/<(?:p|tr|table|br)[^<>]*>|<\/(?:h[1-6]|ul|ol|table)>/g, '\n');
  return (await htmlToText(broken)).replace(/\n{3,}/g, '\n\n').trim() + '\n';
}
