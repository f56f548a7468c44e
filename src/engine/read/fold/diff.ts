/** Folds a diff: files nobody reads become one line, moved blocks a reference to their target. */
import type { Yield } from '../../ports.ts';
import { readDiff, type DiffFile } from '../unifiedDiff.ts';
import { formatFigure, createOutput, put, putVerbatim } from './lines.ts';
import type { FoldResult } from './types.ts';

const unread: readonly (readonly [RegExp, string])[] = [
  [
    /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?|Cargo\.lock|Gemfile\.lock|composer\.lock|poetry\.lock|uv\.lock|Pipfile\.lock|go\.sum|flake\.lock|packages\.lock\.json|Podfile\.lock|mix\.lock|pubspec\.lock|gradle\.lockfile)$/,
    'lock file',
  ],
  [/(?:^|\/)(?:node_modules|vendor|third_party|bower_components|Pods)\//, 'vendored'],
  [/\.min\.(?:js|css|mjs)$|\.map$/, 'minified'],
  [
    /(?:^|\/)(?:dist|build|out|generated|__generated__)\/|\.(?:pb\.go|pb\.cc|pb\.h|g\.dart|designer\.cs|snap)$|[_.]generated\.\w+$|_pb2\.py$/i,
    'generated',
  ],
];

/** Folds lock files, generated files and moved blocks; undefined without files. */
export async function foldDiff(text: string, yieldNow: Yield): Promise<FoldResult | undefined> {
  const lines = text.split('\n');
  if (lines[lines.length - 1] === '') lines.pop();
  const { files } = await readDiff(lines, yieldNow);
  if (files.length === 0) return undefined;
  const reasons = new Map(files.map((file) => [file, findReason(file, lines)]));
  const output = createOutput();
  const isUnread = new Uint8Array(lines.length);
  for (const [file, why] of reasons) if (why !== undefined) isUnread.fill(1, file.from, file.to);
  const moved = await findMovedBlocks(lines, isUnread, yieldNow);
  let folded = 0;
  let next = 0;
  for (const file of files) {
    for (; next < file.from; next++) putVerbatim(output, lines[next] as string, next + 1, Number.POSITIVE_INFINITY);
    const why = reasons.get(file);
    if (why !== undefined) {
      const how =
        file.status === 'binary'
          ? 'binary change'
          : `${formatFigure(file.added + file.removed)} lines changed (+${formatFigure(file.added)} −${formatFigure(file.removed)})`;
      put(output, `${file.path}: ${why}, ${how}, not shown`, file.from + 1);
      folded++;
      next = file.to;
      continue;
    }
    for (; next < file.to; next++) {
      const block = moved.get(next);
      if (block) {
        put(
          output,
          `[${formatFigure(block.length)} removed lines moved: the same as the added lines ${block.to + 1}–${block.to + block.length}]`,
          next + 1,
        );
        next += block.length - 1;
      } else putVerbatim(output, lines[next] as string, next + 1, Number.POSITIVE_INFINITY);
    }
  }
  for (; next < lines.length; next++) putVerbatim(output, lines[next] as string, next + 1, Number.POSITIVE_INFINITY);
  if (output.length > text.length * 0.95) return undefined;
  return {
    text: output.lines.join('\n'),
    sourceLines: output.sourceLines,
    foldedLines: lines.length - output.verbatim.size,
    lines: lines.length,
    facts: `${formatFigure(files.length)} files changed; ${formatFigure(folded)} of them (lock files, generated, vendored, minified, binary) and ${formatFigure(moved.size)} moved blocks told in one line each.`,
    length: text.length,
  };
}

function findReason(file: DiffFile, lines: readonly string[]): string | undefined {
  if (file.status === 'binary') return 'binary';
  let longest = 0;
  for (let i = file.from; i < file.to; i++) longest = Math.max(longest, lines[i]!.length);
  if (file.added + file.removed < 4 && longest < 2000) return undefined;
  for (const [pattern, why] of unread) if (pattern.test(file.path)) return why;
  return longest > 5000 ? 'minified' : undefined;
}

const movedLines = 5;
const movedUnits = 160;

/** Removed runs that are added elsewhere, by position. */
async function findMovedBlocks(
  lines: readonly string[],
  isUnread: Uint8Array,
  yieldNow: Yield,
): Promise<Map<number, { to: number; length: number }>> {
  const added = new Map<string, number>();
  const found = new Map<number, { to: number; length: number }>();
  const readWindow = (at: number, sign: string): string => {
    for (let i = at; i < at + movedLines; i++)
      if (lines[i]?.[0] !== sign || isUnread[i] === 1 || /^(?:---|\+\+\+) /.test(lines[i] as string)) return '';
    return lines
      .slice(at, at + movedLines)
      .map((line) => line.slice(1))
      .join('\n');
  };
  for (let i = 0; i < lines.length; i++) {
    if (i % 20_000 === 19_999) await yieldNow();
    const key = readWindow(i, '+');
    if (key !== '' && !added.has(key)) added.set(key, i);
  }
  if (added.size === 0) return found;
  for (let i = 0; i < lines.length; i++) {
    const key = readWindow(i, '-');
    const to = key === '' ? undefined : added.get(key);
    if (to === undefined) continue;
    let length = 0;
    let units = 0;
    while (
      lines[i + length]?.[0] === '-' &&
      lines[to + length]?.[0] === '+' &&
      (lines[i + length] as string).slice(1) === (lines[to + length] as string).slice(1)
    ) {
      units += (lines[i + length] as string).trim().length;
      length++;
    }
    if (units < movedUnits) continue;
    found.set(i, { to, length });
    i += length - 1;
  }
  return found;
}
