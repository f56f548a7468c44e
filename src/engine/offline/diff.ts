import type { Yield } from '../ports.ts';
import type { Point } from './types.ts';
import { type Commit, commitsOf } from '../read/commits.ts';
import { createHunkReader, type DiffLine } from '../read/unifiedDiff.ts';
import { cite, codeSpan, escapeText, type Line } from './view.ts';
import { offlinePhrases, type Wording } from './phrases.ts';

interface FileChange {
  name: string;
  from: string;
  status: 'changed' | 'added' | 'deleted' | 'renamed' | 'binary';
  added: number;
  removed: number;
  readonly line: number;
  readonly hunks: {
    readonly context: string;
    readonly line: number;
    endLine: number;
    added: number;
    removed: number;
    sample: string;
    /** Removed line that `sample` replaces; '' for none. */
    before: string;
    readonly olds: string[];
    readonly news: string[];
  }[];
}

export async function filesOf(lines: readonly Line[], yieldNow: Yield): Promise<FileChange[]> {
  const files: FileChange[] = [];
  let file: FileChange | undefined;
  const open = (name: string, line: number): FileChange => {
    const next: FileChange = { name, from: name, status: 'changed', added: 0, removed: 0, line, hunks: [] };
    files.push(next);
    return next;
  };
  const readLine = createHunkReader();
  for (const [i, { text, line }] of lines.entries()) {
    if (i % 5000 === 4999) await yieldNow();
    const is = readLine(text);
    const git = /^diff --(?:git a\/(.*?) b\/|(?:cc|combined) (?=(.)))([^]*)$/.exec(text);
    if (git) {
      file = open(git[3] as string, line);
      file.from = git[1] ?? file.name;
    } else if (is === 'outside' && /^--- /.test(text) && /^\+\+\+ /.test(lines[i + 1]?.text ?? '')) {
      const name = (lines[i + 1] as Line).text
        .slice(4)
        .replace(/\t[^]*$/, '')
        .replace(/^b\//, '');
      if (!file || file.hunks.length > 0) file = open(name, line);
    } else if (is === 'outside' && /^\+\+\+ /.test(text) && /^--- /.test(lines[i - 1]?.text ?? '')) continue;
    else if (!file) continue;
    else if (is === 'hunk')
      file.hunks.push({
        context: /^@@+.*?@@+\s*(?!\s)([^]*)$/.exec(text)?.[1] ?? '',
        line,
        endLine: line,
        added: 0,
        removed: 0,
        sample: '',
        before: '',
        olds: [],
        news: [],
      });
    else if (is !== 'outside') addLine(file, is, text, line);
    else if (/^new file/.test(text)) file.status = 'added';
    else if (/^deleted file/.test(text)) file.status = 'deleted';
    else if (/^rename to /.test(text)) file.status = 'renamed';
    else if (/^(?:Binary files|GIT binary)/.test(text)) file.status = 'binary';
  }
  for (const { hunks } of files) for (const hunk of hunks) chooseLines(hunk);
  return files;
}

function addLine(file: FileChange, is: DiffLine, text: string, line: number): void {
  const hunk = file.hunks[file.hunks.length - 1];
  if (!hunk) return;
  hunk.endLine = line;
  if (is === 'added') {
    file.added++;
    hunk.added++;
    if (hunk.news.length < maxLines) hunk.news.push(text.replace(/^[+ ]+/, '').trim());
  } else if (is === 'removed') {
    file.removed++;
    hunk.removed++;
    if (hunk.olds.length < maxLines) hunk.olds.push(text.replace(/^[- ]+/, '').trim());
  }
}

/** What the authors say of their commits, before what the files show. */
function tellCommits(lines: readonly Line[], part: number, { translate, count, figure }: Wording): Point[] {
  const commits = commitsOf(lines);
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

/** Lines of each side of a hunk that are compared. */
const maxLines = 40;

/** Definitions, calls and values, then comments and brackets. */
function worthOf(line: string): number {
  if (!/[\p{L}\p{N}]{2}/u.test(line)) return 0;
  if (/^(?:import\b|from\b|#include|using\b|use\b|require|package\b|\/\/|\/\*|\*|#\s|--\s|<!--)/.test(line)) return 1;
  if (/^(?:@@?\w|else\b|end\b|try\b|return;?$|break;?$)/.test(line)) return 1.5;
  if (/\b(?:function|class|interface|struct|enum|trait|def|fn|func|module|type|export|public)\b/.test(line)) return 4;
  if (/\b(?:return|throw|raise|if|for|while|switch|match)\b/.test(line)) return 3;
  return /[=:(]/.test(line) || /^[-*] |^#{1,6} /.test(line) ? 3 : 2;
}

/** The most telling line, and its counterpart. */
function chooseLines(hunk: FileChange['hunks'][number]): void {
  const { olds, news } = hunk;
  let best = 0;
  for (const line of news) {
    const old = olds.map((other) => ({ other, alike: likeness(line, other) })).sort((a, b) => b.alike - a.alike)[0];
    const alike = old && old.alike >= 0.4 && old.other !== line ? old : undefined;
    const worth = worthOf(line) + (alike ? 1 : 0);
    if (worth <= best || (old && old.alike === 1)) continue;
    best = worth;
    hunk.sample = line;
    hunk.before = alike?.other ?? '';
  }
  if (hunk.sample !== '') return;
  hunk.before = [...olds].sort((a, b) => worthOf(b) - worthOf(a))[0] ?? '';
}

/** Share of words that two lines have in common, 0 to 1. */
function likeness(a: string, b: string): number {
  const wordsOf = (line: string): string[] => line.match(/[\p{L}\p{N}_]+/gu) ?? [];
  const [x, y] = [wordsOf(a), wordsOf(b)];
  if (x.length === 0 || y.length === 0) return 0;
  const left = new Set(x);
  return (2 * y.filter((word) => left.has(word)).length) / (x.length + y.length);
}

/** `old` → `new`, or which of them there is. */
function changeOf({ before, sample }: FileChange['hunks'][number]): string {
  if (before !== '' && sample !== '') return `, ${codeSpan(before, 100)} → ${codeSpan(sample, 100)}`;
  if (sample !== '') return `, + ${codeSpan(sample, 110)}`;
  return before === '' ? '' : `, − ${codeSpan(before, 110)}`;
}

export async function readDiff(
  lines: readonly Line[],
  part: number,
  yieldNow: Yield,
  wording: Wording,
): Promise<Point[]> {
  const { count } = wording;
  const files = await filesOf(lines, yieldNow);
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
      ].join(', ')}.`,
      cite: [cite(part, (files[0] as FileChange).line)],
      weight: 9,
    },
  ];
  for (const file of files) {
    const size = file.added + file.removed;
    const renamed = file.status === 'renamed' ? ` from ${codeSpan(file.from)}` : '';
    points.push({
      section: 'Files',
      text: `${codeSpan(file.name)}: ${file.status}${renamed}, +${file.added} −${file.removed}`,
      cite: [cite(part, file.line, file.hunks[0]?.line ?? file.line)],
      weight: 2 + Math.min(1, size / 200),
    });
    const hunks = [...file.hunks]
      .sort((a, b) => b.added + b.removed - a.added - a.removed)
      .slice(0, 4)
      .sort((a, b) => a.line - b.line);
    for (const hunk of hunks) {
      const what = hunk.context ? `in ${codeSpan(hunk.context, 90)}` : 'a hunk';
      points.push({
        section: 'Files',
        depth: 1,
        text: `${what}: +${hunk.added} −${hunk.removed}${changeOf(hunk)}`,
        cite: [cite(part, hunk.line, hunk.endLine)],
        weight: 1 + Math.min(0.8, (hunk.added + hunk.removed) / 60),
      });
    }
  }
  return points;
}
