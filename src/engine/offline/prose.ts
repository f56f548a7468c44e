/** Summarizes prose: a lead paragraph of the best sentences, then points from all sections. */
import type { Yield } from '../ports.ts';
import { detectDialect, toMarkdown } from '../read/markup.ts';
import { isFragment } from './language.ts';
import { byValue, isEnded, pick, rank, type Ranked, type Taste } from './rank.ts';
import { splitSentences, type Sentence } from './sentences.ts';
import { isBoilerplate, readStructure, type Section } from './structure.ts';
import { type OfflineInput, type Point, shareOfText, wordBudget } from './types.ts';
import { cite, countWords, escapeText, type Line, shorten } from './view.ts';

const taste: Taste = { opening: 1, sectionOpening: 0.1, length: 0.05, norm: 1 };
/** Weights for a list of remarks, which has no opening. */
const remarks: Taste = { opening: 0, sectionOpening: 0, length: 0, norm: 1.2 };
/** Words of the lead paragraph if points follow; half of them in a long summary. */
const leadWords = 135;
const ownWords = 190;
const introWords = 100;
/** Of a paper without an abstract. */
const openingOfPaper = 60;
/** Maximum words of a text that begins with what matters, such as news. */
const shortText = 1_200;

/** Maximum words of a summary for a text of this length. */
export const getBudget = (length: OfflineInput['length'], words: number): number =>
  Math.floor(Math.min(wordBudget[length], words * shareOfText[length]));

/** Returns the most central sentences of a text. */
export async function readProse(
  source: readonly Line[],
  part: number,
  input: OfflineInput,
  yieldNow: Yield,
): Promise<Point[]> {
  const lines = asMarkdown(source, input.parts[part]?.title ?? '');
  const { sections, blocks } = await readStructure(lines, yieldNow);
  const told = blocks.filter(({ section }) => sections[section]?.role !== 'boilerplate');
  const isList = isListOfRemarks(lines, sections);
  const paragraphs = isList
    ? told.flatMap(({ section, lines: own }) => own.map((line) => ({ section, lines: [line] })))
    : told;
  const sentences = await listFullSentences(
    await withoutRepeats(await splitSentences(paragraphs, '', yieldNow), yieldNow),
    yieldNow,
  );
  const ranked = await rank(sentences, isList ? remarks : taste, yieldNow);
  const total = await countWordsIn(lines, yieldNow);
  const budget = getBudget(input.length, total);
  const chapters = total < longDocument ? undefined : findChapters(sections);
  const lead = chooseLead(ranked, sections, {
    hasChapters: chapters !== undefined,
    isBrief: input.length === 'brief',
    words: Math.min(Math.max(leadWords, budget / 2), budget),
    own: input.length === 'brief' ? 0 : Math.min(ownWords, budget),
    most: Math.floor(total * shareOfText[input.length]),
  });
  if (lead.length === 0) return [];
  const points = joinNeighbours(lead).map((sentence, i) =>
    tell(sentence, part, { section: '', plain: true, flows: i > 0, weight: 9 }),
  );
  if (input.length === 'brief') return points;
  const left = budget - lead.reduce((sum, { words }) => sum + words, 0);
  return [...points, ...createPoints({ ranked, lead, sections, chapters, words: left, part })];
}

/** Converts other markup to Markdown; each line keeps its position. */
function asMarkdown(lines: readonly Line[], title: string): readonly Line[] {
  const head = lines
    .slice(0, dialectLines)
    .map(({ text }) => text.slice(0, 400))
    .join('\n');
  const dialect = detectDialect(title, `${head}\n`);
  if (!dialect) return lines;
  const texts = toMarkdown(
    lines.map(({ text }) => text),
    dialect,
  );
  return lines.map(({ line }, i) => ({ text: texts[i] ?? '', line }));
}

const dialectLines = 400;

/** Finds the opening sentence, else the best one of the first paragraphs. */
export async function findOpening(
  source: readonly Line[],
  title: string,
  yieldNow: Yield,
): Promise<Sentence | undefined> {
  const lines = asMarkdown(source, title);
  const { sections, blocks } = await readStructure(lines, yieldNow);
  const early = blocks.filter(({ section }) => sections[section]?.role !== 'boilerplate').slice(0, 12);
  const sentences = (await splitSentences(early, '', yieldNow)).filter(isTold);
  return chooseLead(await rank(sentences, taste, yieldNow), sections, { words: 40, own: 0, most: 70 })[0];
}

