import type { Yield } from '../ports.ts';
import { type Block, pickDiverse, plainOf, scoreSentences, type Sentence, sentencesOf } from './sentences.ts';
import type { OfflineInput, Point } from './types.ts';
import { cite, escapeText, type Line, plural, shorten } from './view.ts';

interface Section {
  readonly title: string;
  readonly level: number;
  readonly line: number;
  units: number;
}

const heading = /^ {0,3}(#{1,6})\s+(?!\s)(.*[^\s#])[\s#]*$/;
const namedHeading =
  /^(?:chapter|part|section|book|act|scene|kapitel|teil|abschnitt|chapitre|cap[ií]tulo)\s+[\dIVXLC]+\b.{0,80}$|^第.{1,6}[章节節回部编].{0,60}$/i;
const numberedHeading = /^(?:[IVXLC]{1,6}|\d{1,2}(?:\.\d{1,2}){0,3})\.?\s+\p{Lu}.{2,60}[^,;:]$/u;
const fence = /^\s*(`{3,}|~{3,})/;
const speaker = /^(?:\[?[\d:.,]{4,12}\]?\s*)?(?:<v )?([\p{Lu}][\p{L}\p{N}.'’ _-]{0,30}?)(?:>|(?<!\s)\s*[:：]\s)/u;

const limits = {
  brief: { lead: 2, sections: 4, units: 190 },
  standard: { lead: 3, sections: 10, units: 190 },
  detailed: { lead: 6, sections: 24, units: 260 },
} as const;

/** Prose, Markdown, legal texts, transcripts: the most central sentences, then section by section. */
export async function readProse(
  lines: readonly Line[],
  part: number,
  input: OfflineInput,
  yieldNow: Yield,
  isTranscript: boolean,
): Promise<Point[]> {
  const { sections, blocks } = structure(lines);
  const sentences = await sentencesOf(blocks, input.language, yieldNow);
  await scoreSentences(sentences, yieldNow);
  const { lead, sections: most, units } = limits[input.length];
  const points: Point[] = [];
  if (isTranscript) points.push(...speakersOf(lines, part));
  const leading =
    sentences.length <= 400 || sections.length > 2 ? pickDiverse(sentences, lead) : spread(sentences, lead);
  for (const sentence of leading) points.push(told(sentence, part, '', 3, input.length === 'brief' ? 220 : 330));
  if (sections.length > 2) points.push(...bySection(sections, sentences, leading, part, most, units));
  else points.push(...rest(sentences, leading, part, most));
  if (isTranscript) points.push(...questionsAndDecisions(sentences, part));
  return points;
}

function structure(lines: readonly Line[]): { sections: Section[]; blocks: Block[] } {
  const sections: Section[] = [{ title: '', level: 0, line: lines[0]?.line ?? 1, units: 0 }];
  const blocks: Block[] = [];
  let open: Line[] = [];
  let inFence = '';
  const close = (): void => {
    if (open.length > 0) blocks.push({ section: sections.length - 1, lines: open });
    open = [];
  };
  lines.forEach((line, i) => {
    const mark = fence.exec(line.text)?.[1];
    if (inFence !== '') {
      if (mark?.startsWith(inFence)) inFence = '';
      return;
    }
    if (mark) {
      close();
      inFence = mark;
      return;
    }
    const title = headingOf(lines, i);
    if (title) {
      close();
      sections.push({ ...title, line: line.line, units: 0 });
      return;
    }
    const text = line.text.trim();
    (sections[sections.length - 1] as Section).units += text.length;
    if (text === '' || /^(?:[-=*_]{3,}|\|.*\||<[^>]+>)$/.test(text)) close();
    else {
      if (/^(?:[-*+]|\d{1,3}[.)])\s/.test(text)) close();
      open.push(line);
    }
  });
  close();
  return { sections, blocks };
}

function headingOf(lines: readonly Line[], i: number): { title: string; level: number } | undefined {
  const text = (lines[i] as Line).text;
  if (text.length > 200) return undefined;
  const marked = heading.exec(text);
  if (marked) return { title: plainOf(marked[2] as string), level: (marked[1] as string).length };
  const next = lines[i + 1]?.text ?? '';
  const trimmed = text.trim();
  if (trimmed !== '' && /^(?:={3,}|-{3,})\s*$/.test(next) && (lines[i - 1]?.text ?? '').trim() === '')
    return { title: plainOf(trimmed), level: next.startsWith('=') ? 1 : 2 };
  const alone = next.trim() === '' && (lines[i - 1]?.text ?? '').trim() === '';
  if (alone && trimmed !== '' && (namedHeading.test(trimmed) || numberedHeading.test(trimmed)))
    return { title: trimmed, level: /^\d+\.\d/.test(trimmed) ? 3 : 2 };
  return undefined;
}

const told = (sentence: Sentence, part: number, section: string, weight: number, most = 330): Point => ({
  section,
  text: escapeText(shorten(sentence.text, most)),
  cite: [cite(part, sentence.startLine, sentence.endLine)],
  weight,
});

/** One line for each of the larger sections, in their order. */
function bySection(
  sections: readonly Section[],
  sentences: readonly Sentence[],
  leading: readonly Sentence[],
  part: number,
  most: number,
  units: number,
): Point[] {
  const used = new Set(leading.map((s) => s.index));
  const shown = chooseSections(sections, most);
  const points: Point[] = [];
  const level = Math.min(...[...shown].map((i) => (sections[i] as Section).level || 9));
  for (const i of [...shown].sort((a, b) => a - b)) {
    const section = sections[i] as Section;
    const end = sections.findIndex((other, at) => at > i && other.level <= section.level);
    const inside = sentences.filter(
      (s) =>
        s.section >= i &&
        (end < 0 || s.section < end) &&
        (s.section === i || !shown.has(s.section)) &&
        !used.has(s.index),
    );
    const best = [...inside].sort((a, b) => b.score - a.score)[0];
    if (section.title === '') continue;
    if (best) used.add(best.index);
    points.push({
      section: 'Section by section',
      text: `**${escapeText(shorten(section.title, 90))}**${best ? `: ${escapeText(shorten(best.text, units))}` : ''}`,
      cite: [best ? cite(part, best.startLine, best.endLine) : cite(part, section.line)],
      weight: 1 + Math.min(1, section.units / 4000) - 0.1 * (section.level - level),
      depth: Math.min(2, Math.max(0, section.level - level)),
    });
  }
  return points;
}

function chooseSections(sections: readonly Section[], most: number): Set<number> {
  const titled = sections.map((section, i) => ({ section, i })).filter(({ section }) => section.title !== '');
  const chosen = new Set<number>();
  for (let level = 1; level <= 6; level++) {
    const here = titled.filter(({ section }) => section.level === level);
    if (level === 1 && here.length === 1 && titled.length > 1) continue;
    if (chosen.size + here.length > most) {
      here.sort((a, b) => b.section.units - a.section.units);
      for (const { i } of here.slice(0, most - chosen.size)) chosen.add(i);
      break;
    }
    for (const { i } of here) chosen.add(i);
  }
  return chosen;
}

/** The best of each stretch, so that no part of a long text is left out. */
function spread(sentences: readonly Sentence[], most: number): Sentence[] {
  const picked: Sentence[] = [];
  for (let i = 0; i < most; i++) {
    const stretch = sentences.slice(
      Math.floor((i * sentences.length) / most),
      Math.floor(((i + 1) * sentences.length) / most),
    );
    picked.push(...pickDiverse(stretch, 1));
  }
  return picked;
}

function rest(sentences: readonly Sentence[], leading: readonly Sentence[], part: number, most: number): Point[] {
  const used = new Set(leading.map((s) => s.index));
  const others = sentences.filter((s) => !used.has(s.index));
  if (others.length < 3) return others.map((s) => told(s, part, '', 0.8));
  const picked = others.length > most * 4 ? spread(others, most) : pickDiverse(others, most);
  return picked.map((s) => told(s, part, 'In the order of the text', 1));
}

function speakersOf(lines: readonly Line[], part: number): Point[] {
  const turns = new Map<string, { count: number; line: number }>();
  for (const { text, line } of lines) {
    const name = speaker.exec(text)?.[1]?.trim();
    if (!name) continue;
    const known = turns.get(name);
    if (known) known.count++;
    else turns.set(name, { count: 1, line });
  }
  const people = [...turns].filter(([, { count }]) => count > 1).sort((a, b) => b[1].count - a[1].count);
  if (people.length < 2) return [];
  const text = people.slice(0, 8).map(([name, { count }]) => `${escapeText(name)} (${plural(count, 'turn')})`);
  return [
    {
      section: '',
      text: `Speakers: ${text.join(', ')}${people.length > 8 ? ` and ${people.length - 8} more` : ''}.`,
      cite: people.slice(0, 3).map(([, { line }]) => cite(part, line)),
      weight: 4,
    },
  ];
}

const decided =
  /\b(?:decid|decision|agree|action item|will (?:do|take|send|fix|write|prepare)|let'?s|deadline|todo|beschlossen|entschieden|einigen|décid|acord|decid)\w*/i;

function questionsAndDecisions(sentences: readonly Sentence[], part: number): Point[] {
  const decisions = sentences
    .filter((s) => decided.test(s.text) && !/[?？]\s*$/.test(s.text))
    .sort((a, b) => b.score - a.score);
  const questions = sentences
    .filter((s) => /[?？]\s*$/.test(s.text) && s.text.length > 20)
    .sort((a, b) => b.score - a.score);
  const inOrder = (list: Sentence[], most: number): Sentence[] => list.slice(0, most).sort((a, b) => a.index - b.index);
  return [
    ...inOrder(decisions, 6).map((s) => told(s, part, 'Decisions and next steps', 2)),
    ...inOrder(questions, 5).map((s) => told(s, part, 'Questions asked', 1.5)),
  ];
}
