/** The only reader of unified diffs: of Git, mails, combined diffs and other tools. */
import type { LinePlace } from '../source.ts';

/** `head`: header of a file. `note`: a remark inside a hunk, such as a missing line end. `outside`: all other text, such as a mail's. */
export type DiffLineKind = 'head' | 'hunk' | 'added' | 'removed' | 'same' | 'note' | 'outside';

/** A hunk of a file. */
export interface DiffHunk {
  /** Context after the hunk's header, such as a function's first line; '' if none. */
  readonly context: string;
  /** Indexes of its lines, header included, from 0; `to` is exclusive. */
  readonly from: number;
  to: number;
  added: number;
  removed: number;
}

/** A file of a diff. */
export interface DiffFile {
  /** New path; the old one of a deleted file; '' if the diff names none. */
  path: string;
  /** Path before a rename or copy; else the same as `path`. */
  oldPath: string;
  status: 'changed' | 'added' | 'deleted' | 'renamed' | 'binary';
  /** Indexes of its lines, from 0; `to` is exclusive. */
  readonly from: number;
  to: number;
  added: number;
  removed: number;
  readonly hunks: DiffHunk[];
}

/**
 * Reads a diff line by line. A hunk has as many lines as its header says, so that the `-- ` below a mailed patch is no removed
 * line. Headers of combined diffs (`@@@`) count lines for each parent.
 */
export class DiffReader {
  readonly files: DiffFile[] = [];
  readonly kinds: DiffLineKind[] = [];
  /** Number of the next line of the new file, from 1; 1 before a file's first hunk. */
  newLine = 1;
  private file: DiffFile | undefined;
  /** Remaining lines of the open hunk, for each old side and the new one. */
  private oldLeft: number[] = [];
  private newLeft = 0;
  /** Path of a `--- ` line that waits for its `+++ ` line. */
  private before: string | undefined;

  read(text: string): DiffLineKind {
    const at = this.kinds.length;
    const kind = this.findKind(text, at);
    this.kinds.push(kind);
    if (this.file && kind !== 'outside') {
      this.file.to = at + 1;
      const hunk = this.file.hunks.at(-1);
      if (hunk && kind !== 'head') hunk.to = at + 1;
    }
    return kind;
  }

  private findKind(text: string, at: number): DiffLineKind {
    if (text.startsWith('@@') && this.openHunk(text, at)) return 'hunk';
    // `\\ No newline at end of file`, below the last line too
    if (text.startsWith('\\') && this.file?.hunks.length) return 'note';
    const kind = this.isOpen(text) ? this.readHunkLine(text) : undefined;
    return kind ?? this.readHeader(text, at);
  }

  /** Hunks written by hand or by a model may have more lines than their header says. */
  private isOpen(text: string): boolean {
    if (this.newLeft > 0 || this.oldLeft.some((left) => left > 0)) return true;
    const last = this.kinds.at(-1);
    const isHunk = last === 'added' || last === 'removed' || last === 'same';
    return isHunk && /^[-+ ]/.test(text) && !/^(?:--- |\+\+\+ |-- ?$)/.test(text);
  }

  private openHunk(text: string, at: number): boolean {
    const head = /^(@@+)((?: -\d+(?:,\d+)?)+) \+(\d+)(?:,(\d+))? \1(?:\s+([^]*))?$/.exec(text);
    if (!head) return false;
    this.oldLeft = [...head[2]!.matchAll(/-\d+(?:,(\d+))?/g)].map(([, count]) => Number(count ?? 1));
    this.newLeft = Number(head[4] ?? 1);
    this.newLine = Math.max(1, Number(head[3]));
    this.file ??= this.open(at, '');
    this.file.hunks.push({ context: head[5]?.trimEnd() ?? '', from: at, to: at + 1, added: 0, removed: 0 });
    return true;
  }

