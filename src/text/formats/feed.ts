/** Reads feeds (RSS, Atom): subject, number and period of the entries, then each entry with its text. */
import type { FormatLine } from '../../engine/read/format.ts';
import { plainOfHtml } from './chats/chat.ts';
import { plural, point, pointLines, type Format } from './format.ts';
import { below, parseMarkup, rootOf, getWords, type Element } from './markup.ts';

const maxListed = 40;

/** RSS and Atom. */
export const feed: Format = {
  id: 'feed',
  accepts: ({ text }) => /^\ufeff?\s*</.test(text) && /<(?:rss|feed|rdf:RDF)[\s>]/.test(text.slice(0, 4000)),
  async read(text) {
    const root = rootOf(await parseMarkup(text, true), /^(?:rss|feed|rdf:RDF)$/);
    if (!root) return undefined;
    const channel = [...below(root)].find(({ name }) => name === 'channel') ?? root;
    const entries = [...below(root)].filter(({ name }) => name === 'item' || name === 'entry').map(readEntry);
    if (entries.length === 0) return undefined;
    const dated = entries.filter(({ ms }) => !Number.isNaN(ms)).sort((a, b) => a.ms - b.ms);
    const [first, last] = [dated[0], dated.at(-1)];
    const title = getChildText(channel, 'title');
    const when = first && last && dated.length === entries.length ? `, ${first.day} to ${last.day}` : '';
    const points = [
      point(
        [`Feed${title === '' ? '' : ` “${title}”`}: ${plural(entries.length, 'entry', 'entries')}${when}.`],
        root.line,
        {
          weight: 10,
        },
      ),
      ...entries.slice(0, maxListed).map(({ title, day, line, endLine }) =>
        point([title || '(no title)', day === '' ? '' : ` (${day})`], line, {
          endLine,
          section: 'Entries',
          weight: 2,
        }),
      ),
    ];
    const lines = entries.flatMap(({ title, day, body, line }): FormatLine[] => [
      { text: `## ${title}${day === '' ? '' : ` (${day})`}`, line },
      ...body
        .split('\n')
        .filter((part) => part.trim() !== '')
        .map((part) => ({ text: part.trim(), line })),
    ]);
    return { kind: 'markdown', points, lines: [...pointLines(points.slice(0, 1)), ...lines] };
  },
};

interface Entry {
  readonly title: string;
  /** `2026-10-01`; '' without a date. */
  readonly day: string;
  readonly ms: number;
  readonly body: string;
  readonly line: number;
  readonly endLine: number;
}

function readEntry(element: Element): Entry {
  const ms = Date.parse(
    ['pubDate', 'published', 'updated', 'dc:date'].map((name) => getChildText(element, name)).find(Boolean) ?? '',
  );
  const body =
    ['content:encoded', 'content', 'description', 'summary'].map((name) => getChildText(element, name)).find(Boolean) ??
    '';
  return {
    title: plainOfHtml(getChildText(element, 'title')),
    day: Number.isNaN(ms) ? '' : new Date(ms).toISOString().slice(0, 10),
    ms,
    body: plainOfHtml(body),
    line: element.line,
    endLine: element.endLine,
  };
}

const getChildText = ({ children }: Element, name: string): string => {
  const found = children.find((child): child is Element => typeof child !== 'string' && child.name === name);
  return found ? getWords(found).trim() : '';
};
