/** Describes the varying parts of a template. */
import type { Miner, Template } from './log/drain.ts';
import { clip, formatFigure, type Output, put, putVerbatim } from './lines.ts';
import { mark, showMasked, varies } from './scan.ts';
import {
  computeRange,
  findOutlierValues,
  listFrequentValues,
  listTopValues,
  type Odd,
  type ValueStats,
} from './stats.ts';

/** Amount of detail to write about a template. */
export interface Detail {
  /** Maximum length of its first line, and of the description of its slots, UTF-16 units. */
  readonly example: number;
  readonly described: number;
  /** Maximum outliers, and whether to show their whole lines. */
  readonly odd: number;
  readonly whole: boolean;
  /** Frequent values. */
  readonly top: number;
}
/** Levels of detail, finest first. */
export const details: readonly Detail[] = [
  { example: 600, described: 1600, odd: 200, whole: true, top: 3 },
  { example: 600, described: 900, odd: 200, whole: false, top: 2 },
  { example: 300, described: 400, odd: 120, whole: false, top: 1 },
  { example: 200, described: 160, odd: 60, whole: false, top: 1 },
  { example: 110, described: 0, odd: 24, whole: false, top: 0 },
  { example: 110, described: 0, odd: 8, whole: false, top: 0 },
];

interface Found extends Odd {
  readonly name: string;
  /** Outliers in its slot. */
  readonly crowd: number;
}

/** Marks the slot's value in its name. */
const hole = '\u0002';

/** Marks one value of a masked word. */
function withHole(masked: string, which: number): string {
  let seen = -1;
  return showMasked(masked.replaceAll(mark, (found) => (++seen === which ? hole : found)));
}

const nameSlot = (slot: Slot): string => slot.name.replace(hole, varies);

/** A variable place of a template. */
export interface Slot {
  /** The words around the value, with `hole` in its place. */
  readonly name: string;
  readonly stats: ValueStats;
}

/** Lists differing words, then the values inside masked words. */
function listSlots(template: Template): Slot[] {
  const slots: (Slot & { at: number })[] = [];
  const around = (at: number, inner: string): string => {
    const before = template.tokens
      .slice(Math.max(0, at - 2), at)
      .map((token, i) => (template.wild[Math.max(0, at - 2) + i] ? varies : showMasked(token)));
    return [...before, inner].join(' ').trim();
  };
  template.words.forEach((stats, at) => {
    if (stats) slots.push({ at, name: around(at, hole), stats });
  });
  for (const [key, list] of template.values) {
    const space = key.indexOf(' ');
    const at = Number(key.slice(0, space));
    // Masked words are counted by word, their values listed by form.
    list.forEach((stats, j) => slots.push({ at, name: around(at, withHole(key.slice(space + 1), j)), stats }));
  }
  return slots.sort((a, b) => a.at - b.at);
}

/** Writes the slots in one line, then outliers with their lines. */
export function putSlots(output: Output, miner: Miner, template: Template, detail: Detail): void {
  const described: string[] = [];
  const odd: Found[] = [];
  for (const slot of listSlots(template)) {
    if (slot.stats.n < 3) {
      // these are listed with the rare forms
      for (const [text, seen] of slot.stats.distinct ?? []) {
        if (template.count >= 12)
          odd.push({ text, line: seen.line, why: 'rare', count: seen.count, name: slot.name, crowd: 1 });
      }
      continue;
    }
    const told = describe(slot.stats, detail.top);
    if (told) described.push(`${nameSlot(slot)}: ${told}`);
    const found = findOutlierValues(slot.stats);
    for (const one of found) odd.push({ ...one, name: slot.name, crowd: found.length });
  }
  if (described.length > 0 && detail.described > 0)
    put(output, clip(`  ${described.join('; ')}`, detail.described), template.first);
  const shown = findStrongest(odd, detail.odd);
  shown.forEach((one, i) => {
    const whole = detail.whole ? miner.odd.get(one.line) : undefined;
    const times = one.count > 1 ? ` (${one.count} times)` : '';
    put(
      output,
      `  ${one.why}${times}, line ${one.line}: ${whole === undefined ? inPlace(one) : clip(one.text, 200)}`,
      one.line,
    );
    if (whole !== undefined && shown[i + 1]?.line !== one.line && !output.verbatim.has(one.line))
      putVerbatim(output, whole, one.line, 600);
  });
  if (odd.length > shown.length)
    put(
      output,
      `  ${formatFigure(odd.length - shown.length)} more odd values are told as this count only.`,
      template.first,
    );
}

/** Chooses outliers from slots with few of them; returns text order. */
function findStrongest(odd: readonly Found[], most: number): Found[] {
  const ranked = [...odd].sort((a, b) => a.crowd - b.crowd || a.line - b.line).slice(0, most);
  return ranked.sort((a, b) => a.line - b.line);
}

const inPlace = (odd: { readonly name: string; readonly text: string }): string =>
  clip(
    odd.name.replace(hole, () => odd.text),
    300,
  );

