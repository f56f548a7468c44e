/** Builds a `Source` from paths and standard input, with Node only; lists skipped files with reasons. */
import { open, realpath, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pLimit from 'p-limit';
import type { Yield } from '../engine/ports.ts';
import type { Source, SourcePart } from '../engine/source.ts';
import { streamBytes } from '../sources/bytes.ts';
import { classifyFile } from '../sources/classify.ts';
import { decodePieces, detectDecoding, isBlank, sampleBytes, type Decoding } from '../sources/decoding.ts';
import { ignoreFileNames, noRules, withIgnoreFile, type IgnoreRules } from '../sources/ignoreRules.ts';
import { cleanTitle } from '../sources/lines.ts';
import { createLocalTree } from '../sources/localTree.ts';
import { leadsOut } from '../sources/platform.ts';
import { reasons, toReason, type Reason } from '../sources/reasons.ts';
import { walk } from '../sources/walk.ts';
import { detectDocumentKind, isTextKind, readStored, type ExtractDocument } from '../text/documents.ts';
import type { ReadText } from '../text/readText.ts';
import { mapLines } from '../text/sourceLines.ts';

/** Files above this many bytes are read in pieces on demand. */
const holdBelow = 4 * 1024 * 1024;
/** Maximum entries visited per folder tree. */
const maxEntries = 60_000;
const maxFilesAtOnce = 16;

/** A named input cannot be read; the message says why. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Options for reading inputs. */
interface InputOptions {
  readonly cwd: string;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly extract: ExtractDocument;
  readonly yield: Yield;
  readonly signal: AbortSignal;
}

/** The inputs that were read. */
export interface Inputs {
  readonly source: Source;
  /** Titles of files in `source`. */
  readonly keyFiles: readonly string[];
}

interface Found {
  readonly path: string;
  /** Walked folder that the file must be inside. */
  readonly root?: string;
}

/**
 * Reads files, folders, and `-` for standard input. Skips and lists key files inside folders; reads those
 * named directly and lists them in `keyFiles`.
 * @throws InputError if nothing can be read
 */
export async function readInputs(paths: readonly string[], options: InputOptions): Promise<Inputs> {
  const skipped: { uri: string; reason: string }[] = [];
  const found: Found[] = [];
  const parts: (SourcePart | undefined)[] = [];
  const keyFiles: string[] = [];
  for (const name of paths) {
    if (name === '-') {
      parts.push(await readStdin(options));
      continue;
    }
    const path = resolve(options.cwd, name);
    const info = await stat(path).catch(() => undefined);
    if (!info) throw new InputError(`${name} does not exist.`);
    if (info.isDirectory()) await addFolder(path, options, found, skipped);
    else {
      found.push({ path });
      if (await isKeyFile(path)) keyFiles.push(toTitle(path, options.cwd));
    }
  }
  const limit = pLimit(maxFilesAtOnce);
  const outcomes = await Promise.all(found.map((file) => limit(() => readFile(file, options))));
  outcomes.forEach((outcome, i) => {
    if (typeof outcome !== 'string') parts.push(outcome);
    else skipped.push({ uri: pathToFileURL(found[i]!.path).toString(), reason: reasons[outcome] });
  });
  const read = parts.filter((part) => part !== undefined);
  if (read.length === 0) {
    const [first] = skipped;
    throw new InputError(
      first && paths.length === 1 && skipped.length === 1
        ? `${paths[0]}: ${first.reason}`
        : 'There is no text to summarize.',
    );
  }
  const title =
    read.length === 1
      ? read[0]!.title
      : paths.length === 1
        ? basename(resolve(options.cwd, paths[0]!))
        : `${read.length} files`;
  const shape = read.length > 1 || skipped.length > 0 ? 'folder' : 'text';
  return { source: { title: cleanTitle(title), parts: read, skipped, shape }, keyFiles };
}

/** Also checks a link's target. */
async function isKeyFile(path: string): Promise<boolean> {
  const real = await realpath(path).catch(() => path);
  return [path, real].some((one) => classifyFile(basename(one)) === 'secret');
}

async function readStdin({ stdin }: InputOptions): Promise<SourcePart | undefined> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stdin) pieces.push(piece);
  const bytes = Buffer.concat(pieces);
  const decoding = detectDecoding(bytes.subarray(0, sampleBytes), bytes.length <= sampleBytes);
  if (bytes.length === 0) throw new InputError('Standard input is empty.');
  if (!decoding) throw new InputError('Standard input is not text.');
  const text = (await collect(decodePieces([bytes], decoding))).join('');
  if (isBlank(text)) return undefined;
  const base = { title: 'standard input', startLine: 1 };
  const stored = await readStored(text);
  return stored ? toPart(base, stored) : { ...base, bytes: bytes.length, text };
}

