/** The one door through which markup becomes elements: an allow-list without anything that loads, runs or submits. */
import DOMPurify from 'dompurify';

const tags = [
  ...['a', 'blockquote', 'br', 'code', 'del', 'div', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'li', 'ol', 'p'],
  ...['pre', 's', 'span', 'strong', 'sup', 'table', 'tbody', 'td', 'th', 'thead', 'tr', 'ul', '#text'],
];

/**
 * Blocks that take their direction from their first letter. A paragraph inside an item or a quotation takes that of the
 * item: `auto` does not look into elements that have a direction of their own.
 */
const directed = 'p:not(li p, blockquote p), li, h1, h2, h3, h4, h5, h6, blockquote, td, th';

/** Elements of a Markdown renderer's output; everything else in it becomes text or nothing. */
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