/** Describes values briefly; '' for identifiers. */
export function describe(stats: ValueStats, most?: number): string {
  const parts: string[] = [];
  if (stats.distinct?.size === 1) return '';
  const range = computeRange(stats);
  if (range) {
    const { low, high, mean } = range;
    const lines = !stats.distinct || stats.distinct.size > 8;
    const place = (line: number): string => (lines ? ` (line ${line})` : '');
    parts.push(`${low.text}${place(low.line)} to ${high.text}${place(high.line)}, mean ${formatFigure(mean)}`);
  }
  if (!stats.distinct)
    return parts
      .concat(parts.length > 0 ? [] : [`more than ${formatFigure(Math.min(512, stats.n))} different`])
      .join(', ');
  parts.unshift(`${formatFigure(stats.distinct.size)}${stats.beyond > 0 ? '+' : ''} different`);
  const top = listFrequentValues(stats, most);
  if (top.length > 0)
    parts.push(`most: ${top.map(([text, seen]) => `${clip(text, 60)} ${formatFigure(seen.count)}×`).join(', ')}`);
  return parts.join(', ');
}

/** An unusual value with the words around it. */
export interface Outlier extends Odd {
  readonly inPlace: string;
  /** Number of outliers in the same slot; the fewer, the more informative. */
  readonly crowd: number;
}

/** Finds the outliers of a template's slots, unordered. */
export function findOutliers(template: Template): Outlier[] {
  const found: Outlier[] = [];
  for (const slot of listSlots(template)) {
    if (slot.stats.n < 3) {
      // rare values are no outliers in a rare template
      if (template.count < 12) continue;
      for (const [text, seen] of slot.stats.distinct ?? [])
        found.push({
          text,
          line: seen.line,
          why: 'rare',
          count: seen.count,
          inPlace: inPlace({ name: slot.name, text }),
          crowd: 1,
        });
      continue;
    }
    const odd = findOutlierValues(slot.stats);
    for (const one of odd)
      found.push({ ...one, inPlace: inPlace({ name: slot.name, text: one.text }), crowd: odd.length });
  }
  return found;
}

/** Describes values by slot; '' if there is nothing to describe. */
export function describeSlots(template: Template, top: number, limit: number): string {
  const described: string[] = [];
  for (const slot of listSlots(template)) {
    const text = slot.stats.n < 3 ? '' : describe(slot.stats, top);
    if (text !== '') described.push(`${nameSlot(slot)}: ${text}`);
  }
  return clip(described.join('; '), limit);
}

/** Writes the message with the value, range or `…` of each slot. */
export function writeForm(template: Template, limit: number): string {
  const differing = template.wild.filter(Boolean).length;
  const words = template.tokens.map((token, at) => {
    const stats = template.wild[at] ? template.words[at] : undefined;
    if (template.wild[at]) return differing === 1 ? formatShortList(stats) : formatCommonPart(stats);
    const slots = template.values.get(`${at} ${token}`);
    let next = 0;
    return token.replaceAll(mark, () => formatRange(slots?.[next++]));
  });
  return clip(words.join(' ').trim(), limit);
}

const maxList = 48;

/** Lists up to three short values, else the most frequent one, else their common part. */
function formatShortList(stats: ValueStats | undefined): string {
  if (!stats?.distinct) return varies;
  if (stats.distinct.size > 3) {
    const [top] = listTopValues(stats, 1);
    return top && top[1].count * 2 > stats.n && top[0].length <= maxList
      ? `${top[0]}|${varies}`
      : formatCommonPart(stats);
  }
  const list = listTopValues(stats, 3)
    .map(([text]) => text)
    .join('|');
  return list.length <= maxList ? list : formatCommonPart(stats);
}

const minCommon = 3;

/** Returns `…` with the common prefix and suffix of all values: `/var/log/…`. */
function formatCommonPart(stats: ValueStats | undefined): string {
  const [first = '', ...others] = stats?.distinct?.keys() ?? [];
  if (others.length === 0 || first.includes(varies)) return varies;
  let start = 0;
  while (start < first.length && others.every((value) => value[start] === first[start])) start++;
  let end = 0;
  while (
    end < first.length - start &&
    others.every((value) => value.length - end > start && value.at(-1 - end) === first.at(-1 - end))
  )
    end++;
  const head = start >= minCommon ? first.slice(0, Math.min(start, maxList)) : '';
  return `${head}${varies}${end >= minCommon ? first.slice(first.length - Math.min(end, maxList)) : ''}`;
}

function formatRange(stats: ValueStats | undefined): string {
  if (!stats || stats.n === 0) return varies;
  const [only] = stats.distinct?.size === 1 ? [...stats.distinct.keys()] : [];
  if (only !== undefined) return clip(only, 60);
  const low = stats.low[0];
  const high = stats.high[0];
  return stats.numbers === stats.n && low && high ? `${low.text}…${high.text}` : varies;
}
