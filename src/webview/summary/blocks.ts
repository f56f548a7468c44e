/** Finds the blocks of a Markdown piece, so finished ones render only once. */
import type { Token } from './markdown.ts';

/** Top-level Markdown block. */
export interface Block {
  readonly type: 'list' | 'table' | 'other';
  readonly tokens: Token[];
  /** Offsets in the parsed piece. */
  readonly start: number;
  readonly end: number;
  /** Start of the last list item or table row; everything before it is finished. */
  readonly lastChild?: number;
  readonly children: number;
}

/** Top-level blocks in order; the last one may still grow. */
export function findBlocks(source: string, tokens: readonly Token[]): Block[] {
  const starts = findLineStarts(source);
  const offset = (line: number): number => starts[line] ?? source.length;
  const blocks: Block[] = [];
  for (let from = 0; from < tokens.length;) {
    const to = closing(tokens, from);
    const [first, last] = tokens[from]!.map ?? [0, starts.length];
    const group = tokens.slice(from, to + 1);
    const type = getBlockType(tokens[from]!);
    const children = type === 'list' ? listChildLines(group, 'list_item_open', 1) : listBodyRows(type, group);
    const lastLine = children.at(-1);
    blocks.push({
      type,
      tokens: group,
      start: offset(first),
      end: offset(last),
      lastChild: lastLine === undefined ? undefined : offset(lastLine),
      children: children.length,
    });
    from = to + 1;
  }
  return blocks;
}

function getBlockType(token: Token): Block['type'] {
  if (token.type === 'bullet_list_open' || token.type === 'ordered_list_open') return 'list';
  return token.type === 'table_open' ? 'table' : 'other';
}

function closing(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let index = from; index < tokens.length; index++) {
    depth += tokens[index]!.nesting;
    if (depth === 0) return index;
  }
  return tokens.length - 1;
}

function listChildLines(tokens: readonly Token[], type: string, level: number): number[] {
  return tokens.flatMap((token) =>
    token.type === type && token.level === level && token.map !== null ? [token.map[0]] : [],
  );
}

function listBodyRows(type: Block['type'], tokens: readonly Token[]): number[] {
  if (type !== 'table') return [];
  const body = tokens.findIndex((token) => token.type === 'tbody_open');
  return body < 0 ? [] : listChildLines(tokens.slice(body), 'tr_open', 2);
}

function findLineStarts(source: string): number[] {
  const starts = [0];
  for (let index = 0; index < source.length; index++) {
    const code = source.charCodeAt(index);
    if (code === 13 && source.charCodeAt(index + 1) === 10) continue;
    if (code === 10 || code === 13) starts.push(index + 1);
  }
  return starts;
}

/**
 * Drops an incomplete construct at the end of streamed text, such as `[1`, an open `**`, or a lone `-` that would make a
 * heading. The next piece restores it.
 * @param from end of the finished text
 */
export function settled(markdown: string, from: number): string {
  let tail = markdown.slice(from);
  if (inFence(tail)) return markdown;
  tail = tail
    .replace(/(^|\n)[ \t]*(?:[-=+*#>|:~`][-=+*#>|:~` \t]*|\d{1,9}[.)]?[-=|: \t]*)$/, '$1')
    .replace(/(^|\n[ \t]*\n)\|[^\n]*(?:\n[-|: \t]*)?$/, '$1')
    .replace(/(?<!\s)\s*(?:\[\d{0,5}|\*{1,3}|_{1,2}|`|!|\$)$/, '');
  return markdown.slice(0, from) + tail + closers(tail.slice(tail.lastIndexOf('\n') + 1));
}

function inFence(text: string): boolean {
  let fence: string | undefined;
  for (const [, sign = ''] of text.matchAll(/^[ \t>]*(`{3,}|~{3,})/gm)) {
    if (fence === undefined) fence = sign;
    else if (sign.startsWith(fence)) fence = undefined;
  }
  return fence !== undefined;
}

function closers(line: string): string {
  if ((line.match(/`/g)?.length ?? 0) % 2 === 1) return '`';
  return (line.replace(/`[^`]*`/g, '').match(/\*\*/g)?.length ?? 0) % 2 === 1 ? '**' : '';
}
