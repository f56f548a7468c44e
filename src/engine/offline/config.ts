import type { Yield } from '../ports.ts';
import { offlinePhrases, type Wording } from './phrases.ts';
import type { OfflinePart, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line, shorten } from './view.ts';

interface Setting {
  readonly key: string;
  readonly value: string;
  readonly line: number;
  readonly comment: string;
  readonly depth: number;
  children: number;
  endLine: number;
}

const pair = /^(\s*)(?:export\s+)?["']?([\w$@./-][\w$@./ -]{0,79}?)["']?(?<!\s)\s*(?:=>|[:=])\s*(?!\s)([^]*)$/;

/** Summarizes settings: the values of the outer levels with their comments. */
export async function readConfig(
  lines: readonly Line[],
  part: number,
  source: OfflinePart,
  yieldNow: Yield,
  { translate, count }: Wording,
): Promise<Point[]> {
  const settings = await listSettings(lines, yieldNow);
  if (settings.length === 0) return [];
  const top = Math.min(...settings.map((one) => one.depth));
  const outer = settings.filter((one) => one.depth === top);
  const points: Point[] = [
    {
      section: '',
      text: translate(
        offlinePhrases.sets,
        toCodeSpan(source.title),
        count(settings.length, offlinePhrases.value, offlinePhrases.values),
        count(outer.length, offlinePhrases.group, offlinePhrases.groups),
      ),
      cite: [cite(part, (settings[0] as Setting).line)],
      weight: 9,
      plain: true,
    },
  ];
  for (const one of settings) {
    const depth = one.depth - top;
    if (depth > 2) continue;
    const told =
      one.children > 0 ? count(one.children, offlinePhrases.entry, offlinePhrases.entries) : toCodeSpan(one.value, 90);
    points.push({
      section: 'What is set',
      text: `${toCodeSpan(one.key, 80)}: ${told}${one.comment ? ` (${escapeText(shorten(one.comment, 120))})` : ''}`,
      cite: [cite(part, one.line, one.endLine)],
      weight: 2 - depth * 0.6 + (one.comment ? 0.2 : 0) - (one.children === 0 && one.value === '' ? 0.5 : 0),
      depth,
    });
  }
  return points;
}

async function listSettings(lines: readonly Line[], yieldNow: Yield): Promise<Setting[]> {
  const found: Setting[] = [];
  const open: { indent: number; setting: Setting | undefined }[] = [];
  let comment = '';
  let section: Setting | undefined;
  for (const [i, { text, line }] of lines.entries()) {
    if (i % 800 === 799) await yieldNow();
    if (text.length > 4000) continue;
    const trimmed = text.trim();
    if (trimmed === '') {
      comment = '';
      continue;
    }
    if (/^(?:#|\/\/|;|--|\/\*|\*|<!--)/.test(trimmed)) {
      comment = trimmed.replace(/^(?:#+|\/\/+|;+|--|\/\*+|\*+|<!--)\s*/, '').replace(/(?<!\s)\s*(?:\*\/|-->)$/, '');
      continue;
    }
    const group = /^\[{1,2}([^\]]+)\]{1,2}$/.exec(trimmed);
    if (group) {
      section = { key: group[1] as string, value: '', line, comment, depth: 0, children: 0, endLine: line };
      found.push(section);
      open.length = 0;
      comment = '';
      continue;
    }
    const match = pair.exec(text.replace(/,\s*$/, ''));
    const indent = text.length - text.trimStart().length;
    while (open.length > 0 && (open[open.length - 1] as { indent: number }).indent >= indent) open.pop();
    const parent = open[open.length - 1]?.setting ?? section;
    if (parent) parent.endLine = line;
    if (!match || /^[-\]})]/.test(trimmed)) {
      if (parent && /^-|^["'\w]/.test(trimmed)) parent.children++;
      continue;
    }
    const value = (match[3] as string).replace(/^[[{]$|^[|>][-+]?$/, '').trim();
    const setting: Setting = {
      key: match[2] as string,
      value,
      line,
      comment,
      depth: open.length + (section ? 1 : 0),
      children: 0,
      endLine: line,
    };
    if (parent) parent.children++;
    found.push(setting);
    open.push({ indent, setting });
    comment = '';
  }
  return found;
}
