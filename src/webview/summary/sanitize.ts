/** Only entry for markup: the allow-list admits nothing that loads, runs or submits. */
import DOMPurify from 'dompurify';

const tags = [
  ...['a', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p'],
  ...['pre', 's', 'span', 'strong', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul', '#text'],
];

/**
 * Blocks with `dir=auto`. Paragraphs in items and quotations inherit: `auto` skips children that set `dir`.
 */
const directed = 'p:not(li p, blockquote p), li, h1, h2, h3, h4, h5, h6, blockquote, td, th';

/** Keeps only elements that a Markdown renderer emits. */
export function sanitize(html: string): DocumentFragment {
  const fragment = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: tags,
    ALLOWED_ATTR: ['class', 'start', 'data-citation', 'data-href'],
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
  for (const block of fragment.querySelectorAll(directed)) block.setAttribute('dir', 'auto');
  return fragment;
}
