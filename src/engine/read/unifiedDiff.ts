/** Unified diffs as text. Pure. */
import type { LinePlace } from '../source.ts';

export interface FileDiff {
  readonly path: string;
  /** Before renaming or copying. */
  readonly earlierPaths: readonly string[];
  readonly text: string;
}

/** The parts of a Git diff, one a file. */
export function splitDiff(diff: string): FileDiff[] {
  return diff
    .split(/^(?=diff --git )/m)
    .filter((part) => /\S/.test(part))
    .map((text) => ({
      path: pathOf(text),
      earlierPaths: earlierPathsOf(text),
      text: text.endsWith('\n') ? text : `${text}\n`,
    }));
}

function pathOf(part: string): string {
  const after = /^\+\+\+ (?:"b\/(.+)"|b\/(.+?))\t?\r?$/m.exec(part);
  const before = /^--- (?:"a\/(.+)"|a\/(.+?))\t?\r?$/m.exec(part);
  const header = /^diff --git (?:"a\/(?:[^"\\\n]|\\.)+"|a\/.+?) (?:"b\/((?:[^"\\\n]|\\.)+)"|b\/(.+))\r?$/m.exec(part);
  const found = [after, before, header].find((match) => match);
  return found?.[1] === undefined ? (found?.[2] ?? '') : unquoted(found[1]);
}

/** From the header lines alone. */
function earlierPathsOf(part: string): string[] {
  const hunk = part.search(/^@@ /m);
  const head = hunk < 0 ? part.slice(0, 20_000) : part.slice(0, hunk);
  const from = /^(?:rename|copy) from (?:"(.+)"|(.+?))\r?$/m.exec(head);
  const before = /^--- (?:"a\/(.+)"|a\/(.+?))\t?\r?$/m.exec(head);
  const found = [from, before].filter((match) => match !== null);
  return found.map(([, quoted, plain]) => (quoted === undefined ? (plain ?? '') : unquoted(quoted)));
}

const escapes: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11 };

/** Octal escapes become bytes; the name as is where not UTF-8. */
function unquoted(name: string): string {
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

/** As Git would show it. `text` undefined: binary. */
export function addedFile(path: string, text: string | undefined): string {
  const head = `diff --git a/${path} b/${path}\nnew file\n`;
  if (text === undefined) return `${head}Binary files /dev/null and b/${path} differ\n`;
  const lines = text.replace(/\n$/, '').split('\n');
  return `${head}--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,${lines.length} @@\n${lines.map((line) => `+${line}`).join('\n')}\n`;
}

/**
 * New-file line of each diff line: removed ones take the next, headers the first, deleted files none.
 * @param uriOf address by path
 */
export function diffPlaces(diff: string, uriOf: (path: string) => string): LinePlace[] {
  const places: LinePlace[] = [];
  let uri: string | undefined;
  /** The new file's next line, and the hunk's rest. */
  let next = 1;
  let oldLeft = 0;
  let newLeft = 0;
  const put = (line: number, startLine: number, moves: boolean): void => {
    const last = places.at(-1);
    const goes = last && last.uri === uri && last.moves === moves;
    if (goes && last.startLine + (moves ? line - last.line : 0) === startLine) return;
    places.push({ line, ...(uri === undefined ? {} : { uri }), startLine, moves });
  };
  const lines = diff.split('\n');
  for (const [i, text] of lines.entries()) {
    const line = i + 1;
    const sign = text[0];
    if (newLeft > 0 && (sign === '+' || sign === ' ' || text === '')) {
      put(line, next, true);
      next++;
      newLeft--;
      if (sign !== '+') oldLeft--;
    } else if (oldLeft > 0 && sign === '-') {
      put(line, Math.max(1, next), false);
      oldLeft--;
    } else {
      const hunk = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/.exec(text);
      if (hunk) {
        oldLeft = Number(hunk[1] ?? 1);
        newLeft = Number(hunk[3] ?? 1);
        next = Number(hunk[2]);
      } else if (text.startsWith('diff --git ') || (text.startsWith('--- ') && lines[i + 1]?.startsWith('+++ '))) {
        const path = newPath(lines, i);
        uri = path && uriOf(path);
        next = 1;
      }
      put(line, Math.max(1, next), false);
    }
  }
  return places;
}

/** Undefined where deleted. */
function newPath(lines: readonly string[], at: number): string | undefined {
  const head: string[] = [];
  for (let i = at; i < lines.length && i < at + 12 && !lines[i]!.startsWith('@@'); i++) {
    if (i > at && lines[i]!.startsWith('diff --git ')) break;
    head.push(lines[i]!);
  }
  if (head.some((line) => /^\+\+\+ \/dev\/null|^deleted file/.test(line))) return undefined;
  return pathOf(head.join('\n')) || undefined;
}

/** What a line of a diff is: `outside` is everything that is not in a hunk, as a mail's head, its signature, a file's header. */
export type DiffLine = 'hunk' | 'added' | 'removed' | 'same' | 'note' | 'outside';

/**
 * Reads the lines of a diff in order. Each hunk has exactly the lines that its head counts, so that the `-- ` below a mailed patch is no
 * removed line; heads of combined diffs (`@@@`) count for each parent.
 */
export function createHunkReader(): (text: string) => DiffLine {
  /** Lines of each old side that the open hunk still has, and of the new one. */
  let olds: number[] = [];
  let news = 0;
  const close = (): 'outside' => {
    olds = [];
    news = 0;
    return 'outside';
  };
  return (text) => {
    const head = /^(@@+)((?: -\d+(?:,\d+)?)+) \+\d+(?:,(\d+))? \1(?:\s|$)/.exec(text);
    if (head) {
      olds = [...head[2]!.matchAll(/-\d+(?:,(\d+))?/g)].map(([, count]) => Number(count ?? 1));
      news = Number(head[3] ?? 1);
      return 'hunk';
    }
    if (text.startsWith('diff --')) return close();
    // Of what was folded, a note stands in the hunk.
    if (/^(?:\\|\[[\d l])/.test(text)) return 'note';
    if (news <= 0 && olds.every((left) => left <= 0)) return 'outside';
    const signs = text.slice(0, olds.length).padEnd(olds.length);
    if (!/^[-+ \t]*$/.test(signs)) return close();
    const removed = signs.includes('-');
    olds = olds.map((left, i) => ((removed ? signs[i] === '-' : signs[i] !== '+') ? left - 1 : left));
    if (removed) return 'removed';
    news--;
    return signs.includes('+') ? 'added' : 'same';
  };
}
