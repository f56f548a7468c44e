/**
 * Renders growing Markdown: a finished block once, the open one again. Lists grow by items and tables by
 * rows, so cost stays independent of length.
 */
import { findBlocks, settled, type Block } from './blocks.ts';
import { morph } from '../dom.ts';
import { parse, render } from './markdown.ts';
import { sanitize } from './sanitize.ts';

/** Callbacks and clock of a stream. */
interface StreamOptions {
  readonly known: (id: number) => boolean;
  /** Called on new elements before insertion. */
  readonly decorate: (fragment: DocumentFragment) => void;
  readonly now: () => number;
}

/** A finished block and its position in the Markdown. */
export interface Placed {
  readonly start: number;
  readonly end: number;
  readonly nodes: readonly ChildNode[];
}

/** Incremental Markdown renderer. */
export interface Stream {
  /** Renders for about `budgetMs`; returns true if there is more. */
  update(markdown: string, finished: boolean, budgetMs: number): boolean;
  /** Finished blocks in order. */
  readonly placed: readonly Placed[];
  clear(): void;
}

/** Characters parsed at once; grows for longer blocks. */
const windowLength = 12_000;
/** Tables up to this many rows are rendered whole. */
const fewRows = 8;

/** Creates a renderer that fills `root`. */
export function createStream(root: HTMLElement, options: StreamOptions): Stream {
  let shown = '';
  /** End of the finished text. */
  let committed = 0;
  let placed: Placed[] = [];
  /** Nodes of the open block. */
  let open: ChildNode[] = [];
  /** List or table body that continues at `committed`. */
  let growing: { readonly type: 'list' | 'table'; readonly element: Element; readonly head: string } | undefined;

  const clear = (): void => {
    root.replaceChildren();
    [shown, committed, placed, open, growing] = ['', 0, [], [], undefined];
  };

  const renderNodes = (block: Block, first: boolean, isOpen: boolean): ChildNode[] => {
    const fragment = sanitize(render(block.tokens, { known: options.known, open: isOpen }));
    options.decorate(fragment);
    if (first && growing !== undefined) {
      const inside = growing.type === 'list' ? fragment.firstElementChild : fragment.querySelector('tbody');
      return [...(inside?.childNodes ?? [])].filter((node) => node instanceof Element);
    }
    return [...fragment.childNodes].filter((node) => !(node instanceof Text && node.data.trim() === ''));
  };

  const place = (block: Block, first: boolean, isOpen: boolean): ChildNode[] => {
    const parent = first && growing !== undefined ? growing.element : root;
    const nodes = morph(parent, open, renderNodes(block, first, isOpen), null);
    open = [];
    return nodes;
  };

  /** Commits all but the last item or row of the open block. */
  const commitChildren = (block: Block, nodes: ChildNode[], base: number, source: string): void => {
    const last = block.lastChild;
    if (last === undefined || block.children < 2 || (block.type === 'table' && block.children <= fewRows)) {
      open = nodes;
      return;
    }
    const outer = nodes[0] as Element;
    const element = growing?.element ?? (block.type === 'list' ? outer : outer.querySelector('tbody'));
    if (element === null) {
      open = nodes;
      return;
    }
    const head =
      block.type === 'table' ? (growing?.head ?? source.slice(block.start, findSecondLine(source, block.start))) : '';
    const children = growing === undefined ? [...element.children] : nodes;
    const lastNode = children.at(-1) as ChildNode;
    placed.push({ start: Math.max(committed, base + block.start), end: base + last, nodes: children.slice(0, -1) });
    growing = { type: block.type as 'list' | 'table', element, head };
    open = [lastNode];
    committed = base + last;
  };

  /** Renders one window; returns true if there is more. */
  const step = (markdown: string, finished: boolean, length: number, late: () => boolean): boolean => {
    const text = cutWindow(markdown, committed, length);
    const whole = committed + text.length === markdown.length;
    const head = growing?.head ?? '';
    const source = head + text;
    const base = committed - head.length;
    const blocks = findBlocks(source, parse(source));
    const from = committed;
    for (const [index, block] of blocks.entries()) {
      const last = index === blocks.length - 1;
      if (last && !(whole && finished)) {
        if (!whole && index > 0) return true;
        commitChildren(block, place(block, index === 0, true), base, source);
        if (whole) return false;
        return committed > from ? true : step(markdown, finished, length * 2, late);
      }
      const nodes = place(block, index === 0, false);
      const end = last ? markdown.length : base + (blocks[index + 1]?.start ?? source.length);
      placed.push({ start: Math.max(committed, base + block.start), end, nodes });
      committed = end;
      growing = undefined;
      if (!last && late()) return true;
    }
    return !whole && (blocks.length === 0 ? step(markdown, finished, length * 2, late) : true);
  };

  return {
    get placed() {
      return placed;
    },
    clear,
    update(markdown, finished, budgetMs) {
      if (!markdown.startsWith(shown)) clear();
      shown = markdown;
      const visible = finished ? markdown : settled(markdown, committed);
      const end = options.now() + budgetMs;
      const late = (): boolean => options.now() >= end;
      while (committed < visible.length || (finished && open.length > 0)) {
        const more = step(visible, finished, windowLength, late);
        if (!more) return false;
        if (late()) return true;
      }
      return false;
    },
  };
}

function cutWindow(markdown: string, from: number, length: number): string {
  if (from + length >= markdown.length) return markdown.slice(from);
  const cut = markdown.lastIndexOf('\n', from + length);
  return cut > from ? markdown.slice(from, cut + 1) : cutWindow(markdown, from, length * 2);
}

/** End of the second line, a table's delimiter row. */
function findSecondLine(source: string, start: number): number {
  const first = source.indexOf('\n', start);
  return first < 0 ? source.length : source.indexOf('\n', first + 1) + 1 || source.length;
}
