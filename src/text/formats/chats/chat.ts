/** Shared by readers of chats: converts messages to a digest with one entry each. */
import type { FormatLine, FormatReading, FormatSample } from '../../../engine/read/format.ts';
import { plural, point, pointLines, type Format } from '../format.ts';
import { parseJson, type PlacedJson } from '../json.ts';

/** A message, as exported. */
export interface ChatMessage {
  /** Time as written; '' if the export has none. */
  readonly time: string;
  readonly name: string;
  /** '' for a message without words. */
  readonly text: string;
  /** From 1. */
  readonly line: number;
}
/** An exported chat. */
export interface Chat {
  /** In the order of sending. */
  readonly messages: readonly ChatMessage[];
  /** Number of entries by the app itself: joins, calls, pins. */
  readonly left: number;
  /** '' if unknown. */
  readonly title: string;
}

/** Undefined for fewer than two messages. */
export function readChat(product: string, chat: Chat): FormatReading | undefined {
  const { messages, left, title } = chat;
  const [first, last] = [messages[0], messages.at(-1)];
  if (!first || !last || messages.length < 2) return undefined;
  const people = new Set(messages.map(({ name }) => name)).size;
  const when = first.time === '' || last.time === '' ? '' : `, ${first.time} to ${last.time}`;
  const about = title === '' ? '' : ` “${title}”`;
  const without = left > 0 ? `; ${plural(left, 'system entry', 'system entries')} left out` : '';
  const points = [
    point(
      [
        `${product} chat${about}: ${plural(messages.length, 'message')} of ${plural(people, 'person', 'people')}${when}${without}.`,
      ],
      first.line,
      {
        weight: 10,
      },
    ),
  ];
  return {
    kind: 'transcript',
    points,
    lines: [...pointLines(points), ...messages.flatMap(entryLines)],
    continues: true,
  };
}

/** Formats an entry as `[time] Name: text`; further lines are indented. */
function entryLines({ time, name, text, line }: ChatMessage): FormatLine[] {
  const [first = '', ...rest] = text.trim().split('\n');
  const who = name.replace(/[:\n]/g, ' ').trim().slice(0, 60) || 'unknown';
  const head = { text: `[${time.replace(/[[\]\n]/g, ' ') || '-'}] ${who}: ${first}`, line };
  return [head, ...rest.filter((part) => part.trim() !== '').map((part) => ({ text: `  ${part.trimEnd()}`, line }))];
}

/** Returns the placeholder for media in a message without text. */
export const media = (kind: string, name = ''): string =>
  `<${`${kind}${name === '' ? '' : `: ${name}`}`.replace(/[<>\n]/g, ' ').slice(0, 38)}>`;

/** Formats an ISO time as `2026-10-01 08:37`, without its zone; '' for other forms. */
export function isoTime(time: string): string {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)/.exec(time);
  return found ? `${found[1]} ${found[2]}` : '';
}

/** Formats Unix ms likewise, in UTC; '' outside the years 1971 to 2100. */
export function epochTime(ms: number): string {
  return ms > 31_536_000_000 && ms < 4_102_444_800_000 ? isoTime(new Date(ms).toISOString()) : '';
}

/** Creates the reader of a chat in a JSON file. */
export function jsonChat(
  id: string,
  product: string,
  accepts: (head: string) => boolean,
  chatOf: (json: PlacedJson) => Chat | undefined,
): Format {
  return {
    id,
    accepts: ({ text }: FormatSample) => /^\ufeff?\s*[[{]/.test(text) && accepts(text),
    read(text) {
      const json = parseJson(text);
      const chat = json && chatOf(json);
      return chat && readChat(product, chat);
    },
  };
}

/** Converts a message in HTML to text. */
export function plainOfHtml(html: string): string {
  return decodeEntities(
    html.replace(/<(?:br|\/p|\/div|\/li)\b[^<>]{0,200}>/gi, '\n').replace(/<[^<>]{0,2000}>/g, ''),
  ).trim();
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };
/** Leaves unknown entities. */
export const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,6}));/gi, (all, decimal, hex, name) => {
    if (name) return entities[String(name).toLowerCase()] ?? String(all);
    const code = decimal ? Number(decimal) : Number.parseInt(String(hex), 16);
    return code > 0 && code < 0x110000 && !(code >= 0xd800 && code < 0xe000) ? String.fromCodePoint(code) : String(all);
  });
