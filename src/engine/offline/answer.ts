import type { Yield } from '../ports.ts';
import type { Translate } from '../messages.ts';
import { createWording, offlinePhrases } from './phrases.ts';
import { findTerms } from './rank.ts';
import { splitSentences } from './sentences.ts';
import type { OfflineInput, Point } from './types.ts';
import { cite, toCodeSpan, escapeText, type Line, readLines, shorten } from './view.ts';

const windowLines = 4;
const most = { brief: 3, standard: 6, detailed: 12 } as const;
const grammar = new Set(
  'the a an of in on at to for and or is are was were be been do does did what which who whom whose where when why how it its this that with from by as can could should would will has have had not der die das und ist wer wie les des est que qui dans pour el los las una por como'.split(
    ' ',
  ),
);

interface Passage {
  readonly part: number;
  readonly lines: Line[];
  readonly score: number;
}

/** Answers a question with the passages that contain its rarest words. */
export async function answer(input: OfflineInput, question: string, yieldNow: Yield): Promise<Point[]> {
  const { translate } = input.wording ?? createWording();
  const asked = [...new Set(findTerms(question))].filter((term) => !grammar.has(term));
  if (asked.length === 0) return [nothing(question, translate)];
  const views: Line[][] = [];
  for (const part of input.parts) views.push(await readLines(part, yieldNow));
  const frequency = new Map<string, number>();
  const found: { part: number; at: number; terms: string[] }[] = [];
  let total = 0;
  let work = 0;
  const wanted = new Set(asked);
  for (const [part, lines] of views.entries()) {
    for (const [at, line] of lines.entries()) {
      total++;
      work += line.text.length;
      const terms = [...new Set(findTerms(line.text.slice(0, 4000)))].filter((term) => wanted.has(term));
      if (terms.length > 0) {
        found.push({ part, at, terms });
        for (const term of terms) frequency.set(term, (frequency.get(term) ?? 0) + 1);
      }
      if (work > 60_000) {
        work = 0;
        await yieldNow();
      }
    }
  }
  const weight = (term: string): number => Math.log(1 + total / (frequency.get(term) ?? total));
  const passages = listPassages(found, views, weight);
  const full = asked.reduce((sum, term) => sum + (frequency.has(term) ? weight(term) : 0), 0);
  const good = passages.filter((passage) => passage.score >= full * 0.3).slice(0, most[input.length]);
  if (good.length === 0) return [nothing(question, translate)];
  const points: Point[] = [];
  for (const [i, passage] of good.entries()) {
    const source = input.parts[passage.part];
    const isText = !['code', 'config', 'log', 'diff', 'table', 'json'].includes(source?.prepared.kind ?? '');
    const told = isText ? await findBestSentences(passage, wanted, weight, '', yieldNow) : undefined;
    const lines = told ?? passage.lines;
    const from = input.parts.length > 1 && source ? `${toCodeSpan(source.title, 80)}: ` : '';
    points.push({
      section: translate(offlinePhrases.passages, escapeText(shorten(question, 100))),
      text: from + quote(lines, isText),
      cite: [cite(passage.part, (lines[0] as Line).line, (lines[lines.length - 1] as Line).line)],
      weight: 5 - i * 0.1,
    });
  }
  return points;
}

async function findBestSentences(
  passage: Passage,
  wanted: ReadonlySet<string>,
  weight: (term: string) => number,
  language: string,
  yieldNow: Yield,
): Promise<Line[] | undefined> {
  const sentences = await splitSentences(
    passage.lines.map((line) => ({ section: 0, lines: [line] })),
    language,
    yieldNow,
  );
  let best = -1;
  let most = 0;
  sentences.forEach((sentence, i) => {
    const terms = new Set(findTerms(sentence.text).filter((term) => wanted.has(term)));
    const score = [...terms].reduce((sum, term) => sum + weight(term), 0) / (1 + sentence.text.length / 2000);
    if (score > most) {
      best = i;
      most = score;
    }
  });
  if (best < 0) return undefined;
  return sentences.slice(best, best + 2).map((sentence) => ({ text: sentence.text, line: sentence.startLine }));
}

const nothing = (question: string, translate: Translate): Point => ({
  section: '',
  plain: true,
  weight: 9,
  text: translate(offlinePhrases.noPassage, escapeText(shorten(question, 100))),
});

function listPassages(
  found: readonly { part: number; at: number; terms: string[] }[],
  views: readonly Line[][],
  weight: (term: string) => number,
): Passage[] {
  const scored = found.map((hit, i) => {
    const terms = new Set<string>();
    for (let j = i; j < found.length; j++) {
      const other = found[j] as (typeof found)[number];
      if (other.part !== hit.part || other.at >= hit.at + windowLines) break;
      for (const term of other.terms) terms.add(term);
    }
    return { hit, score: [...terms].reduce((sum, term) => sum + weight(term), 0) };
  });
  scored.sort((a, b) => b.score - a.score || a.hit.part - b.hit.part || a.hit.at - b.hit.at);
  const passages: Passage[] = [];
  const taken = new Set<string>();
  for (const { hit, score } of scored) {
    if (passages.length >= 40) break;
    const lines = (views[hit.part] as Line[]).slice(hit.at, hit.at + windowLines);
    const keys = lines.map((_, i) => `${hit.part}:${hit.at + i}`);
    if (keys.some((key) => taken.has(key))) continue;
    for (const key of keys) taken.add(key);
    passages.push({ part: hit.part, lines, score });
  }
  return passages;
}

function quote(lines: readonly Line[], isText: boolean): string {
  const text = lines
    .map((line) => line.text.trim())
    .filter((line) => line !== '')
    .join(' ');
  return isText ? escapeText(shorten(text, 420)) : toCodeSpan(text, 300);
}
