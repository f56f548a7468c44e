/** Mail as read: subject, people, date, text, attachments. Loads its library on first use. */
import type { Address, Email } from 'postal-mime';
import { htmlToText } from './html.ts';
import type { ReadText } from './readText.ts';
import { alignLines } from './sourceLines.ts';

const maxMessages = 20_000;

const headerLine = /^([A-Za-z][A-Za-z0-9-]{1,60}):[ \t]?\S?/;
const known = /^(?:from|to|subject|date|received|return-path|message-id|mime-version|delivered-to|content-type)$/i;
/** Separates messages of a mailbox. */
const postmark = /^From \S.{0,200}\d{4}\s*$/;

/** Whether a text begins like mail or a mailbox; patches mailed by Git are patches. */
export function isMail(head: string): boolean {
  const lines = head.slice(0, 65_536).split(/\r\n?|\n/);
  if (/^(?:diff --git |--- \S.*\n\+\+\+ \S)/m.test(head)) return false;
  const first = postmark.test(lines[0] ?? '') ? 1 : 0;
  const end = lines.indexOf('', first);
  const names = lines
    .slice(first, end < 0 ? lines.length : end)
    .map((line) => (/^[ \t]/.test(line) ? 'folded' : (headerLine.exec(line)?.[1] ?? '')));
  if (names.length < 3 || names.includes('')) return false;
  const headers = new Set(names.filter((name) => known.test(name)).map((name) => name.toLowerCase()));
  return headers.has('from') && headers.size >= 3 && (headers.size >= 4 || first === 1 || headers.has('mime-version'));
}

/**
 * Returns Markdown with a heading for each mail.
 * @throws if unreadable
 */
export async function readMail(bytes: Uint8Array): Promise<ReadText> {
  const PostalMime = (await import('postal-mime')).default;
  const text: string[] = [];
  const lines: number[] = [];
  // one character per byte keeps offsets valid in any encoding
  const file = decodeBytes(bytes).split('\n');
  const messages = splitMessages(file);
  let patches = 0;
  for (const { first, last } of messages.slice(0, maxMessages)) {
    const raw = file
      .slice(first - 1, last)
      .map((line) => (messages.length > 1 ? line.replace(/^>(?=>*From )/, '') : line))
      .join('\n');
    const mail = await PostalMime.parse(
      Uint8Array.from(raw, (char) => char.charCodeAt(0)),
      {
        rfc822Attachments: true,
      },
    );
    const read = await extractMail(mail);
    const isPatch = read.some((line, i) => line.startsWith('--- ') && read[i + 1]?.startsWith('+++ '));
    if (isPatch) patches++;
    const own = isPatch ? toPatch(read) : read;
    text.push(...own);
    lines.push(...alignLines(own, file, first, last));
  }
  const left = messages.length - maxMessages;
  if (left > 0) {
    text.push(`(${left.toLocaleString('en-US')} more mails were not read.)`);
    lines.push(messages[maxMessages]!.first);
  }
  return {
    text: text.join('\n'),
    lines,
    languageId: 2 * patches >= messages.length && patches > 0 ? 'diff' : 'markdown',
  };
}

/** A mailed patch with its subject among the headers, as Git writes it. */
function toPatch([title = '', , ...rest]: readonly string[]): string[] {
  const end = rest.indexOf('');
  return [...rest.slice(0, end), `Subject: ${title.slice(2)}`, ...rest.slice(end)];
}

function decodeBytes(bytes: Uint8Array): string {
  const pieces: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) pieces.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  return pieces.join('').replace(/\r\n?/g, '\n');
}

function splitMessages(file: readonly string[]): { first: number; last: number }[] {
  const starts = file.flatMap((line, i) =>
    postmark.test(line) && (i === 0 || file[i - 1]!.trim() === '') && headerLine.test(file[i + 1] ?? '') ? [i + 2] : [],
  );
  if (starts.length === 0 || !postmark.test(file[0]!)) return [{ first: 1, last: file.length }];
  return starts.map((first, i) => ({ first, last: (starts[i + 1] ?? file.length + 2) - 2 }));
}

async function extractMail(mail: Email): Promise<string[]> {
  const out = [`# ${oneLine(mail.subject ?? '') || '(no subject)'}`, ''];
  const put = (name: string, value: string): void => {
    if (value !== '') out.push(`${name}: ${value}`);
  };
  put('From', formatPeople([mail.from ?? mail.sender]));
  put('To', formatPeople(mail.to));
  put('Cc', formatPeople(mail.cc));
  put('Date', oneLine(getHeader(mail, 'date') || (mail.date ?? '')));
  out.push('');
  const words = (mail.text ?? '').trim() || (mail.html ? tidy(await htmlToText(mail.html)) : '');
  if (words !== '') out.push(...words.replace(/\r\n?/g, '\n').split('\n'), '');
  else out.push('(no text)', '');
  const files = mail.attachments.filter((file) => !file.related || file.disposition === 'attachment');
  const inline = mail.attachments.length - files.length;
  if (files.length > 0)
    out.push(
      `Attached: ${files.map((file) => `${oneLine(file.filename ?? file.mimeType)} (${formatSize(file.content)})`).join(', ')}`,
      '',
    );
  if (inline > 0) out.push(`Pictures in the text: ${inline}`, '');
  return out;
}

const getHeader = (mail: Email, key: string): string => mail.headers.find((header) => header.key === key)?.value ?? '';
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
const tidy = (text: string): string =>
  text
    .replace(/(?<![ \t])[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

function formatPeople(addresses: readonly (Address | undefined)[] | undefined): string {
  return (addresses ?? [])
    .flatMap((one) => (one?.group ? one.group : one ? [one] : []))
    .map(({ name, address }) => (name && name !== address ? `${oneLine(name)} <${address ?? ''}>` : (address ?? '')))
    .filter(Boolean)
    .join(', ');
}

function formatSize(content: ArrayBuffer | Uint8Array | string): string {
  const bytes = typeof content === 'string' ? content.length : content.byteLength;
  if (bytes < 1024) return `${bytes} bytes`;
  const kilobytes = bytes / 1024;
  return kilobytes < 1024 ? `${Math.round(kilobytes)} KB` : `${(kilobytes / 1024).toFixed(1)} MB`;
}