/** Whether the text is a list of reviews or messages, one a line. */
function isListOfRemarks(lines: readonly Line[], sections: readonly Section[]): boolean {
  if (sections.length > 1 || lines.length < 20 || lines.some(({ text }) => text.trim() === '')) return false;
  return lines.filter(({ text }) => /[.!?]$/.test(text.trimEnd())).length > lines.length * 0.8;
}

const sliceUnits = 100_000;

/** Counts words; a word that is cut between slices of a very long line counts twice. */
async function countWordsIn(lines: readonly Line[], yieldNow: Yield): Promise<number> {
  let words = 0;
  let work = 0;
  for (const { text } of lines) {
    for (let at = 0; at < text.length; at += sliceUnits) {
      const slice = text.length > sliceUnits ? text.slice(at, at + sliceUnits) : text;
      words += countWords(slice);
      work += slice.length;
      if (work < sliceUnits) continue;
      work = 0;
      await yieldNow();
    }
  }
  return words;
}

const isTold = ({ text }: Sentence): boolean => !isBoilerplate(text) && !isFragment(text);

/** Drops fragments and boilerplate; keeps everything if hardly any full sentence would be left. */
async function listFullSentences(sentences: readonly Sentence[], yieldNow: Yield): Promise<readonly Sentence[]> {
  const told: Sentence[] = [];
  for (const [i, sentence] of sentences.entries()) {
    if (i % 200 === 199) await yieldNow();
    if (isTold(sentence)) told.push(sentence);
  }
  const full = told.filter(
    ({ text, words, alone }) => words >= 4 && (isEnded(text) ? words >= 5 : alone && !/[:：,]$/.test(text)),
  );
  const count = (list: readonly Sentence[]): number => list.reduce((sum, { words }) => sum + words, 0);
  return count(full) < count(told) / 4 ? told : full;
}

/** Drops sentences that occur three times or more; of two equal ones the first stays. */
async function withoutRepeats(sentences: readonly Sentence[], yieldNow: Yield): Promise<readonly Sentence[]> {
  const counts = new Map<string, number>();
  const first: { sentence: Sentence; key: string }[] = [];
  for (const [i, sentence] of sentences.entries()) {
    if (i % 500 === 499) await yieldNow();
    // long forms repeat word for word
    const key = sentence.text.length < 40 ? sentence.text.toLowerCase().replace(/[\d\s\p{P}]+/gu, ' ') : sentence.text;
    const count = counts.get(key) ?? 0;
    if (count === 0) first.push({ sentence, key });
    counts.set(key, count + 1);
  }
  const rare = first.filter(({ key }) => (counts.get(key) as number) < 3);
  return (rare.length > first.length / 2 ? rare : first).map(({ sentence }) => sentence);
}

function tell(sentence: Sentence, part: number, how: Pick<Point, 'section' | 'weight' | 'plain' | 'flows'>): Point {
  return { ...how, text: escapeText(sentence.text), cite: [cite(part, sentence.startLine, sentence.endLine)] };
}

/** Of a document that is summarized by chapter. */
const manySections = 8;
const longDocument = 3_000;

const maxCited = 20;

/** Gives adjacent sentences one mark. */
function joinNeighbours<T extends Sentence>(sentences: readonly T[]): T[] {
  const passages: T[] = [];
  let last = -1;
  for (const sentence of sentences) {
    const before = passages.at(-1);
    if (
      before?.section === sentence.section &&
      sentence.index === last + 1 &&
      sentence.endLine - before.startLine < maxCited
    )
      passages[passages.length - 1] = {
        ...before,
        text: `${before.text} ${sentence.text}`,
        endLine: sentence.endLine,
        words: before.words + sentence.words,
      };
    else passages.push(sentence);
    last = sentence.index;
  }
  return passages;
}

const isOverview = /^(?:overview|at a glance|überblick|kurzüberblick|aperçu|概要)$/i;

/** Titles of introductions; text before them is an abstract. */
const isPaper = /^(?:[\dIVX]+\.?\s*)?(?:introduction|einleitung|einführung|introducción|introdução|introduzione)?$/i;

