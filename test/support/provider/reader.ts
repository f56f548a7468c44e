/**
 * A model that repeats all it is given. It reads a prompt as any stage writes it: chunks under `[n]` on lines of their own, and answers with a
 * point for each fact, `- … [n]`. What reaches the server is therefore in the summary, unless something between them loses it.
 */
export interface ReaderOptions {
  /** What makes a sentence a fact. Default: `FACT-<id>`. */
  readonly facts?: RegExp;
  /** Strings that were planted; a sentence that holds one is a fact too. */
  readonly planted?: readonly string[];
  /** What a chunk without facts gets: its first sentence, or nothing. Default `first-sentence`. */
  readonly filler?: 'first-sentence' | 'nothing';
  /**
   * 'at most N words': `soft` leaves out filler until it fits, and no fact; `strict` (or true) facts too, from the end; false: not heard.
   * Default `soft`.
   */
  readonly obeyWords?: boolean | 'soft' | 'strict';
  readonly marks?: 'good' | 'missing' | 'doubled' | 'invented' | 'disordered' | 'only-last' | 'grouped';
  /** Follows instructions that it finds inside the text, as a weak model would. */
  readonly obeyInjections?: boolean;
  /** Active content in the answer. */
  readonly active?: boolean;
  readonly empty?: boolean;
  /** The answer is written this many times over. */
  readonly repeat?: number;
  /** Says something of its own instead of reading. */
  readonly ignore?: boolean;
  /** Longest point in words; default 60. */
  readonly maxPointWords?: number;
}

export interface Section {
  /** 0 where the prompt names no chunk. */
  readonly n: number;
  readonly text: string;
}
interface Point {
  readonly n: number;
  readonly text: string;
  readonly fact: boolean;
}

const name = /^\s*\[(\d{1,5})\](?:\s.*)?$/;
const nameAlone = /^\s*\[(\d{1,5})\]\s*$/;
const injection =
  /ignore (?:all |the |any )*(?:above|previous|prior|earlier)|disregard (?:all|the|any|previous)|new instructions?:|ignoriere|ignorez|忽略/i;

/** The chunks of a prompt, in order. What stands before the first name, and after the fence's end, is the ask. */
export function sectionsOf(prompt: string): { sections: Section[]; ask: string } {
  const lines = prompt.split('\n');
  const first = lines.findIndex((line) => nameAlone.test(line));
  if (first < 0) return { sections: [{ n: 0, text: prompt }], ask: '' };
  const fence = fenceBefore(lines, first);
  const end = fence === undefined ? lines.length : lastLineWith(lines, fence);
  const sections: Section[] = [];
  let from = first;
  let expected = 1;
  for (let at = first + 1; at <= end; at++) {
    const isName =
      at < end && nameAlone.test(lines[at] as string) && Number(name.exec(lines[at] as string)?.[1]) === expected + 1;
    if (!isName && at < end) continue;
    const body = lines.slice(from + 1, at).filter((line) => fence === undefined || !line.includes(fence));
    sections.push({ n: Number(name.exec(lines[from] as string)?.[1]), text: body.join('\n') });
    from = at;
    expected++;
  }
  return { sections, ask: [...lines.slice(0, first), ...lines.slice(end)].join('\n') };
}

/** The mark that opens the data: a line that stands again after it, else a word of eight or more hex digits that does. */
function fenceBefore(lines: readonly string[], first: number): string | undefined {
  for (let at = first - 1; at >= 0; at--) {
    const line = (lines[at] as string).trim();
    if (line.length >= 4 && lines.slice(first).some((other) => other.trim() === line)) return line;
    const mark = /[0-9a-f]{8,}/.exec(line)?.[0];
    if (mark !== undefined && lines.slice(first).some((other) => other.includes(mark))) return mark;
  }
  return undefined;
}

