/** Reads Telegram Desktop's `result.json`, of one chat or all. `chatPage.ts` reads its pages. */
import { isoTime, epochTime, jsonChat, media, type Chat, type ChatMessage } from './chat.ts';
import { asList, asObject, asText, type Json, type PlacedJson } from '../json.ts';

/** Telegram's JSON export. */
export const telegram = jsonChat(
  'telegram',
  'Telegram',
  (head) =>
    /"type"\s*:\s*"(?:message|service)"/.test(head) &&
    /"(?:from_id|actor_id|date_unixtime|text_entities|from|actor)"\s*:/.test(head) &&
    /"date"\s*:\s*"\d{4}-/.test(head),
  (json) => {
    const top = asObject(json.value);
    if (!top) return undefined;
    const chats = Array.isArray(top['messages'])
      ? [top]
      : [...asList(asObject(top['chats'])?.['list']), ...asList(asObject(top['left_chats'])?.['list'])].map(asObject);
    const read = chats.map((chat) => chat && readTelegramChat(json, chat, chats.length > 1));
    if (read.length === 0 || read.includes(undefined)) return undefined;
    const all = read as Chat[];
    const found: Chat = {
      title: all.length === 1 ? all[0]!.title : '',
      left: all.reduce((sum, chat) => sum + chat.left, 0),
      messages: all.flatMap((chat) => chat.messages),
    };
    return found;
  },
);

function readTelegramChat({ lineOf }: PlacedJson, chat: Json, isOneOfSeveral: boolean): Chat | undefined {
  const entries = asList(chat['messages']).map(asObject);
  if (entries.some((entry) => !entry || !/^(?:message|service|unsupported)$/.test(asText(entry['type']))))
    return undefined;
  const said = (entries as Json[]).filter(({ type }) => type === 'message');
  const title = asText(chat['name']);
  const messages = said.map((entry): ChatMessage => {
    const forwarded = asText(entry['forwarded_from']);
    const text = [
      forwarded === '' ? '' : `(forwarded from ${forwarded})`,
      joinWords(entry['text']),
      describeMedia(entry),
    ]
      .filter((part) => part !== '')
      .join(' ');
    return {
      time: isoTime(asText(entry['date'])) || epochTime(Number(entry['date_unixtime']) * 1000),
      name: asText(entry['from']) || asText(entry['author']) || 'Deleted Account',
      text: isOneOfSeveral && title !== '' ? `(${title}) ${text}` : text,
      line: lineOf(entry),
    };
  });
  return { title, left: entries.length - said.length, messages };
}

/** Joins formatted and plain pieces. */
function joinWords(text: unknown): string {
  if (typeof text === 'string') return text;
  return asList(text)
    .map((part) => (typeof part === 'string' ? part : asText(asObject(part)?.['text'])))
    .join('');
}

function describeMedia(entry: Json): string {
  const kind = asText(entry['media_type']).replaceAll('_', ' ');
  if (entry['photo'] !== undefined) return media('photo');
  if (entry['poll'] !== undefined) return `(poll: ${asText(asObject(entry['poll'])?.['question'])})`;
  if (kind !== '' || entry['file'] !== undefined)
    return media(kind || 'file', asText(entry['file_name']) || asText(entry['sticker_emoji']));
  if (entry['location_information'] !== undefined) return media('location');
  return entry['contact_information'] === undefined ? '' : media('contact');
}
