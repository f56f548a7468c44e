/** Reads Discord chats of DiscordChatExporter: JSON and CSV. `chatText.ts` and `chatPage.ts` read its text and pages. */
import { hasOddQuotes, splitRecord } from '../../../engine/read/fold/csv.ts';
import { isoTime, jsonChat, media, readChat, type Chat, type ChatMessage } from './chat.ts';
import { splitLines, type Format } from '../format.ts';
import { asList, asObject, asText, type Json } from '../json.ts';

/** Types of messages by people; all others are by the app. */
const messageType = /^(?:Default|Reply|ChatInputCommand|ContextMenuCommand|ThreadStarterMessage|0|19|20|21|23)?$/;

/** JSON of DiscordChatExporter. */
export const discord = jsonChat(
  'discord',
  'Discord',
  (head) => /"guild"\s*:\s*\{/.test(head) && /"channel"\s*:\s*\{/.test(head) && /"messages"\s*:\s*\[/.test(head),
  ({ value, lineOf }) => {
    const top = asObject(value);
    const entries = asList(top?.['messages']).map(asObject);
    if (entries.some((entry) => !entry || asText(entry['timestamp']) === '' || !asObject(entry['author'])))
      return undefined;
    const said = (entries as Json[]).filter((entry) => messageType.test(String(entry['type'] ?? '')));
    const chat: Chat = {
      title: asText(asObject(top?.['channel'])?.['name']),
      left: entries.length - said.length,
      messages: said.map((entry) => ({
        time: isoTime(asText(entry['timestamp'])),
        name: getSender(asObject(entry['author'])!),
        text: getMessageText(entry),
        line: lineOf(entry),
      })),
    };
    return chat;
  },
);

const getSender = (author: Json): string =>
  asText(author['nickname']) || asText(author['name']) || asText(author['id']);

function getMessageText(entry: Json): string {
  const embeds = asList(entry['embeds'])
    .map(asObject)
    .map((embed) => [asText(embed?.['title']), asText(embed?.['description'])].filter(Boolean).join(': '))
    .filter((text) => text !== '' && asText(entry['content']) === '');
  const files = asList(entry['attachments']).map((file) => media('file', asText(asObject(file)?.['fileName'])));
  const stickers = asList(entry['stickers']).map((sticker) => media('sticker', asText(asObject(sticker)?.['name'])));
  return [asText(entry['content']), ...embeds, ...files, ...stickers].filter((text) => text !== '').join('\n');
}

/** CSV of DiscordChatExporter. */
export const discordCsv: Format = {
  id: 'discord-csv',
  accepts: ({ text }) => /^\ufeff?"?AuthorID"?,"?Author"?,"?Date"?,"?Content"?,/.test(text),
  read(text) {
    const messages: ChatMessage[] = [];
    let record = '';
    let from = 0;
    for (const [i, line] of splitLines(text).entries()) {
      record = record === '' ? line : `${record}\n${line}`;
      if (from === 0) from = i + 1;
      if (hasOddQuotes(record)) continue;
      const cells = splitRecord(record, ',');
      if (from > 1) {
        if (cells.length < 4) return undefined;
        const files = cells[4] ? cells[4].split(',').map((file) => media('file', file.split('/').at(-1))) : [];
        messages.push({
          time: isoTime(cells[2]!) || cells[2]!,
          name: cells[1]!,
          text: [cells[3]!, ...files].filter((part) => part !== '').join('\n'),
          line: from,
        });
      }
      record = '';
      from = 0;
    }
    return record === '' ? readChat('Discord', { messages, left: 0, title: '' }) : undefined;
  },
};