interface Room {
  readonly words: number;
  /** Maximum words of the text's own abstract or introduction. */
  readonly own: number;
  /** Limit that also holds for a long sentence. */
  readonly most: number;
  readonly hasChapters?: boolean;
  /** Whether the opening suffices. */
  readonly isBrief?: boolean;
}

/** Chooses the text's own abstract as far as it fits, else its opening; then the best sentences. */
function chooseLead(ranked: readonly Ranked[], sections: readonly Section[], room: Room): Ranked[] {
  const own = findOwnWords(ranked, sections);
  const hasIntroduction = sections.some(({ title }) => title !== '' && isPaper.test(title));
  const opening = hasIntroduction ? upTo(ranked, openingOfPaper) : ranked.filter(isOpening).slice(0, 1);
  const first = own.length > 0 ? own : opening;
  const lead: Ranked[] = [];
  let left = own.length > 0 ? Math.max(room.words, room.own) : room.words;
  const beyond = Math.max(0, Math.min(30, room.most - left));
  for (const sentence of first) {
    if (left <= 0 || sentence.words > left + beyond) break;
    lead.push(sentence);
    left -= sentence.words;
  }
  left -= own.length > 0 ? Math.max(0, room.own - room.words) : 0;
  // the points cover the chapters
  if (left > 15 && !((room.hasChapters || room.isBrief) && own.length > 0 && lead.length > 0)) {
    const shown = new Set(lead);
    const rest = ranked.filter((sentence) => !shown.has(sentence));
    lead.push(...pick(rest, left, ({ score }) => score, lead));
  }
  if (lead.length === 0 && ranked.length > 0) lead.push(findShortest(ranked, room.words));
  return lead.sort((a, b) => a.index - b.index);
}

/** Returns the shortest sentence, or its beginning, if none fits. */
function findShortest(ranked: readonly Ranked[], words: number): Ranked {
  const shortest = Math.min(...ranked.map((sentence) => sentence.words));
  const one = ranked.find((sentence) => sentence.words <= Math.max(words, shortest * 1.5)) as Ranked;
  return one.words > 2 * leadWords ? { ...one, text: shorten(one.text, 700) } : one;
}

function upTo(sentences: readonly Ranked[], most: number): Ranked[] {
  let words = 0;
  return sentences.filter((sentence) => (words += sentence.words) - sentence.words < most);
}

/** Returns the abstract, else the text before the first heading, else the opening of a short text. */
function findOwnWords(ranked: readonly Ranked[], sections: readonly Section[]): Ranked[] {
  const isEarly = (section: number): boolean =>
    sections.slice(0, section).filter(({ role, level, title }) => role === 'body' && level > 1 && title !== '')
      .length <= 1;
  const own = ranked.filter(({ section }) => sections[section]?.role === 'own' && isEarly(section));
  const body = sections.findIndex(({ title, level }) => title !== '' && level > 1);
  const before = body < 0 ? [] : ranked.filter(({ section }) => section < body);
  // an overview follows the definition; an abstract follows names and addresses
  if (own.length > 0) return isOverview.test(sections[own[0]?.section ?? 0]?.title ?? '') ? [...before, ...own] : own;
  if (body < 0) return countAll(ranked) <= shortText ? upTo(ranked, introWords) : [];
  if (sections.length - body < 3 || before.length < 2) return [];
  return upTo(before, isPaper.test(sections[body]?.title ?? '') ? ownWords : introWords);
}

const countAll = (sentences: readonly Sentence[]): number => sentences.reduce((sum, { words }) => sum + words, 0);

const isOpening = ({ text, words, score, central, dangles }: Ranked): boolean =>
  words >= 4 && score > central && !/[?？:：]$/.test(text) && !dangles;

/**
 * Fills `words` with sentences, each time from the third of the text that has the fewest so far.
 * @param extra additional words for each sentence
 */
