/** Recordings of asciinema: what the terminal showed, with commands and failures first. */
import { mentionsFailure } from '../../engine/read/fold/log/levels.ts';
import type { FormatPoint } from '../../engine/source.ts';
import { duration, point, pointLines, splitLines, type Format } from './format.ts';
import { asList, asObject, asText, parseJson, parseJsonLine, type Json } from './json.ts';
import { Screen, type ScreenLine } from './screen.ts';

const header = /^\ufeff?\s*\{\s*"version"\s*:\s*[123]\s*,/;
const maxCommands = 40;
const maxFailures = 15;
/** Lines told of a recording without commands and failures. */
const maxShown = 12;

interface Event {
  readonly seconds: number;
  readonly text: string;
  readonly line: number;
}

/** asciinema's `.cast`. */
export const recording: Format = {
  id: 'asciinema',
  accepts: ({ text }) =>
    header.test(text) &&
    (/^\ufeff?\s*\{.{0,20000}\}\r?\n\s*\[\s*\d+(?:\.\d+)?\s*,\s*"[a-z]"\s*,/.test(text) ||
      text.slice(0, 3000).includes('"stdout"')),
  read(text) {
    const lines = splitLines(text);
    const recorded = readEvents(text, lines);
    if (!recorded) return undefined;
    const { about, events } = recorded;
    const screen = new Screen();
    for (const event of events) screen.write(event.text, event.line);
    const shown = screen.lines().filter((line) => line.text !== '');
    if (shown.length === 0) return undefined;
    const found = [...commandPoints(shown), ...failurePoints(shown)];
    const points = [
      headPoint(about, events),
      ...(found.length > 0 ? found : shown.slice(0, maxShown).map(outputPoint)),
    ];
    return { kind: 'log', points, lines: [...pointLines(points), ...shown] };
  },
};

/** Undefined where a line other than the last, which a recorder may still write, is not of the format. */
function readEvents(text: string, lines: readonly string[]): { about: Json; events: Event[] } | undefined {
  const first = parseJsonLine(lines[0]!.replace(/^\ufeff/, ''));
  if (!first || asObject(first)?.['stdout']) {
    const json = parseJson(text);
    const about = json && asObject(json.value);
    if (!json || !about) return undefined;
    let seconds = 0;
    const events = asList(about['stdout']).flatMap((one): Event[] => {
      const [delay, shown] = asList(one);
      if (typeof delay !== 'number' || typeof shown !== 'string') return [];
      return [{ seconds: (seconds += delay), text: shown, line: json.lineOf(one as object) }];
    });
    return { about, events };
  }
  const about = asObject(first);
  if (!about) return undefined;
  const isInterval = about['version'] === 3;
  const events: Event[] = [];
  let now = 0;
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === '' || line.startsWith('#')) continue;
    const [time, kind, data] = asList(parseJsonLine(line));
    if (typeof time !== 'number' || typeof kind !== 'string') {
      if (i === lines.length - 1) break;
      return undefined;
    }
    now = isInterval ? now + time : time;
    if (kind === 'o') events.push({ seconds: now, text: asText(data), line: i + 1 });
  }
  return { about, events };
}

function headPoint(about: Json, events: readonly Event[]): FormatPoint {
  const seconds = events.at(-1)?.seconds ?? 0;
  const title = asText(about['title']);
  const command = asText(about['command']);
  return point(
    [
      `Terminal recording${title === '' ? '' : ` “${title}”`}, ${duration(seconds)}`,
      ...(command === '' ? ['.'] : [', of ', { code: command }, '.']),
    ],
    1,
    { weight: 10 },
  );
}

const outputPoint = ({ text, line }: ScreenLine): FormatPoint =>
  point([{ code: text.trim().slice(0, 300) }], line, { section: 'Shown' });

const promptSigns = '$%#❯➜»>λ✗';
const maxPrompt = 80;

/** Position after a prompt that a command follows; 0 for any other line. */
function findPrompt(text: string): number {
  for (let at = 0; at < Math.min(maxPrompt, text.length); at++) {
    if (!promptSigns.includes(text[at]!) || text[at + 1] !== ' ') continue;
    let end = at + 2;
    while (text[end] === ' ') end++;
    if (end < text.length && !promptSigns.includes(text[end]!)) return end;
  }
  return 0;
}

/** What was typed after a prompt that comes back. */
function commandPoints(lines: readonly ScreenLine[]): FormatPoint[] {
  const found = lines.flatMap(({ text, line }) => {
    const end = findPrompt(text);
    return end > 0 ? [{ prompt: text.slice(0, end), command: text.slice(end), line }] : [];
  });
  const counts = new Map<string, number>();
  for (const one of found) counts.set(one.prompt, (counts.get(one.prompt) ?? 0) + 1);
  return found
    .filter((one) => counts.get(one.prompt)! > 1 || one.prompt === '$ ')
    .slice(0, maxCommands)
    .map(({ command, line }) => point([{ code: command.slice(0, 300) }], line, { section: 'Commands', weight: 4 }));
}

const failurePoints = (lines: readonly ScreenLine[]): FormatPoint[] =>
  lines
    .filter(({ text }) => mentionsFailure(text) && findPrompt(text) === 0)
    .slice(0, maxFailures)
    .map(({ text, line }) => point([{ code: text.trim().slice(0, 300) }], line, { section: 'Failures', weight: 5 }));
