/** A link may be opened when the run's own text names it: the page can bring none of its own. */
import type { PanelInfo } from '../shared/protocol.ts';
import type { RunView } from '../shared/runView.ts';

/** @returns the link as it will be opened, or undefined where it must not be */
export function allowedLink(href: string, view: RunView, info: PanelInfo): string | undefined {
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

function mentions(text: string, href: string): boolean {
  // Ends of a link in Markdown: spaces, brackets; a parenthesis may be inside, so the shorter readings are tried too.
  for (const [found] of text.matchAll(/https?:\/\/[^\s<>"]+/gi)) {
    let end = found.length;
    while (end > 8) {
      if (parse(found.slice(0, end))?.href === href) return true;
      const cut = found.slice(0, end).search(/[)\]*_~`'.,;:!?|\\]+[^)\]*_~`'.,;:!?|\\]*$/);
      if (cut < 0) break;
      end = cut;
    }
  }
  return false;
}
