/** Reads Teams and Skype: messages of Microsoft Graph, and personal data exports. */
import { isoTime, jsonChat, media, plainOfHtml, type Chat, type ChatMessage } from './chat.ts';
import { asList, asObject, asText, type Json } from '../json.ts';

/** Messages of Microsoft Graph. */
export const teams = jsonChat(
  'teams',
  'Teams',
  (head) => /"createdDateTime"\s*:/.test(head) && /"body"\s*:\s*\{/.test(head) && /"messageType"\s*:/.test(head),
  ({ value, lineOf }) => {
    const top = asObject(value);
    const entries = (top ? asList(top['value'] ?? top['messages']) : asList(value)).map(asObject);
    if (entries.some((entry) => !entry || isoTime(asText(entry['createdDateTime'])) === '')) return undefined;
    const withAnswers = (entries as Json[]).flatMap((entry): Json[] => [
      entry,
      ...asList(entry['replies'])
        .map(asObject)
        .filter((reply) => reply !== undefined),
    ]);
    const said = withAnswers.filter((entry) => entry['messageType'] === 'message' && asObject(entry['from']));
    const messages = said.map((entry): ChatMessage => {
      const from = asObject(entry['from'])!;
      const who = asObject(from['user']) ?? asObject(from['application']) ?? asObject(from['device']);
      const body = asObject(entry['body']);
      const content = asText(body?.['content']);
      const files = asList(entry['attachments'])
        .map((file) => asText(asObject(file)?.['name']))
        .filter(Boolean);
      const text = asText(body?.['contentType']) === 'html' ? plainOfHtml(content) : content;
      return {
        time: isoTime(asText(entry['createdDateTime'])),
        name: asText(who?.['displayName']) || asText(who?.['id']),
        text: [text, ...files.map((name) => media('file', name))].filter((part) => part !== '').join('\n'),
        line: lineOf(entry),
      };
    });
    return { title: '', left: withAnswers.length - said.length, messages: byTime(messages) };
  },
);

/** The sort is stable, so replies keep their order within a minute. */
const byTime = (messages: readonly ChatMessage[]): ChatMessage[] =>
  messages.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));

/** Microsoft's personal export. */
export const teamsPersonal = jsonChat(
  'teams-personal',
  'Teams or Skype',
  (head) => /"conversations"\s*:\s*\[/.test(head) && /"MessageList"\s*:\s*\[/.test(head),
  ({ value, lineOf }) => {
    const conversations = asList(asObject(value)?.['conversations']).map(asObject);
    const messages: ChatMessage[] = [];
    let left = 0;
    for (const conversation of conversations) {
      const title = asText(conversation?.['displayName']) || asText(conversation?.['id']);
      for (const item of asList(conversation?.['MessageList'])) {
        const entry = asObject(item);
        const time = isoTime(asText(entry?.['originalarrivaltime']));
        if (!entry || time === '') return undefined;
        if (!/^(?:RichText|Text)/.test(asText(entry['messagetype']))) {
          left++;
          continue;
        }
        const text = plainOfHtml(asText(entry['content']));
        messages.push({
          time,
          name: asText(entry['displayName']) || asText(entry['from']),
          text: conversations.length > 1 && title !== '' ? `(${title}) ${text}` : text,
          line: lineOf(entry),
        });
      }
    }
    const chat: Chat = {
      title: conversations.length === 1 ? asText(conversations[0]?.['displayName']) : '',
      left,
      messages: conversations.length === 1 ? byTime(messages) : messages,
    };
    return chat;
  },
);
