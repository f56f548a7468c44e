/** Underlines verification findings in the finished text without changing it. */
import type { VerificationFlag } from '../../engine/events.ts';
import { getFileName, type Words } from '../../shared/text.ts';
import type { CardText } from './card.ts';
import { h } from '../dom.ts';
import { toPlainText } from './markdown.ts';
import type { Placed } from './summaryBody.ts';

/** Underlines each flag in its block; skips a flag whose words are not found. */
export function markFlags(
  markdown: string,
  placed: readonly Placed[],
  flags: readonly VerificationFlag[],
  words: Words,
): void {
  flags.forEach((flag, index) => {
    const block = placed.find(({ start, end }) => flag.start >= start && flag.start < end);
    if (block === undefined) return;
    const wanted = toPlainText(markdown.slice(flag.start, flag.end)).trim() || flag.claim;
    const earlier = findOccurrences(toPlainText(markdown.slice(block.start, flag.start)), wanted);
    const range = findText(block.nodes, wanted, earlier) ?? findText(block.nodes, flag.claim, 0);
    if (range === undefined) return;
    wrap(range, flag, index, words);
  });
}

interface Piece {
  readonly node: Text;
  readonly from: number;
  readonly to: number;
}

/** Finds the nth occurrence in text nodes; collapses spaces, skips citation marks. */
function findText(nodes: readonly ChildNode[], wanted: string, occurrence: number): Piece[] | undefined {
  const texts = nodes.flatMap(listTextNodes);
  const at: { readonly node: Text; readonly offset: number }[] = [];
  let joined = '';
  for (const node of texts) {
    for (let offset = 0; offset < node.data.length; offset++) {
      const sign = /\s/.test(node.data[offset]!) ? ' ' : node.data[offset]!;
      if (sign === ' ' && joined.endsWith(' ')) continue;
      joined += sign;
      at.push({ node, offset });
    }
  }
  const needle = wanted.replace(/\s+/g, ' ').trim();
  if (needle === '') return undefined;
  let start = joined.indexOf(needle);
  for (let skip = occurrence; skip > 0 && start >= 0; skip--) {
    const next = joined.indexOf(needle, start + 1);
    if (next < 0) break;
    start = next;
  }
  return start < 0 ? undefined : cutPieces(at.slice(start, start + needle.length));
}

function listTextNodes(node: ChildNode): Text[] {
  if (node instanceof Text) return [node];
  if (!(node instanceof Element) || node.matches('button, .host')) return [];
  return [...node.childNodes].flatMap(listTextNodes);
}

function cutPieces(places: readonly { readonly node: Text; readonly offset: number }[]): Piece[] {
  const found: Piece[] = [];
  for (const { node, offset } of places) {
    const last = found.at(-1);
    if (last?.node === node) found[found.length - 1] = { ...last, to: offset + 1 };
    else found.push({ node, from: offset, to: offset + 1 });
  }
  return found;
}

function findOccurrences(text: string, wanted: string): number {
  const needle = wanted.replace(/\s+/g, ' ').trim();
  return needle === '' ? 0 : text.replace(/\s+/g, ' ').split(needle).length - 1;
}

function wrap(found: readonly Piece[], flag: VerificationFlag, index: number, words: Words): void {
  let last: Element | undefined;
  for (const { node, from, to } of found) {
    const range = document.createRange();
    range.setStart(node, from);
    range.setEnd(node, to);
    last = h('span', { class: `flag ${flag.found}`, 'data-flag': index });
    range.surroundContents(last);
  }
  last?.after(
    h(
      'button',
      {
        type: 'button',
        class: `flag-sign ${flag.found}`,
        'data-flag': index,
        'aria-label': writeFlagTitle(flag, words),
      },
      flag.found === 'nowhere' ? '?' : '↷',
    ),
  );
}

/** Returns the one-line description of a flag. */
function writeFlagTitle(flag: VerificationFlag, words: Words): string {
  if (flag.found === 'nowhere') return words.t('flag.nowhere');
  return flag.line === undefined
    ? words.t('flag.elsewhere.unknown')
    : words.t('flag.elsewhere', placeLine(flag, words));
}

/** Returns the card of a flag. */
export function createFlagCard(flag: VerificationFlag, words: Words): CardText {
  const title = writeFlagTitle(flag, words);
  if (flag.found === 'nowhere') return { title, hint: words.t('flag.nowhere.reason', flag.claim) };
  if (flag.line === undefined) return { title };
  return { title, hint: words.t('flag.elsewhere.reason', flag.claim, placeLine(flag, words)) };
}

function placeLine(flag: VerificationFlag, words: Words): string {
  const line = words.number(flag.line ?? 0);
  return flag.uri === undefined ? line : words.t('lines.of', line, getFileName(flag.uri));
}