function lastLineWith(lines: readonly string[], mark: string): number {
  for (let at = lines.length - 1; at >= 0; at--) {
    const line = lines[at] as string;
    if (line.length <= 120 && line.includes(mark)) return at;
  }
  return lines.length;
}

/** The most words that the prompt allows, or Infinity. The last such limit counts. */
export function wordsAllowed(prompt: string): number {
  let words = Infinity;
  for (const match of prompt.matchAll(
    /(?:at most|no more than|maximum of|up to|under|within)\s+(?:about\s+)?(\d[\d,]*)\s+words/gi,
  )) {
    words = Number((match[1] as string).replaceAll(',', ''));
  }
  return words;
}

/** What stands before a cut answer's end, and that end, where the prompt asks to go on from there. */
const cutAnswer = /^([^]*\n)\(your answer so far\)\n([^]+)\n([0-9a-f]{8,}\n[^]*\bGo on exactly there\b[^]*)$/;

export function readerAnswer(system: string, user: string, options: ReaderOptions = {}): string {
  if (options.empty) return '';
  const cut = cutAnswer.exec(user);
  if (cut) {
    const [, text = '', end = '', ask = ''] = cut;
    const whole = readerAnswer(system, text + ask, options);
    const at = whole.lastIndexOf(end.replaceAll('\\[', '['));
    return at < 0 ? whole : whole.slice(at + end.replaceAll('\\[', '[').length);
  }
  if (options.ignore) return 'I am happy to help with that. What would you like to know?';
  const { sections, ask } = sectionsOf(user);
  const found = factsIn(options);
  let points = sections.flatMap((section) => pointsOf(section, found, options));
  points = fitWords(points, wordsAllowed(`${system}\n${ask}`), options.obeyWords ?? 'soft');
  if (points.length === 0) return `${system}\n${ask}`.includes('NONE') ? 'NONE' : '';
  const lines = marked(points, sections.length, options.marks ?? 'good');
  if (options.active) lines.push(activeContent);
  const text = lines.join('\n');
  return options.repeat === undefined ? text : Array.from({ length: options.repeat }, () => text).join('\n');
}

const activeContent =
  '<img src="https://tracker.example/p.png" onerror="alert(1)"> ![x](https://tracker.example/q.png) [run](command:workbench.action.quit) <script>alert(1)</script>';

function factsIn(options: ReaderOptions): RegExp {
  const pattern = options.facts ?? /\bFACT-\w[\w-]*/;
  const planted = (options.planted ?? []).map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp([pattern.source, ...planted].join('|'), 'g');
}

function pointsOf(section: Section, found: RegExp, options: ReaderOptions): Point[] {
  const limit = options.maxPointWords ?? 60;
  const points: Point[] = [];
  let after = 0;
  for (const match of section.text.matchAll(found)) {
    if (match.index < after) continue;
    const sentence = sentenceAround(section.text, match.index, match.index + match[0].length);
    after = sentence.end;
    points.push({ n: section.n, text: clean(cutWords(sentence.text, limit, match[0])), fact: true });
  }
  if (options.obeyInjections) {
    for (const line of section.text.split('\n'))
      if (injection.test(line)) points.push({ n: section.n, text: clean(line), fact: true });
  }
  if (points.length === 0 && options.filler !== 'nothing') {
    const sentence = firstSentence(section.text);
    if (sentence !== '') points.push({ n: section.n, text: cutWords(sentence, Math.min(limit, 25)), fact: false });
  }
  return points;
}

/** A full stop ends a sentence only before white space: `1.5` and `a.b` stay whole. */
function sentenceAround(text: string, from: number, to: number): { text: string; end: number } {
  let start = from;
  while (
    start > 0 &&
    text[start - 1] !== '\n' &&
    !(/[.!?]/.test(text[start - 1] as string) && /\s/.test(text[start] as string)) &&
    !/[。！？]/.test(text[start - 1] as string)
  )
    start--;
  let end = to;
  while (
    end < text.length &&
    text[end] !== '\n' &&
    !(/[.!?]/.test(text[end] as string) && /\s|^$/.test(text[end + 1] ?? '')) &&
    !/[。！？]/.test(text[end] as string)
  )
    end++;
  return { text: text.slice(start, end).trim(), end };
}

