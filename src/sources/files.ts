import type { FileHandle } from 'node:fs/promises';
import * as vscode from 'vscode';
import { normalizeLineEnds } from '../engine/lineEnds.ts';
import type { SourcePart } from '../engine/source.ts';
import {
  detectDocumentKind,
  extractDocument,
  isTextKind,
  maxBytes,
  readStored,
  type DocumentKind,
  type ExtractDocument,
} from '../text/documents.ts';
import { extractPage } from '../text/html.ts';
import type { ReadText } from '../text/readText.ts';
import { mapLines } from '../text/sourceLines.ts';
import { streamBytes, pieceBytes } from './bytes.ts';
import { decodePieces, detectDecoding, isBlank, sampleBytes, type Decoding } from './decoding.ts';
import { withKeyMark } from './keyMark.ts';
import { cleanTitle, takeLinePieces, takeLines } from './lines.ts';
import { SourceError, type PartOutcome } from './outcome.ts';
import { isInside, nodeFs } from './platform.ts';
import { reasons, toReason, type Reason } from './reasons.ts';

/** Bytes. */
const holdBelow = 4 * 1024 * 1024;
/** Bytes to compare of a file that grew while it was read. */
const comparedBytes = 4096;

let extract: ExtractDocument = extractDocument;

/** Sets the reader of documents, once at activation. */
export function readDocumentsWith(reader: ExtractDocument): void {
  extract = reader;
}

/** How to read a file. */
export interface ReadOptions {
  readonly title?: string;
  readonly languageId?: string;
  /** Lines from 1, inclusive. */
  readonly lines?: { readonly first: number; readonly last: number };
  /** Folder that contains the files; links out of it are refused. */
  readonly root?: vscode.Uri;
  /** Whether to hold no text in memory, for large folders. */
  readonly lazy?: boolean;
}

/** In VS Code's language. */
export function describeReason(reason: Reason): string {
  return vscode.l10n.t(reasons[reason]);
}

/** Workspace-relative path, with the folder's name among several. */
export function getTitle(uri: vscode.Uri): string {
  const relative = vscode.workspace.asRelativePath(uri);
  return cleanTitle(relative === uri.fsPath ? (uri.path.split('/').pop() ?? relative) : relative) || uri.scheme;
}

/** Reads a file or its open document as a part; of a large one only the start. */
export async function readPart(uri: vscode.Uri, options: ReadOptions = {}): Promise<PartOutcome> {
  const outcome = await readUnmarked(uri, options);
  return 'part' in outcome ? { part: await withKeyMark(outcome.part, uri) } : outcome;
}

async function readUnmarked(uri: vscode.Uri, options: ReadOptions): Promise<PartOutcome> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open && (open.isDirty || open.isUntitled)) return createDocumentPart(open, options);
  if (vscode.workspace.fs.isWritableFileSystem(uri.scheme) === undefined) return readDocument(uri, options);
  try {
    return await readFile(uri, options);
  } catch (error) {
    if (error instanceof SourceError) return { reason: error.message };
    return { reason: describeReason(toReason(error)) };
  }
}

/** Saved or not. */
export async function createDocumentPart(
  document: vscode.TextDocument,
  options: ReadOptions = {},
): Promise<PartOutcome> {
  const languageId = options.languageId ?? document.languageId;
  const outcome = await createTextPart(document.uri, document.getText(), { ...options, languageId });
  return 'part' in outcome ? { part: await withKeyMark(outcome.part, document.uri) } : outcome;
}

/** Reads documents without a file system: output, search results. */
async function readDocument(uri: vscode.Uri, options: ReadOptions): Promise<PartOutcome> {
  try {
    return createDocumentPart(await vscode.workspace.openTextDocument(uri), options);
  } catch {
    return { reason: describeReason('missing') };
  }
}

async function createTextPart(uri: vscode.Uri, decoded: string, options: ReadOptions): Promise<PartOutcome> {
  const text = normalizeLineEnds(decoded);
  const { lines } = options;
  const stored = await readStored(text);
  if (stored) return toPart(uri, stored, options);
  const page =
    detectDocumentKind(uri.path) === 'html' || options.languageId === 'html' ? await extractPage(text) : undefined;
  const readable = page ?? text;
  const chosen = lines ? takeLines(readable, lines.first, lines.last) : readable;
  if (chosen.length === 0) return { reason: describeReason('empty') };
  if (isBlank(chosen)) return { reason: describeReason('blank') };
  const languageId = page === undefined ? options.languageId : 'plaintext';
  return { part: { ...base(uri, options), languageId, text: chosen } };
}

/** Lines are those of the text. */
function toPart(uri: vscode.Uri, { text, lines, languageId }: ReadText, options: ReadOptions): PartOutcome {
  const { first, last } = options.lines ?? { first: 1, last: Number.POSITIVE_INFINITY };
  const chosen = options.lines ? takeLines(text, first, last) : text;
  if (isBlank(chosen)) return { reason: describeReason(chosen === '' ? 'empty' : 'blank') };
  const places = lines && mapLines(uri.toString(), lines.slice(first - 1, last));
  return { part: { ...base(uri, options), languageId, text: chosen, ...(places ? { places, startLine: 1 } : {}) } };
}