async function addFolder(
  folder: string,
  options: InputOptions,
  found: Found[],
  skipped: { uri: string; reason: string }[],
): Promise<void> {
  const rules = await readRulesAbove(folder);
  const walked = await walk(createLocalTree(folder), rules, { entries: maxEntries }, options.yield, options.signal);
  for (const { path, picked, reason } of walked.candidates) {
    const file = resolve(folder, path);
    if (picked) found.push({ path: file, root: folder });
    else skipped.push({ uri: pathToFileURL(file).toString(), reason: reason ? reasons[reason] : '' });
  }
  if (walked.truncated) skipped.push({ uri: '', reason: reasons['too-many'] });
}

/** Rules from the repository root (nearest folder with `.git`) down to the folder. */
async function readRulesAbove(folder: string): Promise<IgnoreRules> {
  const above: string[] = [];
  let root = folder;
  while (!(await exists(resolve(root, '.git')))) {
    const parent = dirname(root);
    if (parent === root) return noRules;
    above.unshift(parent);
    root = parent;
  }
  let rules: IgnoreRules = noRules;
  for (const level of above) {
    for (const name of ignoreFileNames) {
      const content = await readText(resolve(level, name));
      if (content) rules = withIgnoreFile(rules, slashed(relative(root, level)), content);
    }
  }
  return { ...rules, base: slashed(relative(root, folder)) };
}

const slashed = (path: string): string => path.split('\\').join('/');
const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

async function readText(path: string): Promise<string> {
  const handle = await open(path, 'r').catch(() => undefined);
  if (!handle) return '';
  try {
    return (await handle.stat()).isFile() ? await handle.readFile('utf8') : '';
  } finally {
    await handle.close();
  }
}

async function readFile({ path, root }: Found, options: InputOptions): Promise<SourcePart | Reason> {
  try {
    const info = await stat(path);
    if (!info.isFile()) return 'special';
    if (info.size === 0) return 'empty';
    if (root && leadsOut(relative(await realpath(root), await realpath(path)))) return 'outside';
    const base = { uri: pathToFileURL(path).toString(), title: toTitle(path, options.cwd), startLine: 1 };
    const kind = detectDocumentKind(path);
    if (kind) {
      const extracted = await options.extract(kind, await readBytes(path));
      if (!('reason' in extracted)) return toPart(base, extracted);
      if (!isTextKind(kind)) return extracted.reason;
    }
    const decoding = await withFile(path, (handle) => findDecoding(handle, info.size));
    if (!decoding) return 'binary';
    const read = (): AsyncIterable<string> => readPieces(path, decoding, base.title);
    if (info.size >= holdBelow) return { ...base, bytes: info.size, text: read };
    const text = (await collect(read())).join('');
    if (isBlank(text)) return 'blank';
    const stored = await readStored(text);
    return stored ? toPart(base, stored) : { ...base, bytes: info.size, text };
  } catch (error) {
    return toReason(error);
  }
}

function toPart(base: Omit<SourcePart, 'text'>, { text, lines, languageId }: ReadText): SourcePart {
  const places = lines && base.uri ? { places: mapLines(base.uri, lines) } : {};
  return { ...base, languageId, text, ...places };
}

const toTitle = (path: string, cwd: string): string => {
  const inner = relative(cwd, path);
  return cleanTitle(slashed(inner && !leadsOut(inner) ? inner : path));
};

async function withFile<T>(path: string, use: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await open(path, 'r');
  try {
    return await use(handle);
  } finally {
    await handle.close();
  }
}

const readBytes = (path: string): Promise<Uint8Array> => withFile(path, (handle) => handle.readFile());

async function findDecoding(handle: FileHandle, size: number): Promise<Decoding | undefined> {
  for await (const head of streamBytes(handle, sampleBytes)) return detectDecoding(head, head.length >= size);
  return undefined;
}

/** Reads up to the size at the start: a log may grow meanwhile. */
async function* readPieces(path: string, decoding: Decoding, title: string): AsyncGenerator<string> {
  const handle = await open(path, 'r');
  try {
    const before = await handle.stat();
    yield* decodePieces(streamBytes(handle, before.size), decoding);
    const after = await handle.stat();
    if (after.size < before.size) throw new InputError(`${title} changed while it was read. Start again.`);
  } finally {
    await handle.close();
  }
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
