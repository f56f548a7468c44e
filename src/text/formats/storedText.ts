/** Points about mail and notebooks (`mail.ts`, `notebook.ts`): subject and people, or failures and the conclusion. */
import type { FormatPoint } from '../../engine/source.ts';
import { plural, point, splitLines, type Format } from './format.ts';

const maxMails = 30;

/** Mail, as extracted. */
export const mailText: Format = {
  id: 'mail',
  accepts: ({ text }) => /^# .{0,1000}\n\nFrom: .{1,1000}\n(?:To|Cc|Date): /.test(text),
  read(text) {
    const lines = splitLines(text);
    const points = lines.flatMap((line, i): FormatPoint[] => {
      if (!line.startsWith('# ') || !lines[i + 2]?.startsWith('From: ')) return [];
      const head = lines.slice(i + 2, i + 6);
      const end = head.findIndex((one) => one === '');
      const about = head.slice(0, end < 0 ? head.length : end).filter((one) => /^(?:From|Date): /.test(one));
      return [point([`${line.slice(2)} (${about.join(', ')})`], i + 1, { endLine: i + 2 + about.length, weight: 9 })];
    });
    if (points.length === 0) return undefined;
    const count = points.length > 1 ? [point([`${plural(points.length, 'mail')}.`], 1, { weight: 10 })] : [];
    return { kind: 'markdown', points: [...count, ...points.slice(0, maxMails)], continues: true };
  },
};

const conclusion =
  /^#{1,4} .{0,60}(?:conclusion|result|summary|finding|takeaway|discussion|fazit|ergebnis|zusammenfassung|résultat|conclusión|结论|まとめ)/i;

/** Notebooks, as extracted. */
export const notebookText: Format = {
  id: 'notebook',
  accepts: ({ text, title }) =>
    /\.ipynb$/i.test(title) && /^(?:```|#|Output of cell \d+:|\S)/.test(text) && !/^\s*\{/.test(text),
  read(text) {
    const lines = splitLines(text);
    const failures = lines.flatMap((line, i): FormatPoint[] =>
      /^Cell \d+ failed with /.test(line) ? [point([line], i + 1, { weight: 9 })] : [],
    );
    const heading = lines.findLastIndex((line) => conclusion.test(line));
    const told = heading < 0 ? '' : paragraphAfter(lines, heading);
    const points = [
      ...failures,
      ...(told === '' ? [] : [point([told], heading + 1, { endLine: heading + 3, weight: 9 })]),
    ];
    return points.length > 0 ? { kind: 'markdown', points, continues: true } : undefined;
  },
};

/** Returns the first paragraph below a heading, at most 600 units. */
function paragraphAfter(lines: readonly string[], heading: number): string {
  const from = lines.findIndex((line, i) => i > heading && line.trim() !== '');
  if (from < 0 || /^(?:#|```)/.test(lines[from]!)) return '';
  const end = lines.findIndex((line, i) => i > from && line.trim() === '');
  return lines
    .slice(from, end < 0 ? lines.length : end)
    .join(' ')
    .slice(0, 600);
}
