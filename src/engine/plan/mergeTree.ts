/** Builds the merge tree. Boundary priorities decide its levels, so that an edit changes only the path to the root. */

/** Node for the chunks `first` to `last`. A leaf reads their notes; the root is the reduce, others are collapses. */
export interface TreeNode {
  readonly first: number;
  readonly last: number;
  readonly children?: readonly TreeNode[];
}

/** What a tree of merges is planned from. */
export interface TreeInput {
  /** Expected note tokens of each chunk, from its size. */
  readonly noteTokens: readonly number[];
  /** Strength of the boundary before each chunk. */
  readonly priorities: readonly number[];
  /** Note tokens of the last call. */
  readonly capacity: number;
  /** Of a collapse; default `capacity`. */
  readonly mergeCapacity?: number;
  readonly collapseTokens: number;
}

interface Item {
  readonly node: TreeNode;
  readonly tokens: number;
  readonly priority: number;
}

/** Minimum share of the capacity that a merge reads: a higher share fills merges, a lower one favours strong boundaries. */
const fairShare = 0.6;
/** Maximum levels; in deeper trees the root exceeds its capacity. */
const maxLevels = 12;

/** Returns undefined without notes. */
export function groupItems(input: TreeInput): TreeNode | undefined {
  const count = input.noteTokens.length;
  if (count === 0) return undefined;
  let items: Item[] = input.noteTokens.map((tokens, index) => ({
    node: { first: index, last: index },
    tokens,
    priority: input.priorities[index] ?? 0,
  }));
  for (let level = 0; level < maxLevels && sum(items) > input.capacity && items.length > 1; level++) {
    const next = collapseLevel(items, input.mergeCapacity ?? input.capacity, input.collapseTokens);
    if (next.length >= items.length) break;
    items = next;
  }
  return join(items);
}

/** Returns the nodes that need a call, children first, in text order. */
export function collapseNodes(root: TreeNode | undefined): TreeNode[] {
  const found: TreeNode[] = [];
  const visit = (node: TreeNode): void => {
    for (const child of node.children ?? []) {
      visit(child);
      if (child.first !== child.last) found.push(child);
    }
  };
  if (root !== undefined) visit(root);
  return found;
}

/** Number of levels with calls, the root's included. */
export function getDepth(node: TreeNode): number {
  return 1 + Math.max(0, ...(node.children ?? []).filter((child) => child.first !== child.last).map(getDepth));
}

function collapseLevel(items: readonly Item[], capacity: number, collapseTokens: number): Item[] {
  const segments = split(items, capacity);
  const merges = segments.length < items.length ? segments : pairItems(items);
  return merges.map((members) => merged(members, collapseTokens));
}

function merged(members: readonly Item[], collapseTokens: number): Item {
  const [first] = members;
  if (first !== undefined && members.length === 1) return first;
  return { node: join(members), tokens: Math.min(collapseTokens, sum(members)), priority: first?.priority ?? 0 };
}

/** Cuts into segments that fit, each at the strongest boundary in reach. */
function split(items: readonly Item[], capacity: number): Item[][] {
  const segments: Item[][] = [];
  let left = sum(items);
  for (let first = 0; first < items.length;) {
    const end = left <= capacity ? items.length : findCut(items, first, capacity);
    const segment = items.slice(first, end);
    segments.push(segment);
    left -= sum(segment);
    first = end;
  }
  return segments;
}

/** Returns the end of the segment from `first` on; it has at least one item. */
function findCut(items: readonly Item[], first: number, capacity: number): number {
  let best = first + 1;
  let total = items[first]?.tokens ?? 0;
  let isFair = total >= capacity * fairShare;
  for (let end = first + 2; end <= items.length; end++) {
    total += items[end - 1]?.tokens ?? 0;
    if (total > capacity) break;
    const isStronger = (items[end]?.priority ?? 0) > (items[best]?.priority ?? 0);
    if (!isFair || isStronger) best = end;
    isFair ||= total >= capacity * fairShare;
  }
  return best;
}

function pairItems(items: readonly Item[]): Item[][] {
  const found: Item[][] = [];
  for (let index = 0; index < items.length; index += 2) found.push(items.slice(index, index + 2));
  return found;
}

function join(members: readonly Item[]): TreeNode {
  const [only] = members;
  if (only !== undefined && members.length === 1) return only.node;
  const first = only?.node.first ?? 0;
  const last = members[members.length - 1]?.node.last ?? first;
  const notesOnly = members.every((member) => member.node.first === member.node.last);
  if (notesOnly) return { first, last };
  return { first, last, children: members.map((member) => member.node) };
}

function sum(items: readonly Item[]): number {
  let total = 0;
  for (const item of items) total += item.tokens;
  return total;
}
