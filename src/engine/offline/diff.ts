import type { Yield } from '../ports.ts';
import type { Point } from './types.ts';
import { type Commit, readCommits } from '../read/commits.ts';
import { readDiff, type DiffHunk, type DiffLineKind } from '../read/unifiedDiff.ts';
import { cite, toCodeSpan, escapeText, type Line } from './view.ts';
import { offlinePhrases, type Wording } from './phrases.ts';

interface Sample {
  /** New line; '' for none. */
  readonly line: string;
  /** Removed line that `line` replaces; '' for none. */
  readonly before: string;
}

function tellCommits(lines: readonly Line[], part: number, { translate, count, figure }: Wording): Point[] {
  const commits = readCommits(lines);
  if (commits.length === 0) return [];
  const authors = [...new Set(commits.map(({ author }) => author).filter(Boolean))];
  const by = authors.slice(0, 4).map(escapeText).join(', ');
  const more = authors.length - 4;
  const first = commits[0] as Commit;
  const told: Point = {
    section: '',
    plain: true,
    text: translate(
      offlinePhrases.commitsBy,
      count(commits.length, offlinePhrases.commit, offlinePhrases.commits),
      more > 0 ? translate(offlinePhrases.andMore, by, figure(more)) : by,
    ),
    cite: [cite(part, first.line, first.endLine)],
    weight: 9.5,
  };
  const each = commits.map(({ subject, line, endLine }, i): Point => {
    const by = commits.find(({ reverts }) => reverts === i);
    const taken = by ? ` (${translate(offlinePhrases.revertedBy, escapeText(by.id.slice(0, 7)))})` : '';
    return {
      section: offlinePhrases.commitsHeading,
      text: escapeText(subject) + taken,
      cite: [cite(part, line, endLine)],
      weight: 5,
    };
  });
  return [told, ...each];
}

const maxLines = 40;

