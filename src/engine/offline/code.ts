import type { Yield } from '../ports.ts';
import { type CodeOutline, type Definition, createOutline } from '../read/code/outline.ts';
import type { OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line, shorten } from './view.ts';
import { offlinePhrases, type Wording } from './phrases.ts';

/** Returns a file's purpose, interface, imports and notes. */
export async function readCode(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
  wording: Wording,
): Promise<Point[]> {
  const { translate, count, figure } = wording;
  const outline = await createOutline(lines, yieldNow);
  const { definitions } = outline;
  const points: Point[] = [];
  const top = definitions.filter((d) => d.depth === 0);
  const shape = [
    count(source.prepared.lines, offlinePhrases.line, offlinePhrases.lines),
    count(top.length, offlinePhrases.definition, offlinePhrases.definitions),
    ...(outline.imports.length > 0
      ? [count(new Set(outline.imports.map((one) => one.name)).size, offlinePhrases.import, offlinePhrases.imports)]
      : []),
  ];
  if (outline.purpose)
    points.push({
      section: '',
      text: escapeText(outline.purpose.text),
      cite: [cite(part, outline.purpose.startLine, outline.purpose.endLine)],
      weight: 9,
      plain: true,
    });
  const list = definitions.filter((d) => d.isListed);
  const hasPublic = list.some((d) => d.isPublic);
  const main = list
    .filter((d) => d.depth === 0)
    .sort((a, b) => b.endLine - b.line - (a.endLine - a.line))
    .slice(0, 6);
  if (!outline.purpose && main[0])
    points.push({
      section: '',
      text: translate(offlinePhrases.defines, [...new Set(main.map((d) => toCodeSpan(d.name, 60)))].join(', ')),
      cite: [cite(part, main[0].line)],
      weight: 9,
      plain: true,
    });
  points.push({
    section: '',
    text: translate(offlinePhrases.has, toCodeSpan(source.title), shape.join(', ')),
    cite: [cite(part, lines[0]?.line ?? 1, Math.min(lines[0]?.line ?? 1, 1) + 9)],
    weight: 8,
    plain: true,
  });
  for (const d of list) points.push(defined(d, part, hasPublic ? 'Public interface' : 'Definitions'));
  if (hasPublic) {
    const inner = top
      .filter((d) => !d.isPublic && !/^(?:impl|extension)$/.test(d.what))
      .sort((a, b) => b.endLine - b.line - (a.endLine - a.line));
    for (const d of inner)
      points.push({
        ...defined(d, part, 'Inside'),
        weight: 0.7 + (d.doc ? 0.3 : 0) + Math.min(0.4, (d.endLine - d.line) / 200),
      });
  }
  if (definitions.length === 0)
    for (const { text, line } of outline.remarks.filter((one) => one.text !== outline.purpose?.text).slice(0, 12))
      points.push({ section: 'Inside', text: escapeText(text), cite: [cite(part, line)], weight: 1.2 });
  points.push(...listImports(outline, part, wording));
  for (const note of outline.notes.slice(0, 12))
    points.push({
      section: 'Marked in the code',
      text: escapeText(shorten(note.text, 140)),
      cite: [cite(part, note.line)],
      weight: 1.1,
    });
  if (outline.notes.length > 12)
    points.push({
      section: 'Marked in the code',
      text: translate(offlinePhrases.moreNotes, figure(outline.notes.length - 12)),
      weight: 0.5,
    });
  return points;
}

function defined(d: Definition, part: number, section: string): Point {
  const size = d.endLine - d.line + 1;
  const weight =
    (d.depth === 0 ? 1.6 : 0.9) +
    (d.doc ? 0.6 : 0) +
    Math.min(0.6, size / 150) +
    (/class|interface|struct|trait|service/.test(d.what) ? 0.4 : 0);
  return {
    section,
    text: `${toCodeSpan(d.signature)}${d.doc ? `: ${escapeText(d.doc)}` : ''}`,
    cite: [cite(part, Math.min(d.docLine, d.line), d.line + Math.min(8, size - 1))],
    weight,
    depth: Math.min(2, d.depth),
  };
}

function listImports(outline: CodeOutline, part: number, { translate, figure }: Wording): Point[] {
  const names = [...new Set(outline.imports.map((one) => one.name))];
  if (names.length === 0) return [];
  const outside = names.filter((name) => !name.startsWith('.'));
  const inside = names.filter((name) => name.startsWith('.'));
  const told = [...outside, ...inside].slice(0, 14).map((name) => toCodeSpan(name, 60));
  const first = outline.imports[0]?.line ?? 1;
  return [
    {
      section: 'Depends on',
      text:
        names.length > 14
          ? translate(offlinePhrases.andMore, told.join(', '), figure(names.length - 14))
          : told.join(', '),
      cite: [cite(part, first, outline.imports[outline.imports.length - 1]?.line ?? first)],
      weight: 1.5,
    },
  ];
}
