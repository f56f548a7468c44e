import type { Yield } from '../ports.ts';
import type { Point } from './types.ts';
import { cite, codeSpan, type Line, plural } from './view.ts';

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
  for (const [i, { text, line }] of lines.entries()) {
    if (i % 5000 === 4999) await yieldNow();
    const git = /^diff --git a\/(.*?) b\/([^]*)$/.exec(text);
    if (git) {
      file = open(git[2] as string, line);
      file.from = git[1] as string;
    } else if (/^--- /.test(text) && /^\+\+\+ /.test(lines[i + 1]?.text ?? '')) {
      const name = (lines[i + 1] as Line).text
        .slice(4)
        .replace(/\t[^]*$/, '')
        .replace(/^b\//, '');
      if (!file || file.hunks.length > 0) file = open(name, line);
    } else if (/^\+\+\+ /.test(text) && /^--- /.test(lines[i - 1]?.text ?? '')) continue;
    else if (!file) continue;
    else if (/^new file/.test(text)) file.status = 'added';
    else if (/^deleted file/.test(text)) file.status = 'deleted';
    else if (/^rename to /.test(text)) file.status = 'renamed';
    else if (/^(?:Binary files|GIT binary)/.test(text)) file.status = 'binary';
    else if (/^@@/.test(text))
      file.hunks.push({
        context: /^@@.*?@@\s*(?!\s)([^]*)$/.exec(text)?.[1] ?? '',
        line,
        endLine: line,
        added: 0,
        removed: 0,
        sample: '',
      });
    else {
      const hunk = file.hunks[file.hunks.length - 1];
      if (!hunk) continue;
      hunk.endLine = line;
      if (text.startsWith('+')) {
        file.added++;
        hunk.added++;
        if (hunk.sample === '' && /\w{3}/.test(text)) hunk.sample = text.slice(1).trim();
      } else if (text.startsWith('-')) {
        file.removed++;
        hunk.removed++;
      }
    }
  }
  return files;
}

export async function readDiff(lines: readonly Line[], part: number, yieldNow: Yield): Promise<Point[]> {
  const files = await filesOf(lines, yieldNow);
  if (files.length === 0) return [];
  const sum = (key: 'added' | 'removed'): number => files.reduce((total, file) => total + file[key], 0);
  const points: Point[] = [
    {
      section: '',
      text: `${plural(files.length, 'file')} changed, ${plural(sum('added'), 'line')} added, ${plural(sum('removed'), 'line')} removed.`,
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
        text: `${what}: +${hunk.added} −${hunk.removed}${hunk.sample ? `, such as ${codeSpan(hunk.sample, 110)}` : ''}`,
        cite: [cite(part, hunk.line, hunk.endLine)],
        weight: 1 + Math.min(0.8, (hunk.added + hunk.removed) / 60),
      });
    }
  }
  return points;
}
