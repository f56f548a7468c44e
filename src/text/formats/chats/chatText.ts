/** Reads chats in text form: WhatsApp, and entries with time and name on a line of their own (Discord, Teams). */
import { isEntry, isNotice, looksLikeChat, parseMessage } from '../../../engine/read/chat.ts';
import type { FormatLine } from '../../../engine/read/format.ts';
import { readChat, type ChatMessage } from './chat.ts';
import { plural, point, pointLines, splitLines, type Format } from '../format.ts';

const maxSampled = 400;

/** WhatsApp's text export. */
export const whatsapp: Format = {
  id: 'whatsapp',
  accepts: ({ text }) => looksLikeChat(text.split('\n', maxSampled).filter((line) => line.trim() !== '')),
  read(text) {
    const lines = splitLines(text);
    const kept: FormatLine[] = [];
    const people = new Set<string>();
    const times: string[] = [];
    let left = 0;
    let open = false;
    for (const [i, line] of lines.entries()) {
      if (isEntry(line)) {
        const message = parseMessage(line);
        open = message !== undefined && !isNotice(message.text);
        if (open && message) {
          people.add(message.name);
          times.push(message.time);
        } else left++;
      }
      if (open || (times.length === 0 && left === 0)) kept.push({ text: line, line: i + 1, verbatim: true });
    }
    if (times.length < 2) return undefined;
    const without = left > 0 ? `; ${plural(left, 'system entry', 'system entries')} left out` : '';
    const points = [
      point(
        [
          `Chat: ${plural(times.length, 'message')} of ${plural(people.size, 'person', 'people')}, ${times[0]!} to ${times.at(-1)!}${without}.`,
        ],
        1,
        { weight: 10 },
      ),
    ];
    return { kind: 'transcript', points, lines: [...pointLines(points), ...kept], continues: true };
  },
};

/** `[05-Jan-26 12:30 PM] name`, `[Yesterday 10:05] Doe, Jane`. */
const blockHead =
  /^\[([^\][\n]{0,24}?\d{1,2}[:.]\d\d(?:[:.]\d\d)?(?:[\s\u202f]?[AaPp]\.?[Mm]\.?)?)\] (\S[^:\n]{0,79})$/;
const rule = /^={20,}$/;

/** Chats copied from an app's window. */
export const chatBlocks: Format = {
  id: 'chat-blocks',
  accepts({ text }) {
    const lines = text.split('\n', 1000);
    const names = lines.flatMap((line) => blockHead.exec(line.trimEnd())?.[2] ?? []);
    return (
      names.length >= 3 &&
      names.length * 12 > lines.filter((line) => line.trim() !== '').length &&
      new Set(names).size < names.length
    );
  },
  read(text) {
    const lines = splitLines(text);
    const messages: (ChatMessage & { text: string })[] = [];
    let title = '';
    let stated: number | undefined;
    let isHead = false;
    for (const [i, line] of lines.entries()) {
      const found = blockHead.exec(line.trimEnd());
      if (rule.test(line.trim())) isHead = !isHead;
      else if (isHead) {
        if (line.startsWith('Channel: ')) title = line.slice(9).split(' / ').at(-1)!.trim();
        stated = Number(/^Exported ([\d,. ]+?) message/.exec(line)?.[1]?.replace(/\D/g, '') ?? stated ?? Number.NaN);
      } else if (found)
        messages.push({ time: found[1]!, name: found[2]!.replace(/ \(pinned\)$/, ''), text: '', line: i + 1 });
      else {
        const last = messages.at(-1);
        if (last && line.trim() !== '') last.text = last.text === '' ? line.trim() : `${last.text}\n${line.trim()}`;
      }
    }
    if (stated !== undefined && !Number.isNaN(stated) && stated !== messages.length) return undefined;
    return readChat(title === '' ? 'Copied' : 'Discord', { messages, left: 0, title });
  },
};