export function pickEvenly(
  ranked: readonly Ranked[],
  lead: readonly Ranked[],
  words: number,
  extra: (sentence: Ranked) => number = () => 0,
): Ranked[] {
  const last = ranked[ranked.length - 1];
  const length = last ? last.offset + last.text.length : 1;
  const findThird = ({ offset }: Sentence): number => Math.min(2, Math.floor((3 * offset) / length));
  const shown = new Set(lead);
  const thirds = [0, 1, 2].map((third) => ({
    count: lead.filter((one) => findThird(one) === third).length,
    pool: byValue(
      ranked.filter((one) => findThird(one) === third && !shown.has(one)),
      rateSentence,
    ),
  }));
  const taken: Ranked[] = [...lead];
  let left = words;
  for (;;) {
    const third = thirds.filter(({ pool }) => pool.length > 0).sort((a, b) => a.count - b.count)[0];
    if (!third || left <= 0) break;
    const best = findBest(third.pool, left, taken);
    if (best) {
      taken.push(best);
      left -= best.words + extra(best);
      third.count++;
    }
    third.pool = best ? third.pool.filter((one) => one !== best) : [];
  }
  return taken.slice(lead.length).sort((a, b) => a.index - b.index);
}

const rateSentence = (one: Ranked): number =>
  one.central + taste.sectionOpening * Math.exp(-one.rank / 2) + Math.exp(-one.index / 15);

/** @param pool candidates in descending order of value */
function findBest(pool: readonly Ranked[], words: number, taken: readonly Ranked[]): Ranked | undefined {
  const best = pool.slice(0, 40);
  // If all sentences follow one form, one of them is shown.
  return pick(best, words, rateSentence, taken)[0] ?? pick(best, words, rateSentence, taken, 0.97)[0];
}

const chapterWords = 28;

/** Index of the chapter of each section. Chapters are the highest level with several headings. */
function findChapters(sections: readonly Section[]): number[] | undefined {
  const titled = sections.filter(({ title, level, role }) => title !== '' && level > 0 && role === 'body');
  const level = [1, 2, 3].find((most) => titled.filter((one) => one.level <= most).length >= manySections / 2);
  if (titled.length < manySections || level === undefined) return undefined;
  let chapter = 0;
  return sections.map((section, i) => (section.level > 0 && section.level <= level ? (chapter = i) : chapter));
}

/** Picks one sentence from each chapter, or from the longest ones if not all fit. */
function pickByChapter(
  ranked: readonly Ranked[],
  lead: readonly Ranked[],
  sections: readonly Section[],
  chapters: readonly number[],
  words: number,
): Ranked[] {
  const shown = new Set(lead);
  const groups = new Map<number, Ranked[]>();
  for (const one of ranked) {
    const chapter = chapters[one.section] ?? 0;
    const own = groups.get(chapter);
    if (own) own.push(one);
    else groups.set(chapter, [one]);
  }
  const sizes = [...groups].map(([chapter, own]) => ({
    chapter,
    own: own.filter((one) => !shown.has(one)),
    size: own.reduce((sum, one) => sum + one.words, 0),
  }));
  const taken: Ranked[] = [...lead];
  let left = words;
  for (const { chapter, own } of sizes.sort((a, b) => b.size - a.size)) {
    const short = own.filter((one) => one.words <= Math.min(left, chapterWords));
    const value = (one: Ranked): number => one.central + Math.exp(-one.rank / 3);
    const best = pick(byValue(short, value).slice(0, 40), left, value, taken)[0];
    if (!best) continue;
    taken.push(best);
    left -= best.words + countWords(sections[chapter]?.title ?? '');
  }
  return taken.slice(lead.length).sort((a, b) => a.index - b.index);
}

interface Rest {
  readonly ranked: readonly Ranked[];
  readonly lead: readonly Ranked[];
  readonly sections: readonly Section[];
  /** Chapter of each section; undefined unless the document is long. */
  readonly chapters: readonly number[] | undefined;
  readonly words: number;
  readonly part: number;
}

function createPoints({ ranked, lead, sections, chapters, words, part }: Rest): Point[] {
  const titled = sections.filter(({ title, level }) => title !== '' && level > 0).length > 2;
  const getTitle = ({ section }: Sentence): string =>
    titled ? (sections[chapters?.[section] ?? section]?.title ?? '') : '';
  const picked = chapters
    ? pickByChapter(ranked, lead, sections, chapters, words)
    : pickEvenly(ranked, lead, words, (one) => countWords(getTitle(one)));
  let before = -1;
  return joinNeighbours(picked).map((sentence) => {
    const title = getTitle(sentence);
    const flows = title !== '' && before === sentence.section;
    before = sentence.section;
    const point = tell(sentence, part, { section: titled ? 'Section by section' : 'Main points', weight: 1, flows });
    return title === '' || flows ? point : { ...point, text: `**${escapeText(shorten(title, 90))}**: ${point.text}` };
  });
}