  /** Undefined if the hunk ends early. */
  private readHunkLine(text: string): DiffLineKind | undefined {
    // a note that replaces folded lines
    if (/^\[[\d l]/.test(text)) return 'note';
    const signs = text.slice(0, this.oldLeft.length).padEnd(this.oldLeft.length);
    const file = this.file!;
    const hunk = file.hunks.at(-1)!;
    if (text.startsWith('diff --') || !/^[-+ \t]*$/.test(signs)) {
      this.oldLeft = [];
      this.newLeft = 0;
      return undefined;
    }
    const isRemoved = signs.includes('-');
    this.oldLeft = this.oldLeft.map((left, i) => ((isRemoved ? signs[i] === '-' : signs[i] !== '+') ? left - 1 : left));
    if (isRemoved) {
      file.removed++;
      hunk.removed++;
      return 'removed';
    }
    this.newLeft--;
    this.newLine++;
    if (!signs.includes('+')) return 'same';
    file.added++;
    hunk.added++;
    return 'added';
  }

  private readHeader(text: string, at: number): DiffLineKind {
    const before = this.before;
    this.before = undefined;
    if (text.startsWith('diff --')) {
      this.file = this.open(at, readHeaderPath(text));
      return 'head';
    }
    const isHead = this.file !== undefined && this.file.hunks.length === 0;
    if (text.startsWith('--- ')) {
      this.before = readPath(text);
      return isHead ? 'head' : 'outside';
    }
    if (before !== undefined && text.startsWith('+++ ')) {
      if (!isHead) this.file = this.open(at - 1, '');
      setPaths(this.file!, before, readPath(text));
      return 'head';
    }
    if (/^(?:From|commit) [0-9a-f]{40}\b/.test(text)) this.file = undefined;
    if (!this.file || !isHead) return 'outside';
    readExtendedHeader(this.file, text);
    return 'head';
  }

  private open(from: number, path: string): DiffFile {
    const file: DiffFile = {
      path,
      oldPath: path,
      status: 'changed',
      from,
      to: from + 1,
      added: 0,
      removed: 0,
      hunks: [],
    };
    this.files.push(file);
    this.newLine = 1;
    return file;
  }
}

/** @param yieldNow called every few thousand lines */
export async function readDiff(lines: readonly string[], yieldNow: () => Promise<void>): Promise<DiffReader> {
  const reader = new DiffReader();
  for (const [i, text] of lines.entries()) {
    if (i % 5_000 === 4_999) await yieldNow();
    reader.read(text);
  }
  return reader;
}

const none = '/dev/null';

function setPaths(file: DiffFile, before: string, after: string): void {
  if (before === none) file.status = 'added';
  else if (after === none) file.status = 'deleted';
  file.path = after === none ? before : after;
  if (file.status !== 'renamed') file.oldPath = before === none ? after : before;
}

function readExtendedHeader(file: DiffFile, text: string): void {
  const moved = /^(rename|copy) (from|to) (.+?)\r?$/.exec(text);
  if (moved) {
    const path = unquote(moved[3]!);
    if (moved[2] === 'from') file.oldPath = path;
    else file.path = path;
    if (moved[1] === 'rename') file.status = 'renamed';
  } else if (text.startsWith('new file')) file.status = 'added';
  else if (text.startsWith('deleted file')) file.status = 'deleted';
  else if (/^(?:Binary files |GIT binary )/.test(text)) file.status = 'binary';
}

function readPath(line: string): string {
  const name = line.slice(4).replace(/\r$/, '');
  const path = name.startsWith('"') ? unquote(name) : name.replace(/\t[^]*$/, '');
  return path.replace(/^[ab]\//, '');
}

/** New path of a `diff --git` line, or the only path of a combined diff; '' for other tools. */
function readHeaderPath(line: string): string {
  const header = /^diff --(?:git|cc|combined) (.+?)\r?$/.exec(line);
  if (!header) return '';
  const names = header[1]!;
  if (!line.startsWith('diff --git ')) return unquote(names);
  // both paths are equal, except in renames, which name their paths below
  const half = (names.length - 1) / 2;
  const [before, after] = [names.slice(0, half), names.slice(half + 1)].map((name) =>
    unquote(name).replace(/^[a-z]\//, ''),
  );
  if (before === after) return after!;
  const second = Math.max(names.lastIndexOf(' b/'), names.lastIndexOf(' "b/'));
  return second < 0 ? '' : unquote(names.slice(second + 1)).replace(/^b\//, '');
}

const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };

/** Removes Git's quotes: octal escapes become bytes. Returns the name unchanged if it is no UTF-8. */
function unquote(quoted: string): string {
  const name = /^"([^]*)"$/.exec(quoted)?.[1];
  if (name === undefined) return quoted;
  const escaped = [...name.matchAll(/\\(\d{3}|.)|([^\\]+)/g)].map(([, escape, plain]) => {
    if (plain !== undefined) return encodeURIComponent(plain);
    const byte = /^\d{3}$/.test(escape!) ? parseInt(escape!, 8) : (escapes[escape!] ?? escape!.charCodeAt(0));
    return `%${byte.toString(16).padStart(2, '0')}`;
  });
  try {
    return decodeURIComponent(escaped.join(''));
  } catch {
    return name;
  }
}

interface FilePatch {
  readonly path: string;
  readonly oldPath: string;
  readonly text: string;
}

/** Splits a diff by file. */
export function splitDiff(diff: string): FilePatch[] {
  const lines = diff.replace(/\n$/, '').split('\n');
  const reader = new DiffReader();
  for (const line of lines) reader.read(line);
  return reader.files.map(({ path, oldPath, from }, i) => ({
    path,
    oldPath,
    text: `${lines.slice(from, reader.files[i + 1]?.from).join('\n')}\n`,
  }));
}

/**
 * Formats a new file as Git does.
 * @param text undefined for a binary file
 */
export function formatAddedFile(path: string, text: string | undefined): string {
  const head = `diff --git a/${path} b/${path}\nnew file\n`;
  if (text === undefined) return `${head}Binary files /dev/null and b/${path} differ\n`;
  const lines = text.replace(/\n$/, '').split('\n');
  return `${head}--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
}

/**
 * Maps each diff line to a line of the new file: removed lines to the next one, headers to the first one, lines of deleted
 * files to none.
 * @param uriOf returns the address of a path
 */
export function mapDiffLines(diff: string, uriOf: (path: string) => string): LinePlace[] {
  const places: LinePlace[] = [];
  const reader = new DiffReader();
  const put = (line: number, uri: string | undefined, startLine: number, moves: boolean): void => {
    const last = places.at(-1);
    const goes = last && last.uri === uri && last.moves === moves;
    if (goes && last.startLine + (moves ? line - last.line : 0) === startLine) return;
    places.push({ line, ...(uri === undefined ? {} : { uri }), startLine, moves });
  };
  const newLines = diff.split('\n').map((text) => {
    const kind = reader.read(text);
    return kind === 'added' || kind === 'same' ? reader.newLine - 1 : reader.newLine;
  });
  let next = 0;
  let file: DiffFile | undefined;
  let uri: string | undefined;
  for (const [i, newLine] of newLines.entries()) {
    if (reader.files[next]?.from === i) {
      file = reader.files[next++]!;
      uri = file.status === 'deleted' || file.path === '' ? undefined : uriOf(file.path);
    }
    const kind = reader.kinds[i]!;
    const isAbove = file && i < (file.hunks[0]?.from ?? file.to);
    put(i + 1, uri, isAbove ? 1 : newLine, kind === 'added' || kind === 'same');
  }
  return places;
}
