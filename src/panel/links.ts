/** Opens only links that occur in the run's own text: the page cannot supply any. */
import type { PanelInfo } from '../shared/protocol.ts';
import type { RunView } from '../shared/runView.ts';

/** @returns the URL to open; undefined when not allowed */
export function findAllowedLink(href: string, view: RunView, info: PanelInfo): string | undefined {
  const url = parse(href);
  if (url === undefined) return undefined;
  const texts = [
    view.markdown,
    ...Object.values(view.notes).map((note) => note.text),
    ...info.questions.map(({ view: answer }) => answer.markdown),
  ];
  return texts.some((text) => mentions(text, url.href)) ? url.href : undefined;
}

function parse(href: string): URL | undefined {
  try {
    const url = new URL(href);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : undefined;
  } catch {
    return undefined;
  }
}

/** Characters that may end a link or follow it in Markdown; both readings are tried. */
const closing = /[)\]*_~`'.,;:!?|\\]/;

function mentions(text: string, href: string): boolean {
  // from each place, because an address may be the text of a link to another
  for (const [, found = ''] of text.matchAll(/(?=(https?:\/\/[^\s<>"]{1,2048}))/gi)) {
    for (let end = found.length; end > 8; end--) {
      const isEnd = end === found.length || closing.test(found[end]!);
      if (isEnd && parse(found.slice(0, end))?.href === href) return true;
    }
  }
  return false;
}
