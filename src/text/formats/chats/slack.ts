/** Reads Slack: a day or channel of an export, or `conversations.history`. */
import { decodeEntities, epochTime, jsonChat, media, type Chat } from './chat.ts';
import { asList, asObject, asText, type Json } from '../json.ts';

const systemSubtype =
  /_(?:join|leave|topic|purpose|name|archive|unarchive|convert_to_private|posting_permissions|canvas_updated)$|^(?:bot_(?:add|remove|enable|disable)|pinned_item|unpinned_item|reminder_add|tombstone|sh_room_created|huddle_thread|app_conversation_join|assistant_app_thread)$/;

/** A channel's JSON export. */
export const slack = jsonChat(
  'slack',
  'Slack',
  (head) => /"ts"\s*:\s*"\d{9,11}\.\d{1,6}"/.test(head) && /"(?:user|bot_id|username)"\s*:/.test(head),
  ({ value, lineOf }) => {
    const top = asObject(value);
    const items = top ? asList(top['messages']) : asList(value);
    const entries = items.flatMap((item) => withReplies(asObject(item)));
    if (entries.length === 0 || entries.some((entry) => !entry || !/^\d+\.\d+$/.test(asText(entry['ts']))))
      return undefined;
    const messages = entries as Json[];
    const names = collectNames(messages);
    const said = messages.filter((entry) => !systemSubtype.test(asText(entry['subtype'])));
    const ordered = said.toSorted((a, b) => Number(a['ts']) - Number(b['ts']));
    const chat: Chat = {
      title: top ? asText(top['channel_name'] ?? top['name']) : '',
      left: messages.length - said.length,
      messages: ordered.map((entry) => ({
        time: epochTime(Number(entry['ts']) * 1000),
        name: getSender(entry, names),
        text: getMessageText(entry, names),
        line: lineOf(entry),
      })),
    };
    return chat;
  },
);

/** Some exporters nest replies in the message. */
function withReplies(entry: Json | undefined): (Json | undefined)[] {
  if (!entry) return [undefined];
  const key = ['replies', 'thread_replies', 'slackdump_thread_replies'].find((name) =>
    asList(entry[name]).some((reply) => asText(asObject(reply)?.['text']) !== ''),
  );
  return [
    entry,
    ...(key === undefined
      ? []
      : asList(entry[key])
          .map(asObject)
          .filter((reply) => reply?.['ts'] !== entry['ts'])),
  ];
}

function collectNames(messages: readonly Json[]): Map<string, string> {
  const names = new Map<string, string>();
  for (const entry of messages) {
    const profile = asObject(entry['user_profile']);
    const name = asText(profile?.['display_name']) || asText(profile?.['real_name']) || asText(profile?.['name']);
    if (name !== '') names.set(asText(entry['user']), name);
  }
  return names;
}

function getSender(entry: Json, names: ReadonlyMap<string, string>): string {
  const user = asText(entry['user']);
  return (
    names.get(user) ||
    asText(entry['username']) ||
    asText(asObject(entry['bot_profile'])?.['name']) ||
    asText(entry['user_name']) ||
    user ||
    asText(entry['bot_id'])
  );
}

function getMessageText(entry: Json, names: ReadonlyMap<string, string>): string {
  const own = plain(asText(entry['text']), names);
  const attached = asList(entry['attachments'])
    .map(asObject)
    .map((one) => asText(one?.['text']) || asText(one?.['fallback']) || asText(one?.['title']))
    .filter((text) => text !== '' && own === '');
  const files = asList(entry['files'] ?? (entry['file'] ? [entry['file']] : []))
    .map(asObject)
    .map((file) => media('file', asText(file?.['title']) || asText(file?.['name'])));
  return [own, ...attached.map((text) => plain(text, names)), ...files].filter((text) => text !== '').join('\n');
}

function plain(text: string, names: ReadonlyMap<string, string>): string {
  const shown = text.replace(
    /<([@#!]?)([^<>|\n]{1,2000})(?:\|([^<>\n]{0,2000}))?>/g,
    (_, sign: string, id: string, label?: string) => {
      if (sign === '@') return `@${label || names.get(id) || id}`;
      if (sign === '#') return `#${label || id}`;
      if (sign === '!') return `@${label || id.split('^')[0]!}`;
      return label && label !== id ? `${label} (${id})` : id;
    },
  );
  return decodeEntities(shown);
}
