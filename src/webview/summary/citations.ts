/** Renders citation marks as numbered buttons and shows each link's host. */
import type { CitationReady } from '../../engine/events.ts';
import type { RunView } from '../../shared/runView.ts';
import { getFileName, type Words } from '../../shared/text.ts';
import type { CardText } from './card.ts';
import { h } from '../dom.ts';

/** Decorates elements rendered from Markdown. */
export function decorate(
  fragment: DocumentFragment,
  citation: (id: number) => CitationReady | undefined,
  words: Words,
  view: () => RunView,
): void {
  for (const mark of fragment.querySelectorAll('sup[data-citation]')) {
    const id = Number(mark.getAttribute('data-citation'));
    const found = citation(id);
    mark.replaceWith(found === undefined ? `[${id}]` : createCitationButton(found, words, view()));
  }
  for (const link of fragment.querySelectorAll('a[data-href]')) decorateLink(link);
  // Scrollable boxes must be reachable by keyboard.
  for (const box of fragment.querySelectorAll('pre, div.table')) box.setAttribute('tabindex', '0');
}

function createCitationButton(citation: CitationReady, words: Words, view: RunView): HTMLElement {
  return h(
    'button',
    {
      type: 'button',
      class: citation.approximate ? 'cite approximate' : 'cite',
      'data-citation': citation.id,
      'aria-label': words.t('cite.label', citation.id, formatPlace(citation, words, view)),
    },
    String(citation.id),
  );
}

/** `lines 10 to 24 of app.log` */
export function formatPlace(
  range: { readonly uri?: string; readonly startLine: number; readonly endLine: number },
  words: Words,
  view: RunView,
): string {
  const lines = words.lines(range.startLine, range.endLine);
  const part = view.plan?.parts.find(({ uri }) => uri === range.uri);
  const title = part?.title ?? (range.uri === undefined ? view.title : getFileName(range.uri));
  return title === '' ? lines : words.t('lines.of', lines, title);
}

/** Returns the card of a citation. */
export function createCitationCard(citation: CitationReady, words: Words, view: RunView): CardText {
  return {
    title: formatPlace(citation, words, view),
    excerpt: citation.excerpt,
    hint: words.t(citation.approximate ? 'cite.approximate' : 'cite.open'),
  };
}

function decorateLink(link: Element): void {
  const host = findHost(link.getAttribute('data-href') ?? '');
  if (host === undefined) return link.replaceWith(...link.childNodes);
  link.setAttribute('role', 'link');
  link.setAttribute('tabindex', '0');
  link.setAttribute('class', 'link');
  if (!namesHost(link.textContent ?? '', host)) link.append(h('span', { class: 'host' }, ` (${host})`));
}

/** Whether the text is an address of that host, or its name alone. */
function namesHost(text: string, host: string): boolean {
  const shown = text.trim();
  return (
    shown.toLowerCase() === host ||
    (/^https?:\/\/[^\s]+$/i.test(shown) && findHost(shown) === host && !shown.includes('@'))
  );
}

/** Host of a web address as it is resolved; undefined for other schemes. */
export function findHost(href: string): string | undefined {
  try {
    const url = new URL(href);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.host : undefined;
  } catch {
    return undefined;
  }
}
