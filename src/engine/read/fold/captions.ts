/** Reads captions (WebVTT, SubRip, SubViewer): each spoken word once, without markup, with its time. */
import type { FoldResult } from './types.ts';

const times = /^\s*((?:\d{1,2}:)?\d{1,2}:\d\d[.,]\d{1,3})(?:\s+-->\s+|,)((?:\d{1,2}:)?\d{1,2}:\d\d[.,]\d{1,3})(?:\s|$)/;
const mark = /<[^<>\n]{0,200}>|\{\\[^{}\n]{0,60}\}/g;
const voice = /<v(?:\.[\w.]{1,60})?\s+([^\s<>][^<>\n]{0,59})>/i;
const named = /^(?:[-–—]\s*|>>\s*)?([\p{Lu}\p{Lo}][\p{L}\p{M}\p{N} .'’_()-]{0,40}?)\s?[:：]\s+(?=\S)/u;

interface Spoken {
  readonly text: string;
  readonly line: number;
}
interface Cue {
  readonly start: number;
  readonly end: number;
  readonly spoken: readonly Spoken[];
}

/** Longest line with one time, UTF-16 units, if sentences seldom end. */
const maxRow = 240;
const fullRow = 100;
/** Seconds. */
const maxSilence = 4;

/** Returns the spoken text of captions; undefined for a text without cues. */
export function foldCaptions(text: string): FoldResult | undefined {
  const lines = text.split('\n');
  const cues = readCues(lines);
  if (cues.length < 2) return undefined;
  const out: string[] = [];
  const sourceLines: number[] = [];
  let row = '';
  let line = 0;
  let start = 0;
  const flush = (): void => {
    if (row !== '') {
      out.push(`[${formatClock(start)}] ${row}`);
      sourceLines.push(line);
    }
    row = '';
  };
  let end = 0;
  for (const cue of withoutRolling(cues)) {
    for (const spoken of cue.spoken) {
      const full = row.length > maxRow || (row.length > fullRow && /[.!?。！？…]["'”’)]?$/.test(row));
      if (full || named.test(spoken.text) || cue.start - end > maxSilence) flush();
      if (row === '') {
        line = spoken.line;
        start = cue.start;
      }
      row = row === '' ? spoken.text : `${row} ${spoken.text}`;
    }
    end = cue.end;
  }
  flush();
  if (out.length === 0) return undefined;
  const all = lines.length - (lines.at(-1) === '' ? 1 : 0);
  return {
    text: `${out.join('\n')}\n`,
    sourceLines,
    foldedLines: Math.max(0, all - out.length),
    lines: all,
    facts: `captions of ${cues.length.toLocaleString('en-US')} cues, ${formatClock(cues[0]!.start)} to ${formatClock(end)}`,
    length: text.length,
  };
}

function readCues(lines: readonly string[]): Cue[] {
  const cues: { start: number; end: number; spoken: Spoken[] }[] = [];
  let open = false;
  for (const [i, text] of lines.entries()) {
    const found = times.exec(text);
    if (found) {
      cues.push({ start: toSeconds(found[1]!), end: toSeconds(found[2]!), spoken: [] });
      open = true;
    } else if (text.trim() === '' && text === text.trim()) open = false;
    else if (open) {
      const said = plain(text);
      // A lone number before the times of the next cue is that cue's number.
      const isNumber = /^\d+$/.test(said) && times.test(lines[i + 1] ?? '');
      if (said !== '' && !isNumber) cues.at(-1)!.spoken.push({ text: said, line: i + 1 });
    }
  }
  return cues;
}

function plain(text: string): string {
  const who = voice.exec(text)?.[1]?.trim();
  const said = text
    .replace(mark, '')
    .replace(/&(amp|lt|gt|nbsp|lrm|rlm|quot);/g, (_, name: string) => entities[name] ?? '')
    .replace(/\[br\]/gi, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return who && said !== '' ? `${who}: ${said}` : said;
}
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', nbsp: ' ', quot: '"' };

/** Removes lines that automatic captions show again: the start of a cue that equals the end of the one before. */
function withoutRolling(cues: readonly Cue[]): readonly Cue[] {
  const repeats = cues.filter((cue, i) => {
    const last = cues[i - 1]?.spoken.at(-1)?.text;
    return last !== undefined && cue.spoken[0]?.text.startsWith(last) && cue.start - cues[i - 1]!.end < 0.2;
  }).length;
  const filled = cues.filter(({ spoken }) => spoken.length > 0).length;
  if (repeats * 3 < filled) return cues;
  let before: readonly string[] = [];
  return cues.map((cue) => {
    const texts = cue.spoken.map(({ text }) => text);
    let same = Math.min(before.length, texts.length);
    while (same > 0 && !before.slice(-same).every((text, i) => text === texts[i])) same--;
    const rest = cue.spoken.slice(same);
    const last = before.at(-1);
    // A cue that grows word by word: keep only its new words.
    const grown = same === 0 && last !== undefined && rest[0]?.text.startsWith(`${last} `);
    if (texts.length > 0) before = texts;
    return {
      ...cue,
      spoken: grown ? [{ ...rest[0]!, text: rest[0]!.text.slice(last.length + 1) }, ...rest.slice(1)] : rest,
    };
  });
}

function toSeconds(time: string): number {
  return time
    .replace(',', '.')
    .split(':')
    .reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Formats seconds as `0:07`, `12:05` or `1:02:03`. */
function formatClock(at: number): string {
  const [h, m, s] = [Math.floor(at / 3600), Math.floor(at / 60) % 60, Math.floor(at) % 60];
  return `${h > 0 ? `${h}:${String(m).padStart(2, '0')}` : m}:${String(s).padStart(2, '0')}`;
}
