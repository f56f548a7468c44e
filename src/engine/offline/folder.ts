import type { Kind } from '../source.ts';
import type { Yield } from '../ports.ts';
import { createOutline } from '../read/code/outline.ts';
import { readDiff } from '../read/unifiedDiff.ts';
import { nameLog } from './log.ts';
import { createWording, kindNames, offlinePhrases, type Wording } from './phrases.ts';
import { findOpening } from './prose.ts';
import { toPlain } from './sentences.ts';
import { nameTable } from './table.ts';
import type { OfflineInput, OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line, readLines, shorten } from './view.ts';

const linesLooked = 400;

interface FileNote {
  readonly part: number;
  readonly folder: string;
  readonly name: string;
  readonly kind: Kind;
  readonly lines: number;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** Returns points on what folders contain and what files are for. */
export async function readFolder(input: OfflineInput, yieldNow: Yield): Promise<Point[]> {
  const notes: FileNote[] = [];
  const wording = input.wording ?? createWording();
  let work = 0;
  for (const [part, source] of input.parts.entries()) {
    const lines = await readLines(source, yieldNow);
    work += 20_000 + Math.min(source.prepared.length, 200_000);
    notes.push(await describeFile(source, part, lines, wording, yieldNow));
    if (work > 200_000) {
      work = 0;
      await yieldNow();
    }
  }
  const shared = findSharedFolder(notes.map((note) => note.folder));
  const folders = new Map<string, FileNote[]>();
  for (const note of notes) {
    const name = getTopFolder(note.folder.slice(shared.length).replace(/^\//, ''), notes.length);
    folders.set(name, [...(folders.get(name) ?? []), note]);
  }
  const one = isOneDocument(input.parts);
  return [
    describeFolder(notes, one ? 0 : folders.size, wording),
    ...[...folders].flatMap(([name, files]) => createFolderPoints(name, files, one ? 0 : folders.size, wording)),
  ];
}

/** Whether the parts are selections of one document or cells of one notebook. */
function isOneDocument(parts: readonly OfflinePart[]): boolean {
  const place = (uri: string): string => uri.replace(/#[^]*$/, '').replace(/^[\w-]+:/, '');
  const first = parts[0]?.uri;
  return first !== undefined && parts.every(({ uri }) => uri !== undefined && place(uri) === place(first));
}

/** @param folders 0: the parts are of one document */
function describeFolder(notes: readonly FileNote[], folders: number, wording: Wording): Point {
  const { translate, count } = wording;
  const kinds = new Map<Kind, number>();
  for (const note of notes) kinds.set(note.kind, (kinds.get(note.kind) ?? 0) + 1);
  const told = [...kinds]
    .sort((a, b) => b[1] - a[1])
    .map(([kind, n]) => `${wording.figure(n)} ${translate(kindNames[kind])}`);
  const lines = notes.reduce((sum, note) => sum + note.lines, 0);
  const size =
    folders === 0
      ? count(notes.length, offlinePhrases.part, offlinePhrases.parts)
      : translate(
          offlinePhrases.filesIn,
          count(notes.length, offlinePhrases.file, offlinePhrases.filesOf),
          count(folders, offlinePhrases.folder, offlinePhrases.folders),
        );
  const readme = notes.find((note) => /^readme/i.test(note.name)) ?? notes[0];
  return {
    section: '',
    plain: true,
    text: `${size}, ${count(lines, offlinePhrases.line, offlinePhrases.lines)}: ${told.join(', ')}.`,
    cite: readme ? [cite(readme.part, readme.from, readme.to)] : [],
    weight: 9,
  };
}

function createFolderPoints(
  name: string,
  files: readonly FileNote[],
  folders: number,
  { translate, count }: Wording,
): Point[] {
  const best = [...files].sort((a, b) => b.weight - a.weight)[0] as FileNote;
  const lines = files.reduce((sum, file) => sum + file.lines, 0);
  const points: Point[] = [];
  const section = folders === 0 ? 'Part by part' : 'Folders and files';
  // the top readme describes all folders
  const page = folders > 1 && name !== '' ? findFrontPage(files) : undefined;
  if (folders > 1) {
    const kinds = [...new Set(files.map((file) => translate(kindNames[file.kind])))].slice(0, 3).join(', ');
    const told = page ?? best;
    points.push({
      section,
      text: `**${escapeText(name === '' ? translate(offlinePhrases.topFolder) : `${name}/`)}**: ${count(files.length, offlinePhrases.file, offlinePhrases.filesOf)} (${kinds}), ${count(lines, offlinePhrases.line, offlinePhrases.lines)}${page ? `. ${page.text}` : ''}`,
      cite: [cite(told.part, told.from, told.to)],
      weight: 2.6,
    });
  }
  for (const file of files) {
    if (file === page) continue;
    points.push({
      section,
      depth: folders > 1 ? 1 : 0,
      text: `${toCodeSpan(file.name, 80)}: ${file.text}`,
      cite: [cite(file.part, file.from, file.to)],
      weight: 1 + file.weight / 3 + (file === best ? 0.8 : 0),
    });
  }
  return points;
}

function findFrontPage(files: readonly FileNote[]): FileNote | undefined {
  return files.find(
    (page) => /^readme\b/i.test(page.name) && files.every(({ folder }) => `${folder}/`.startsWith(`${page.folder}/`)),
  );
}

async function describeFile(
  source: OfflinePart,
  part: number,
  lines: readonly Line[],
  wording: Wording,
  yieldNow: Yield,
): Promise<FileNote> {
  const slash = source.title.lastIndexOf('/');
  const name = source.title.slice(slash + 1);
  const first = lines[0]?.line ?? 1;
  const said = await describe(source, lines.slice(0, linesLooked), wording, yieldNow);
  const size = Math.min(1, source.prepared.lines / 1000);
  const known = /^(?:readme|index|main|mod|lib|app|package\.json|extension|__init__)\b/i.test(name) ? 1.2 : 0;
  const test = /(?:^|[./_-])(?:test|spec|fixture|mock)/i.test(source.title) ? -0.8 : 0;
  return {
    part,
    folder: slash < 0 ? '' : source.title.slice(0, slash),
    name,
    kind: source.prepared.kind,
    lines: source.prepared.lines,
    text: said.text,
    from: said.from || first,
    to: said.to || first,
    weight: size + known + test,
  };
}

async function describe(
  source: OfflinePart,
  lines: readonly Line[],
  wording: Wording,
  yieldNow: Yield,
): Promise<{ text: string; from: number; to: number }> {
  const first = lines[0]?.line ?? 1;
  const { kind, facts, log, table } = source.prepared;
  if (log || table) return { text: log ? nameLog(log, wording) : nameTable(table!, wording), from: first, to: first };
  if (facts !== '') return { text: escapeText(shorten(facts.split('\n')[0] as string, 220)), from: first, to: first };
  if (kind === 'code') return describeCode(lines, first, wording, yieldNow);
  if (kind === 'diff') {
    const texts = lines.map(({ text }) => text);
    const { files } = await readDiff(texts, yieldNow);
    const text = wording.count(files.length, offlinePhrases.fileChanged, offlinePhrases.filesChanged);
    return { text, from: first, to: first };
  }
  if (kind === 'config' || kind === 'json' || kind === 'table') return describeConfig(kind, lines, first, wording);
  const title = lines.find((line) => /^#{1,3}\s/.test(line.text));
  const best = await findOpening(lines, source.title, yieldNow);
  const head = title ? `**${escapeText(shorten(toPlain(title.text.replace(/^#+\s+/, '')), 80))}**` : '';
  const body = best ? escapeText(shorten(best.text, 220)) : '';
  const line = best ?? (title ? { startLine: title.line, endLine: title.line } : undefined);
  return {
    text: [head, body].filter((one) => one !== '').join(': ') || wording.translate(offlinePhrases.nothingIn),
    from: line?.startLine ?? first,
    to: line?.endLine ?? first,
  };
}

async function describeCode(
  lines: readonly Line[],
  first: number,
  { translate, count }: Wording,
  yieldNow: Yield,
): Promise<{ text: string; from: number; to: number }> {
  const outline = await createOutline(lines, yieldNow);
  const shown = outline.definitions.filter((d) => d.isListed && d.depth === 0);
  const list = shown.slice(0, 5);
  const names = list.map((d) => toCodeSpan(d.name, 50)).join(', ');
  if (outline.purpose)
    return {
      text: `${escapeText(shorten(outline.purpose.text, 200))}${names ? ` ${translate(offlinePhrases.hasNames, names)}` : ''}`,
      from: outline.purpose.startLine,
      to: outline.purpose.endLine,
    };
  const documented = list.find((d) => d.doc !== '');
  if (documented)
    return {
      text: `${names}; ${toCodeSpan(documented.name, 50)}: ${escapeText(shorten(documented.doc, 140))}`,
      from: documented.docLine,
      to: documented.line,
    };
  return {
    text:
      names === ''
        ? count(lines.length, offlinePhrases.line, offlinePhrases.lines)
        : translate(offlinePhrases.hasNames, names),
    from: list[0]?.line ?? first,
    to: list[0]?.line ?? first,
  };
}

function describeConfig(
  kind: Kind,
  lines: readonly Line[],
  first: number,
  { translate, count, figure }: Wording,
): { text: string; from: number; to: number } {
  if (kind === 'table')
    return {
      text: translate(offlinePhrases.columnsAre, toCodeSpan(lines[0]?.text ?? '', 120)),
      from: first,
      to: first,
    };
  const keys: string[] = [];
  for (const { text } of lines) {
    const key = /^(?: {0,2}|\t)["']?([\w$.@-]{2,40})["']?\s*[:=]/.exec(text)?.[1] ?? /^\[([^\]]+)\]/.exec(text)?.[1];
    if (key && !keys.includes(key)) keys.push(key);
  }
  const told = keys.slice(0, 6).map((key) => toCodeSpan(key, 40));
  return {
    text:
      told.length > 0
        ? translate(
            offlinePhrases.setsNames,
            keys.length > 6
              ? translate(offlinePhrases.andMore, told.join(', '), figure(keys.length - 6))
              : told.join(', '),
          )
        : count(lines.length, offlinePhrases.line, offlinePhrases.lines),
    from: first,
    to: Math.min(first + 19, lines[lines.length - 1]?.line ?? first),
  };
}

function findSharedFolder(folders: readonly string[]): string {
  let shared = folders[0] ?? '';
  for (const folder of folders)
    while (shared !== '' && folder !== shared && !folder.startsWith(`${shared}/`))
      shared = shared.slice(0, Math.max(0, shared.lastIndexOf('/')));
  return shared;
}

/** Two levels if there are many files. */
const getTopFolder = (folder: string, files: number): string =>
  files > 40 ? folder.split('/').slice(0, 2).join('/') : folder;
