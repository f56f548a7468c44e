import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  collapseNodes,
  getDepth,
  groupItems,
  type TreeInput,
  type TreeNode,
} from '../../../../src/engine/plan/mergeTree.ts';
import { integer, seeded } from '../../../support/random.ts';

const notes = fc.array(
  fc.record({ tokens: fc.integer({ min: 1, max: 700 }), priority: fc.integer({ min: 0, max: 1_000_000 }) }),
  {
    minLength: 1,
    maxLength: 300,
  },
);

function inputOf(row: readonly { tokens: number; priority: number }[], capacity: number): TreeInput {
  return {
    noteTokens: row.map((note) => note.tokens),
    priorities: row.map((note) => note.priority),
    capacity,
    collapseTokens: Math.min(500, capacity / 3),
  };
}

function all(node: TreeNode): TreeNode[] {
  return [node, ...(node.children ?? []).flatMap(all)];
}

/** What a node reads, in tokens: notes of its range, or its children's answers. */
function reads(node: TreeNode, input: TreeInput): number {
  const note = (index: number): number => input.noteTokens[index] ?? 0;
  if (node.children === undefined) {
    let sum = 0;
    for (let index = node.first; index <= node.last; index++) sum += note(index);
    return sum;
  }
  return node.children.reduce(
    (sum, child) =>
      sum + (child.first === child.last ? note(child.first) : Math.min(input.collapseTokens, reads(child, input))),
    0,
  );
}

/** Each node named by the texts it stands for: equal names are answers that the cache still has. */
function names(root: TreeNode, ids: readonly number[]): Set<string> {
  return new Set(collapseNodes(root).map((node) => ids.slice(node.first, node.last + 1).join()));
}

function checkChange(changed: (rows: { id: number; tokens: number; priority: number }[], at: number) => void): number {
  const random = seeded(11);
  const rows = Array.from({ length: 600 }, (_, id) => ({ id, tokens: integer(random, 40, 90), priority: random() }));
  const treeOf = (list: typeof rows): Set<string> => {
    const root = groupItems({
      noteTokens: list.map((row) => row.tokens),
      priorities: list.map((row) => row.priority),
      capacity: 4_000,
      collapseTokens: 500,
    });
    assert(root !== undefined);
    return names(
      root,
      list.map((row) => row.id),
    );
  };
  const before = treeOf(rows);
  let again = 0;
  const places = 40;
  for (let place = 0; place < places; place++) {
    const copy = [...rows];
    changed(copy, integer(random, 1, rows.length - 2));
    for (const name of treeOf(copy)) if (!before.has(name)) again += 1;
  }
  return again / places;
}

describe('the tree of merges', () => {
  it('covers every chunk once, in order, within the capacity and a bounded depth', () => {
    fc.assert(
      fc.property(notes, fc.integer({ min: 1_500, max: 20_000 }), (row, capacity) => {
        const input = inputOf(row, capacity);
        const root = groupItems(input);
        assert(root !== undefined);
        assert.deepEqual([root.first, root.last], [0, row.length - 1]);
        for (const node of all(root)) {
          let next = node.first;
          for (const child of node.children ?? []) {
            assert.equal(child.first, next);
            next = child.last + 1;
          }
          if (node.children !== undefined) assert.equal(next, node.last + 1);
          assert(reads(node, input) <= capacity, `reads ${reads(node, input)} of ${capacity}`);
        }
        assert(getDepth(root) <= 6);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  it('has no collapse when one call can read all notes', () => {
    const root = groupItems(
      inputOf(
        [
          { tokens: 400, priority: 3 },
          { tokens: 500, priority: 9 },
        ],
        900,
      ),
    );
    assert.deepEqual(root, { first: 0, last: 1 });
    assert.deepEqual(collapseNodes(root), []);
    assert.equal(groupItems(inputOf([], 100)), undefined);
  });

  it('cuts at the strongest boundary', () => {
    const row = Array.from({ length: 12 }, (_, at) => ({ tokens: 100, priority: at === 5 ? 100 : at }));
    const root = groupItems(inputOf(row, 700));
    assert.deepEqual(
      collapseNodes(root).map((node) => [node.first, node.last]),
      [
        [0, 4],
        [5, 11],
      ],
    );
  });

  it('ends even where no note fits the capacity', () => {
    const root = groupItems({
      noteTokens: [900, 900, 900, 900, 900],
      priorities: [0, 1, 2, 3, 4],
      capacity: 10,
      collapseTokens: 900,
    });
    assert(root !== undefined && getDepth(root) <= 13);
  });

  it('makes only the path anew after an edit of one chunk', () => {
    const mean = checkChange((rows, at) => (rows[at] = { ...(rows[at] as (typeof rows)[number]), id: -1 }));
    assert(mean <= 2, `${mean} nodes`);
  });

  it('makes few nodes anew after a chunk was pasted in or taken out', () => {
    const pasted = checkChange((rows, at) => rows.splice(at, 0, { id: -1, tokens: 60, priority: 0.3 }));
    const taken = checkChange((rows, at) => rows.splice(at, 1));
    assert(pasted <= 3 && taken <= 3, `${pasted} and ${taken} nodes`);
  });
});
