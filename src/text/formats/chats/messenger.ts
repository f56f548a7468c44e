/** Reads Messenger and Instagram exports: `message_1.json`, latest message first. */
import { epochTime, jsonChat, media } from './chat.ts';
import { asList, asObject, asText, type Json } from '../json.ts';

/** Meta's JSON export. */
export const messenger = jsonChat(
  'messenger',
  'Messenger',
  (head) => /"participants"\s*:\s*\[/.test(head) && /"sender_name"\s*:/.test(head) && /"timestamp_ms"\s*:/.test(head),
  ({ value, lineOf }) => {
    const top = asObject(value);
    const entries = asList(top?.['messages']).map(asObject);
    if (
      entries.some(
        (entry) => !entry || asText(entry['sender_name']) === '' || typeof entry['timestamp_ms'] !== 'number',
      )
    )
      return undefined;
    const messages = (entries as Json[])
      .map((entry) => ({
        at: entry['timestamp_ms'] as number,
        time: epochTime(entry['timestamp_ms'] as number),
        name: readable(asText(entry['sender_name'])),
        text: [readable(asText(entry['content'])), describeMedia(entry)].filter((part) => part !== '').join(' '),
        line: lineOf(entry),
      }))
      .toSorted((a, b) => a.at - b.at);
    return { title: readable(asText(top?.['title'])), left: 0, messages };
  },
);

const describeMedia = (entry: Json): string => {
  const kind = ['photos', 'videos', 'audio_files', 'files', 'gifs', 'sticker', 'share'].find(
    (name) => entry[name] !== undefined,
  );
  return kind === undefined ? '' : media(kind.replace(/_files$|s$/, ''));
};

/** The export writes each UTF-8 byte as a character. */
function readable(text: string): string {
  if (!/[\u0080-\u00ff]/.test(text) || /[^\0-\u00ff]/.test(text)) return text;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Uint8Array.from(text, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}
