/** Reads exported chat messages: time, sender and text. */

export interface Message {
  /** As written. */
  readonly time: string;
  readonly name: string;
  readonly text: string;
}

/** A day in any common order and a time, ended by `-`, `]` or a tab. Separators depend on the locale. */
const digit = String.raw`[\d٠-٩۰-۹]`;
const mark = String.raw`\u200f?[./-]\s?`;
const day = String.raw`${digit}{1,4}${mark}${digit}{1,2}${mark}${digit}{1,4}\.?`;
const before = String.raw`(?:à |um |at |a las |klo |(?:午前|午後|上午|下午|오전|오후)\s?)?`;
const hour = String.raw`${digit}{1,2}[:.]${digit}{2}(?:[:.]${digit}{2})?(?:[\s\u202f\u00a0]?(?:[AaPp]\.?[\s\u00a0]?[Mm]\.?|午前|午後|上午|下午|[صم](?!\S)))?`;
const stamp = new RegExp(
  String.raw`^\u200e?(?:\[(${day}[,،]?[\s\u202f\u00a0]+${before}${hour})\]\s*|(${day}[,،]?[\s\u202f\u00a0]+${before}${hour})(?:\s+[-–—]\s+|,\s(?=[^:\n]{1,60}\s:\s)))`,
);
const sender = /^[\u200e\u202a]?(?:~[\s\u202f\u00a0]?)?([^:\n]{1,60}?)[\u202c\u200e]?\s?:\s(?=\s*\S)/u;

/** Whether a line begins an entry: a message or a notice of the app. */
export const isEntry = (line: string): boolean => stamp.test(line);

/** Parses the message that begins on a line; undefined for other lines and for notices of the app. */
export function parseMessage(line: string): Message | undefined {
  const found = stamp.exec(line);
  if (!found) return undefined;
  const rest = line.slice(found[0].length);
  const who = sender.exec(rest);
  if (!who) return undefined;
  const text = rest
    .slice(who[0].length)
    .replace(/^\u200e/, '')
    .trim();
  return { time: (found[1] ?? found[2])!, name: who[1]!.trim(), text };
}

/** Whether a message is the app's own notice, such as one on encryption. */
export const isNotice = (text: string): boolean =>
  /\b(?:end-to-end encrypted|Ende-zu-Ende-verschlüsselt|chiffrés? de bout en bout|cifrad[oa]s? de extremo a extremo|criptografad[oa]s de ponta a ponta|uçtan uca şifreli)/i.test(
    text,
  );

/** Whether a placeholder replaces the message: omitted media or deleted text. It has a sender but no words. */
export const isWordless = (text: string): boolean =>
  /^(?:<[^<>]{3,40}>|\u200e.*|.{0,40}\b(?:omitted|weggelassen|ausgeschlossen|omis(?:e|es)?|omitid[oa]s?|ocultad[oa]|dahil edilmedi|omess[oi]|weggelaten)\b.{0,3})$/i.test(
    text,
  ) ||
  /^(?:You deleted this message|This message was deleted|Diese Nachricht wurde gelöscht|Ce message a été supprimé|Se eliminó este mensaje|Mensagem apagada|Bu mesaj silindi)\b/i.test(
    text,
  );

/** Parses an entry of a digest from `text/formats`: `[time] Name: text`. */
export function digestEntry(line: string): Message | undefined {
  const found = /^\[([^\][\n]{1,60})\] ([^:\n]{1,60}): ?(.*)$/.exec(line);
  return found ? { time: found[1] === '-' ? '' : found[1]!, name: found[2]!, text: found[3]!.trim() } : undefined;
}

/** Log levels, which appear where a chat has names. */
const notName =
  /^(?:trace|debug|info|notice|warn(?:ing)?|error|err|fatal|critical|severe|alert|emerg\w*|crit)$|[/\\=]|\[\d+\]$/i;
/** Class names appear there too. */
const isQualified = (name: string): boolean => name.split('.').length > 2 && !/\s/.test(name);

/** Whether lines are a chat export: most entries are messages, and senders recur. */
export function looksLikeChat(lines: readonly string[]): boolean {
  const entries = lines.filter(isEntry);
  const names = entries.flatMap((line) => parseMessage(line)?.name ?? []);
  return (
    entries.length >= 3 &&
    entries.length * 4 > lines.length &&
    names.length * 2 > entries.length &&
    new Set(names).size < names.length &&
    names.filter((name) => notName.test(name) || isQualified(name)).length * 5 < names.length
  );
}
