/** Reads the pages of a Telegram export: each message at its line, in the form that the chat reader takes. */
import { below, hasClass, parseMarkup, getWords, type Element } from './formats/markup.ts';

/** Whether it is an HTML export of Telegram. */
export const isChatPage = (html: string): boolean =>
  /class="page_wrap/.test(html) && /class="message (?:default|service)/.test(html) && /class="from_name"/.test(html);

/** Returns as many lines as the page; lines without a message are empty. */
export async function chatPageText(html: string): Promise<string> {
  const page = await parseMarkup(html, false);
  const lines = new Array<string>(html.split('\n').length).fill('');
  let name = '';
  for (const message of below(page)) {
    if (!hasClass(message, 'message') || !hasClass(message, 'default')) continue;
    const time = find(message, 'date')?.attributes['title'] ?? '';
    // a joined message continues under the previous name
    name = getText(find(message, 'from_name')) || name;
    const media = find(message, 'media_wrap') ? '<media>' : '';
    const words = [getText(find(message, 'text')), media].filter(Boolean).join(' ');
    lines[message.line - 1] = `[${time.split(' UTC', 1)[0]}] ${name.replaceAll(':', ' ')}: ${words || '<media>'}`;
  }
  return lines.join('\n');
}

const find = (message: Element, name: string): Element | undefined =>
  [...below(message)].find((element) => hasClass(element, name));
const getText = (element: Element | undefined): string =>
  element ? getWords(element).replace(/\s+/g, ' ').trim() : '';