function base(uri: vscode.Uri, options: ReadOptions): Omit<SourcePart, 'text'> {
  return {
    uri: uri.toString(),
    title: options.title ?? getTitle(uri),
    languageId: options.languageId,
    startLine: options.lines?.first ?? 1,
  };
}

async function readFile(uri: vscode.Uri, options: ReadOptions): Promise<PartOutcome> {
  const stat = await vscode.workspace.fs.stat(uri);
  if (stat.type & vscode.FileType.Directory) return { reason: describeReason('folder') };
  if (!(stat.type & vscode.FileType.File)) return { reason: describeReason('special') };
  if (options.root && uri.scheme === 'file' && !(await isInside(options.root.fsPath, uri.fsPath)))
    return { reason: describeReason('outside') };
  const kind = detectDocumentKind(uri.path);
  if (kind && kind !== 'html') return readDocumentFile(uri, kind, stat.size, options);
  const local = uri.scheme === 'file' ? nodeFs : undefined;
  // a file system may not know sizes (virtual ones report 0)
  if (!local || (stat.size < holdBelow && !options.lazy))
    return heldPart(uri, await vscode.workspace.fs.readFile(uri), options);
  if (stat.size === 0) return { reason: describeReason('empty') };
  const decoding = await findDecoding(uri.fsPath, stat.size);
  if (!decoding) return { reason: describeReason('binary') };
  const read = (): AsyncIterable<string> =>
    readPieces(uri.fsPath, decoding, cleanTitle(uri.path.split('/').pop() ?? ''));
  const { lines } = options;
  const text = lines ? () => takeLinePieces(read(), lines.first, lines.last) : read;
  return { part: { ...base(uri, options), bytes: stat.size, text } };
}

function heldPart(uri: vscode.Uri, bytes: Uint8Array, options: ReadOptions): PartOutcome | Promise<PartOutcome> {
  if (bytes.length === 0) return { reason: describeReason('empty') };
  const decoding = detectDecoding(bytes.subarray(0, sampleBytes), bytes.length <= sampleBytes);
  if (!decoding) return { reason: describeReason('binary') };
  if (bytes.length < holdBelow) return decode(uri, bytes, decoding).then((text) => createTextPart(uri, text, options));
  const { lines } = options;
  const read = (): AsyncIterable<string> => decodePieces(cut(bytes), decoding);
  return {
    part: {
      ...base(uri, options),
      bytes: bytes.length,
      text: lines ? () => takeLinePieces(read(), lines.first, lines.last) : read,
    },
  };
}

function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

/** Decodes bytes; uses the user's setting if they are ambiguous. */
async function decode(uri: vscode.Uri, bytes: Uint8Array, decoding: Decoding): Promise<string> {
  const files = vscode.workspace.getConfiguration('files', uri);
  const chosen = files.get<string>('encoding', 'utf8') !== 'utf8' || files.get<boolean>('autoGuessEncoding', false);
  if (!decoding.sure && chosen) return vscode.workspace.decode(bytes, { uri });
  return new TextDecoder(decoding.encoding).decode(bytes);
}

async function readDocumentFile(
  uri: vscode.Uri,
  kind: Exclude<DocumentKind, 'html'>,
  size: number,
  options: ReadOptions,
): Promise<PartOutcome> {
  if (size > maxBytes) return { reason: describeReason('too-large') };
  const bytes = await vscode.workspace.fs.readFile(uri);
  const extracted = await extract(kind, bytes);
  if ('reason' in extracted && isTextKind(kind)) return heldPart(uri, bytes, options);
  return 'reason' in extracted ? { reason: describeReason(extracted.reason) } : toPart(uri, extracted, options);
}

async function findDecoding(path: string, size: number): Promise<Decoding | undefined> {
  const handle = await nodeFs!.promises.open(path, 'r');
  try {
    for await (const head of streamBytes(handle, sampleBytes)) return detectDecoding(head, head.length >= size);
    return undefined;
  } finally {
    await handle.close();
  }
}

/** Reads a growing log up to its size at the start. */
async function* readPieces(path: string, decoding: Decoding, title: string): AsyncGenerator<string> {
  const fs = nodeFs!;
  const changed = (): SourceError =>
    new SourceError(vscode.l10n.t('“{0}” changed while it was read. Start again.', title), 'again');
  const handle = await fs.promises.open(path, 'r').catch((error: unknown) => {
    throw new SourceError(`${title}: ${describeReason(toReason(error))}`);
  });
  try {
    const before = await handle.stat();
    let bytes = 0;
    let beginning: Uint8Array | undefined;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const piece of streamBytes(handle, before.size)) {
        bytes += piece.length;
        beginning ??= piece.slice(0, comparedBytes);
        yield piece;
      }
    };
    yield* decodePieces(counted(), decoding);
    const after = await handle.stat();
    if (
      bytes !== before.size ||
      after.size < before.size ||
      (after.size === before.size && after.mtimeMs !== before.mtimeMs) ||
      (after.size > before.size && beginning && !(await beginsWith(handle, beginning)))
    )
      throw changed();
  } finally {
    await handle.close().catch(() => undefined);
  }
}

async function beginsWith(handle: FileHandle, beginning: Uint8Array): Promise<boolean> {
  const now = new Uint8Array(beginning.length);
  const { bytesRead } = await handle.read(now, 0, now.length, 0);
  return bytesRead === now.length && now.every((byte, at) => byte === beginning[at]);
}