/** A line in parentheses right under a chunk's name tells where it stands, and is not of the text. */
function firstSentence(text: string): string {
  for (const [at, line] of text.split('\n').entries()) {
    if (at === 0 && /^\(.+\)$/.test(line)) continue;
    const plain = clean(line);
    if (/[\p{L}\p{N}]{2}/u.test(plain) && plain !== 'NONE') return clean(sentenceAround(plain, 0, 1).text);
  }
  return '';
}

/** Without bullets, marks and what would end a line. */
function clean(text: string): string {
  return text
    .replace(/^\s*(?:[-*+•]|#{1,6}|\d+[.)])\s+/, '')
    .replace(/(?:\s*\[\d{1,5}\])+[.]?\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/[.]$/, '');
}

/** At most `limit` words, around `keep` when it is given. */
function cutWords(text: string, limit: number, keep?: string): string {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length <= limit) return words.join(' ').slice(0, 1200);
  const at =
    keep === undefined
      ? 0
      : Math.max(0, words.findIndex((word) => word.includes(keep.split(/\s/)[0] as string)) - Math.floor(limit / 2));
  return words
    .slice(at, at + limit)
    .join(' ')
    .slice(0, 1200);
}

const wordsOf = (text: string): number => text.split(/\s+/).length;
const totalOf = (points: readonly Point[]): number => points.reduce((sum, point) => sum + wordsOf(point.text), 0);

function fitWords(points: Point[], allowed: number, obey: boolean | 'soft' | 'strict'): Point[] {
  if (obey === false || totalOf(points) <= allowed) return points;
  const facts = points.filter((point) => point.fact);
  const room = allowed - totalOf(facts);
  const fillers = points.length - facts.length;
  const each = Math.floor(room / Math.max(1, fillers));
  if (fillers > 0 && each >= 4)
    return points.map((point) => (point.fact ? point : { ...point, text: cutWords(point.text, each) }));
  const keep = Math.max(0, Math.floor(room / 4));
  let seen = 0;
  const thinned = points.flatMap((point) => {
    if (point.fact) return [point];
    const kept = Math.floor((++seen * keep) / fillers) > Math.floor(((seen - 1) * keep) / fillers);
    return kept ? [{ ...point, text: cutWords(point.text, 4) }] : [];
  });
  return obey === 'soft' ? thinned : strictly(thinned, allowed);
}

function strictly(points: readonly Point[], allowed: number): Point[] {
  const kept: Point[] = [];
  let words = 0;
  for (const point of points) {
    words += wordsOf(point.text);
    if (words > allowed) break;
    kept.push(point);
  }
  return kept;
}

function marked(points: readonly Point[], sections: number, marks: NonNullable<ReaderOptions['marks']>): string[] {
  const mark = (n: number): string => (n === 0 ? '' : ` [${n}]`);
  const ordered = marks === 'disordered' ? [...points].reverse() : points;
  return ordered.map((point, index) => {
    const last = ordered[index + 1]?.n !== point.n;
    switch (marks) {
      case 'missing':
        return `- ${point.text}.`;
      case 'doubled':
        return `- ${point.text}${mark(point.n)}${mark(point.n)}.`;
      case 'invented':
        return `- ${point.text}${mark(point.n)}${mark(sections + 7 + index)}.`;
      case 'only-last':
        return `- ${point.text}.${last ? mark(point.n) : ''}`;
      case 'grouped':
        return `- ${point.text}. [${point.n}, ${point.n}]`;
      default:
        return `- ${point.text}.${mark(point.n)}`;
    }
  });
}
