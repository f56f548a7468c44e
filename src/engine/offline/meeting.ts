/** Summarizes a transcript: speakers, informative turns, decisions, questions. */
import type { Yield } from '../ports.ts';
import { digestEntry, isEntry, isNotice, isWordless, looksLikeChat, parseMessage } from '../read/chat.ts';
import { pick, rank, type Ranked, type Taste } from './rank.ts';
import { type Block, type Sentence, splitSentences } from './sentences.ts';
import { getBudget, pickEvenly } from './prose.ts';
import type { OfflineInput, Point } from './types.ts';
import { cite, countWords, escapeText, type Line } from './view.ts';
import { createWording, offlinePhrases, type Wording } from './phrases.ts';

const speaker =
  /^(?:\[?[\d:.,]{4,12}\]?\s*)?(?:<v )?(?:#(?=[^#]{1,40}#))?([\p{Lu}][\p{L}\p{N}.'’ _()-]{0,40}?)#?(?:>|(?<!\s)\s*[:：](?:\s|$))/u;
const cueLine = /^(?:WEBVTT|NOTE\b|\d+$|[\d:.,]{5,12}\s*-->)/;
const taste: Taste = { opening: 1, sectionOpening: 0, length: 0.12, norm: 0.7 };
/** Short dialogues come to the point late. */
const tasteOfShort: Taste = { ...taste, opening: 0.2 };
const shortQuotes = 40;
/** Words of one turn. */
const maxQuote = 70;
const leadWords = 130;
/** Minimum words of a summary that begins with a list of speakers; in a shorter one each line names its speaker. */
const minForOverview = 90;

interface Turn {
  readonly name: string;
  readonly lines: Line[];
  /** Start time as written in the text; '' if it is not stated. */
  readonly time: string;
}
const rowTime = /^\[((?:\d{1,2}:)?\d{1,3}:\d\d)\] /;

/** Returns decisions, next steps and main points of a transcript. */
export async function readMeeting(
  lines: readonly Line[],
  part: number,
  input: OfflineInput,
  yieldNow: Yield,
): Promise<Point[]> {
  const turns = await readTurns(lines, input.parts[part]?.prepared.format !== undefined, yieldNow);
  const blocks: Block[] = turns.map((turn, section) => ({ section, lines: turn.lines }));
  const total = turns.reduce((sum, turn) => sum + turn.lines.reduce((all, { text }) => all + countWords(text), 0), 0);
  const budget = getBudget(input.length, total);
  const quotes = joinQuotes(await splitSentences(blocks, '', yieldNow), Math.min(maxQuote, budget / 4));
  const ranked = await rank(quotes, quotes.length < shortQuotes ? tasteOfShort : taste, yieldNow);
  const people = countPeople(turns);
  // A chat's summary counts messages by person; a transcript without times only names the speakers.
  const isTimed = turns.some(({ time }) => time !== '');
  const points: Point[] =
    people.length > 1 && (isTimed || budget >= minForOverview)
      ? [describeMeeting(people, turns.length, isTimed, part, input.wording ?? createWording())]
      : [];
  const room = budget - (points[0] ? countWords(points[0].text) : 0);
  const decisions = input.length === 'brief' ? [] : chooseDecisions(ranked).slice(0, 6);
  const reserved = Math.min(
    room * 0.3,
    decisions.reduce((sum, { words }) => sum + words + 3, 0),
  );
  const others = ranked.filter((one) => !decisions.includes(one));
  const lead = pick(others, Math.min(leadWords, room - reserved), ({ score }) => score);
  const tell = (quote: Sentence, section: string): Point => ({
    section,
    text: `${formatTime(turns[quote.section])}${`**${escapeText(turns[quote.section]?.name ?? '')}**: ${escapeText(quote.text)}`.replace(/^\*\*\*\*: /, '')}`,
    cite: [cite(part, quote.startLine, quote.endLine)],
    weight: 1,
  });
  points.push(...lead.map((quote) => tell(quote, '')));
  if (input.length === 'brief') return points;
  const rest = room - reserved - lead.reduce((sum, { words }) => sum + words, 0);
  points.push(...pickEvenly(others, lead, rest).map((quote) => tell(quote, 'What was said')));
  let left = reserved;
  for (const decision of decisions) {
    if (decision.words > left) continue;
    left -= decision.words + 3;
    points.push(tell(decision, 'Decisions and next steps'));
  }
  return points;
}

const formatTime = (turn: Turn | undefined): string => (turn?.time ? `(${escapeText(turn.time)}) ` : '');

/** UTF-16 units between yields. */
const sliceUnits = 100_000;

async function readTurns(lines: readonly Line[], isDigest: boolean, yieldNow: Yield): Promise<Turn[]> {
  if (looksLikeChat(lines.map(({ text }) => text))) return readMessages(lines);
  if (isDigest) return readEntries(lines);
  const turns: Turn[] = [];
  let work = 0;
  for (const line of lines) {
    work += line.text.length;
    if (work > sliceUnits) {
      work = 0;
      await yieldNow();
    }
    const text = line.text.trim();
    if (text === '' || cueLine.test(text)) continue;
    const time = rowTime.exec(text)?.[1] ?? '';
    const words = time === '' ? text : text.replace(rowTime, '');
    const found = speaker.exec(words);
    const last = turns[turns.length - 1];
    const said = { text: withoutFillers(found ? words.slice(found[0].length) : words), line: line.line };
    const name = found?.[1]?.trim() ?? last?.name ?? '';
    if (last && time === '' && (!found || last.name === name)) last.lines.push(said);
    else turns.push({ name, lines: [said], time });
  }
  return turns;
}

/** Reads each message of a chat as a turn; omits notices of the app. */
function readMessages(lines: readonly Line[]): Turn[] {
  const turns: Turn[] = [];
  let open: Turn | undefined;
  for (const { text, line } of lines) {
    if (isEntry(text)) {
      const message = parseMessage(text);
      open =
        message && !isNotice(message.text)
          ? { ...message, lines: isWordless(message.text) ? [] : [{ text: message.text, line }] }
          : undefined;
      if (open) turns.push(open);
    } else if (text.trim() !== '') open?.lines.push({ text: text.trim(), line });
  }
  return turns;
}

/** Reads the turns of a digest, whose continuation lines are indented. */
function readEntries(lines: readonly Line[]): Turn[] {
  const turns: Turn[] = [];
  for (const { text, line } of lines) {
    const entry = digestEntry(text);
    if (entry)
      turns.push({ ...entry, lines: isWordless(entry.text) || entry.text === '' ? [] : [{ text: entry.text, line }] });
    else if (/^ {2}\S/.test(text)) turns.at(-1)?.lines.push({ text: text.trim(), line });
  }
  return turns;
}

const openings =
  /^(?:so|and|but|well|yeah|yes|yep|ok|okay|oh|ah|right|now|then|like|also|alright|hm|ja|und|naja|gut|alors|donc|ben|euh|bueno|pues)\b[,.!]* (?=\S)/i;

function withoutFillers(text: string): string {
  let said = text
    .replace(/<\/?v[^<>]{0,60}>/gi, ' ')
    .replace(/\{[a-z]{1,20}\}/gi, ' ')
    .replace(/\[(?:laughs?|laughter|inaudible|crosstalk|music|applause)\]/gi, ' ')
    .replace(/(?<![^\s,.?!])(?:u+h+|u+m+|e+r+m*|a+h+|h+m+|mm+|mm ?- ?hmm|uh ?- ?huh|äh+m?|euh)(?=[\s,.?!]|$),?/gi, '')
    .replace(/(?<![^\s,])(?:you know|I mean|sort of|kind of)(?=[\s,.]),? ?/g, '')
    .replace(/\s{2,}/g, ' ')
    .replace(/\b(\p{L}{1,6}) \1(?= )/giu, '$1')
    .replace(/ ([,.?!])/g, '$1')
    .replace(/([,.]) ?,/g, '$1')
    .trim();
  while (openings.test(said)) said = said.replace(openings, '');
  return said.replace(/^[,.\s]+/, '').replace(/^\p{Ll}/u, (letter) => letter.toUpperCase());
}

/** Up to `most` words. */
function joinQuotes(sentences: readonly Sentence[], most: number): Sentence[] {
  const quotes: Sentence[] = [];
  for (const sentence of sentences) {
    const last = quotes[quotes.length - 1];
    if (last?.section === sentence.section && last.words + sentence.words <= most)
      quotes[quotes.length - 1] = {
        ...last,
        text: `${last.text} ${sentence.text}`,
        endLine: sentence.endLine,
        words: last.words + sentence.words,
      };
    else quotes.push({ ...sentence, index: quotes.length });
  }
  return quotes;
}

function countPeople(turns: readonly Turn[]): [string, { count: number; line: number }][] {
  const people = new Map<string, { count: number; line: number }>();
  for (const { name, lines } of turns) {
    const known = people.get(name);
    if (known) known.count++;
    else if (name !== '') people.set(name, { count: 1, line: lines[0]?.line ?? 1 });
  }
  return [...people].sort((a, b) => b[1].count - a[1].count);
}

function describeMeeting(
  people: readonly [string, { count: number; line: number }][],
  turns: number,
  isCounted: boolean,
  part: number,
  { translate, count, figure }: Wording,
): Point {
  const names = people
    .slice(0, isCounted ? 6 : 4)
    .map(([name, of]) => (isCounted ? `${escapeText(name)} (${figure(of.count)})` : escapeText(name)));
  const more = people.length - names.length;
  return {
    section: '',
    plain: true,
    text: translate(
      offlinePhrases.conversation,
      more > 0 ? translate(offlinePhrases.andMore, names.join(', '), figure(more)) : names.join(', '),
      count(turns, offlinePhrases.turn, offlinePhrases.turns),
    ),
    cite: [cite(part, people[0]?.[1].line ?? 1)],
    weight: 9,
  };
}

const decided = [
  /\bwe(?:['’]ve| have|['’]re| are)? (?:(?:all|just|now|finally|already|then|therefore|both|also) )?(?:decided|agreed|settled on|chose|concluded|resolved|approved|voted|adopted|opted|signed off|going with|postponed|scheduled)\b(?! on our\b)/i,
  /\blet['’]s (?:go with|stick (?:with|to)|use|drop|leave out|postpone|schedule|meet (?:on|at|again|next))\b/i,
  /\bI(?:['’]ll| will|['’]m going to) (?:send|write (?!(?:it|that|this|them)?\s?down)|prepare|draft|schedule|contact|update|set up|follow up|share|e-?mail|organi[sz]e|arrange|file|order|book|deliver|finish|fix|review)\b/i,
  /\bwe (?:will|['’]ll|are going to|['’]re going to) (?:ship|launch|release|postpone|meet (?:on|at|again|next)|send|prepare|implement|drop|deliver|introduce|adopt|go (?:for|with)|stick (?:with|to)|leave out)\b/i,
  /\b(?:the (?:final )?decision (?:is|was)(?= (?:to|that|not|made)\b)|it (?:is|was|has been) (?:decided|agreed)|(?:the )?motion (?:is |was )?(?:carried|agreed to|adopted))\b/i,
  /\b(?:wir|ich) (?:haben|habe|sind) (?:(?!\b(?:wir|ich) )[^.!?]){0,60}\b(?:beschlossen|entschieden|vereinbart|geeinigt|festgelegt)/i,
  /\bwir (?:beschließen|entscheiden uns|vereinbaren|einigen uns|legen fest|verschieben)\b/i,
  /\bich (?:übernehme|schicke|kümmere mich|bereite|schreibe|rufe)\b/i,
  /\b(?:nous avons|on a) (?:décidé|convenu|choisi)|\b(?:nous décidons|on décide|on part sur|je m['’]en (?:charge|occupe)|je vais (?:envoyer|préparer|écrire|appeler))/i,
  /\b(?:hemos (?:decidido|acordado|quedado)|decidimos|acordamos|quedamos en|me encargo|voy a (?:enviar|preparar|escribir|llamar))\b/i,
];
const inPassing =
  /\b(?:(?:the|that|which|points?|things?|ones?|update|features?|certain \w+|lighting) (?:that )?we(?:['’]ve| have)? (?:all )?(?:agreed|decided|chose)|most important|worry|as usual|transcript|minutes|these are the|certain points|go with the flow)\b/i;
const undecided =
  /[?？]|\b(?:what we|as we|if|whether|haven['’]t|have not|didn['’]t|not yet|should|could|would|might|maybe|perhaps|can['’]t|cannot|don['’]t|unless|agree (?:that|with)|wenn|falls|ob|noch nicht|vielleicht|si (?:on|nous)|peut-être|quizás|tal vez)\b/i;

/** Chooses sentences in the first person with a verb of deciding, without questions, conditions or denials. */
function chooseDecisions(quotes: readonly Ranked[]): Ranked[] {
  const found = quotes.flatMap((quote) => {
    const sentences = quote.text.split(/(?<=[.!?])\s+/);
    const at = sentences.findIndex(
      (one) => decided.some((form) => form.test(one)) && !undecided.test(one) && !inPassing.test(one),
    );
    const text = sentences[at];
    if (text === undefined || countWords(text) < 7) return [];
    return [{ ...quote, text, words: countWords(text) }];
  });
  return found.sort((a, b) => b.central - a.central);
}