function rateLine(line: string): number {
  if (!/[\p{L}\p{N}]{2}/u.test(line)) return 0;
  if (/^(?:import\b|from\b|#include|using\b|use\b|require|package\b|\/\/|\/\*|\*|#\s|--\s|<!--)/.test(line)) return 1;
  if (/^(?:@@?\w|else\b|end\b|try\b|return;?$|break;?$)/.test(line)) return 1.5;
  if (/\b(?:function|class|interface|struct|enum|trait|def|fn|func|module|type|export|public)\b/.test(line)) return 4;
  if (/\b(?:return|throw|raise|if|for|while|switch|match)\b/.test(line)) return 3;
  return /[=:(]/.test(line) || /^[-*] |^#{1,6} /.test(line) ? 3 : 2;
}

function chooseSample(hunk: DiffHunk, lines: readonly Line[], kinds: readonly DiffLineKind[]): Sample {
  const side = (kind: DiffLineKind): string[] =>
    lines
      .slice(hunk.from, hunk.to)
      .filter((_, i) => kinds[hunk.from + i] === kind)
      .slice(0, maxLines)
      .map(({ text }) => text.slice(1).trim());
  const olds = side('removed');
  const unchanged = new Set(olds);
  let best = 0;
  let sample: Sample = { line: '', before: '' };
  for (const line of side('added')) {
    if (unchanged.has(line)) continue;
    const old = olds.map((other) => ({ other, alike: compareLines(line, other) })).sort((a, b) => b.alike - a.alike)[0];
    const alike = old && old.alike >= 0.5 ? old : undefined;
    const worth = rateLine(line) + (alike ? 1 : 0) - (alike?.alike === 1 ? 2 : 0);
    if (worth <= best) continue;
    best = worth;
    sample = { line, before: alike?.other ?? '' };
  }
  if (sample.line !== '') return sample;
  return { line: '', before: [...olds].sort((a, b) => rateLine(b) - rateLine(a))[0] ?? '' };
}

/** Share of common words, 0 to 1. */
function compareLines(a: string, b: string): number {
  const splitWords = (line: string): string[] => line.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const [x, y] = [splitWords(a), splitWords(b)];
  if (x.length === 0 || y.length === 0) return 0;
  const left = new Set(x);
  return (2 * y.filter((word) => left.has(word)).length) / (x.length + y.length);
}

/** Describes a change as `old` → `new`, or by the side that exists. */
function describeChange({ before, line }: Sample): string {
  if (before !== '' && line !== '') return `, ${toCodeSpan(before, 100)} → ${toCodeSpan(line, 100)}`;
  if (line !== '') return `, + ${toCodeSpan(line, 110)}`;
  return before === '' ? '' : `, − ${toCodeSpan(before, 110)}`;
}

const fileStatus = {
  added: offlinePhrases.newFile,
  deleted: offlinePhrases.deletedFile,
  binary: offlinePhrases.binaryFile,
} as const;

const manyFiles = 4;

/** Names the files that hold most of a large change; '' if no few files do. */
function nameLargest(
  files: readonly { path: string; added: number; removed: number }[],
  { translate }: Wording,
): string {
  if (files.length < manyFiles) return '';
  const sized = files.map(({ path, added, removed }) => ({ path, size: added + removed }));
  const all = sized.reduce((sum, { size }) => sum + size, 0);
  const largest = sized.sort((a, b) => b.size - a.size).slice(0, 2);
  const shown = (largest[0]?.size ?? 0) > all / 2 ? largest.slice(0, 1) : largest;
  if (shown.reduce((sum, { size }) => sum + size, 0) <= all / 2) return '';
  return ` ${translate(offlinePhrases.mostIn, shown.map(({ path }) => toCodeSpan(path)).join(', '))}`;
}

/** Summarizes a diff: totals, then files with their largest hunks. */
export async function summarizeDiff(
  lines: readonly Line[],
  part: number,
  yieldNow: Yield,
  wording: Wording,
): Promise<Point[]> {
  const { count, translate } = wording;
  const { files, kinds } = await readDiff(
    lines.map(({ text }) => text),
    yieldNow,
  );
  const lineAt = (position: number): number => lines[Math.min(position, lines.length - 1)]!.line;
  if (files.length === 0) return [];
  const sum = (key: 'added' | 'removed'): number => files.reduce((total, file) => total + file[key], 0);
  const points: Point[] = [
    ...tellCommits(lines, part, wording),
    {
      section: '',
      text: `${[
        count(files.length, offlinePhrases.fileChanged, offlinePhrases.filesChanged),
        count(sum('added'), offlinePhrases.lineAdded, offlinePhrases.linesAdded),
        count(sum('removed'), offlinePhrases.lineRemoved, offlinePhrases.linesRemoved),
      ].join(', ')}.${nameLargest(files, wording)}`,
      cite: [cite(part, lineAt(files[0]!.from))],
      weight: 9,
    },
  ];
  for (const file of files) {
    const size = file.added + file.removed;
    const name =
      file.status === 'renamed' ? `${toCodeSpan(file.oldPath)} → ${toCodeSpan(file.path)}` : toCodeSpan(file.path);
    const status =
      file.status in fileStatus ? `${translate(fileStatus[file.status as keyof typeof fileStatus])}, ` : '';
    points.push({
      section: 'Files',
      text: `${name}: ${status}+${file.added} −${file.removed}`,
      cite: [cite(part, lineAt(file.from), lineAt(file.hunks[0]?.from ?? file.from))],
      weight: 2 + Math.min(1, size / 200),
    });
    const hunks = [...file.hunks]
      .sort((a, b) => b.added + b.removed - a.added - a.removed)
      .slice(0, 4)
      .sort((a, b) => a.from - b.from);
    for (const hunk of hunks) {
      const what = hunk.context ? `${toCodeSpan(hunk.context, 90)}: ` : '';
      points.push({
        section: 'Files',
        depth: 1,
        text: `${what}+${hunk.added} −${hunk.removed}${describeChange(chooseSample(hunk, lines, kinds))}`,
        cite: [cite(part, lineAt(hunk.from), lineAt(hunk.to - 1))],
        weight: 1 + Math.min(0.8, (hunk.added + hunk.removed) / 60),
      });
    }
  }
  return points;
}
