import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ModelLimits } from '../../../../src/engine/model.ts';
import {
  balancePacks,
  computeMakespan,
  evenPacks,
  findLargestSum,
  startOrder,
} from '../../../../src/engine/plan/packing.ts';
import { planSteps, type Plan, type PlanChunk, type PlanInput } from '../../../../src/engine/plan/plan.ts';
import { collapseNodes } from '../../../../src/engine/plan/mergeTree.ts';
import { integer, seeded } from '../../../support/random.ts';

/** All of its steps at a stretch. */
function plan(input: PlanInput): Plan {
  const steps = planSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

const law = { firstTokenMs: 350, perInputTokenMs: 0.05, perOutputTokenMs: 10, samples: 9 };
const overheadTokens = 250;

function limits(contextWindow: number, more: Partial<ModelLimits> = {}): ModelLimits {
  return {
    contextWindow,
    maxOutputTokens: 16_000,
    tier: 'strong',
    reasoning: false,
    tokenFactor: 1,
    loopback: false,
    known: true,
    ...more,
  };
}

function textOf(tokens: number, seed = 1): PlanChunk[] {
  const random = seeded(seed);
  const chunks: PlanChunk[] = [];
  for (let left = tokens; left > 0;) {
    const size = Math.min(left, integer(random, 700, 2_600));
    chunks.push({ tokens: size, priority: random(), cached: false });
    left -= size;
  }
  return chunks;
}

function inputOf(tokens: number, window: number, more: Partial<PlanInput> = {}): PlanInput {
  return {
    chunks: textOf(tokens),
    overheadTokens,
    perChunkOverheadTokens: 12,
    mapLimits: limits(window),
    reduceLimits: limits(window),
    lanes: 8,
    mapLatency: law,
    reduceLatency: law,
    length: 'standard',
    chunkTokens: 0,
    singleAllowed: true,
    preferChunks: false,
    ...more,
  };
}

const sizesOf = (made: Plan, input: PlanInput): number[] =>
  made.packs.map((pack) => pack.reduce((sum, index) => sum + (input.chunks[index]?.tokens ?? 0), 0));

function checkPlan(input: PlanInput, expected: { strategy: Plan['strategy']; packs: number; collapses: number }): Plan {
  const made = plan(input);
  assert.deepEqual(
    { strategy: made.strategy, packs: made.packs.length, collapses: collapseNodes(made.tree).length },
    expected,
  );
  return made;
}

describe('the plan', () => {
  it('takes one call for what reads well in one, and packs above it', () => {
    checkPlan(inputOf(20_000, 128_000), { strategy: 'single', packs: 0, collapses: 0 });
    const cheap = limits(128_000, { tier: 'cheap' });
    const slowReader = { ...law, perInputTokenMs: 1 };
    const small = plan(inputOf(20_000, 128_000, { reduceLimits: cheap, mapLimits: cheap, reduceLatency: slowReader }));
    assert.equal(small.strategy, 'map-reduce');
    checkPlan(inputOf(120_000, 32_000), { strategy: 'map-reduce', packs: 8, collapses: 0 });
  });

  it('takes one call above that where it ends sooner and its first words come soon', () => {
    assert.equal(plan(inputOf(30_000, 128_000, { length: 'brief' })).strategy, 'single');
    assert.equal(plan(inputOf(60_000, 128_000, { length: 'brief' })).strategy, 'map-reduce');
    const unknown = { firstTokenMs: 600, perInputTokenMs: 1 / 12, perOutputTokenMs: 11, samples: 0 };
    const first = { mapLatency: unknown, reduceLatency: unknown, length: 'brief' } as const;
    assert.equal(plan(inputOf(30_000, 128_000, first)).strategy, 'single');
  });

  it('stays in chunks where most notes are known, where it is told to, and where the setting is smaller', () => {
    for (const more of [{ preferChunks: true }, { singleAllowed: false }, { chunkTokens: 5_000 }]) {
      assert.equal(plan(inputOf(20_000, 128_000, more)).strategy, 'map-reduce');
    }
    const input = inputOf(20_000, 128_000, { chunkTokens: 5_000 });
    assert(sizesOf(plan(input), input).every((size) => size <= 5_000));
  });

  it('fills whole waves', () => {
    for (const [tokens, lanes] of [
      [300_000, 8],
      [500_000, 8],
      [900_000, 16],
      [200_000, 5],
    ] as const) {
      const made = plan(inputOf(tokens, 32_000, { lanes }));
      const last = made.packs.length % lanes;
      assert(last === 0 || last >= lanes / 2, `${made.packs.length} packs on ${lanes} lanes`);
    }
  });

  it('adds a merge level only above what one reduce can read', () => {
    assert.equal(collapseNodes(plan(inputOf(2_000_000, 128_000)).tree).length, 0);
    assert(collapseNodes(plan(inputOf(4_500_000, 128_000)).tree).length > 0);
  });

  it('shortens notes a little rather than adding a level', () => {
    const wide = plan(inputOf(500_000, 128_000));
    const near = plan(inputOf(2_000_000, 128_000));
    assert.equal(collapseNodes(near.tree).length, 0);
    assert(near.map.words < wide.map.words);
  });

  it('packs only what is missing, in order, skipping known chunks', () => {
    const input = inputOf(120_000, 32_000);
    const chunks = input.chunks.map((chunk, index) => ({ ...chunk, cached: index % 5 !== 2 }));
    const made = plan({ ...input, chunks, preferChunks: true });
    assert.deepEqual(
      made.packs.flat().sort((a, b) => a - b),
      chunks.flatMap((chunk, index) => (chunk.cached ? [] : [index])),
    );
    assert(made.packs.every((pack) => pack.every((index, at) => at === 0 || index > (pack[at - 1] ?? 0))));
    const all = plan({ ...input, chunks: chunks.map((chunk) => ({ ...chunk, cached: true })), preferChunks: true });
    assert.deepEqual([all.packs.length, all.estimate.calls], [0, 1]);
  });

  it('keeps the tree when lanes change and when one chunk is edited', () => {
    const input = inputOf(4_500_000, 128_000);
    const edited = input.chunks.map((chunk, index) => ({
      ...chunk,
      cached: index !== 40,
      tokens: chunk.tokens + (index === 40 ? 3 : 0),
    }));
    const tree = plan(input).tree;
    assert.deepEqual(plan({ ...input, lanes: 16 }).tree, tree);
    assert.deepEqual(plan({ ...input, chunks: edited, preferChunks: true }).tree, tree);
  });

  it('prefers fewer, larger calls under a tokens-a-minute budget', () => {
    const free = plan(inputOf(60_000, 128_000, { singleAllowed: false }));
    const bound = plan(inputOf(60_000, 128_000, { singleAllowed: false, tokensPerMinute: 30_000 }));
    assert(bound.packs.length < free.packs.length);
    assert(bound.estimate.seconds >= 110, `${bound.estimate.seconds} s`);
  });

  it('estimates cost from both models, and none where a price is missing', () => {
    const priced = inputOf(120_000, 32_000, { price: { input: 2, output: 8 }, mapPrice: { input: 0.2, output: 0.8 } });
    const { costUsd } = plan(priced).estimate;
    assert(costUsd !== undefined && costUsd > 0.024 && costUsd < 0.06, String(costUsd));
    assert.equal(plan(inputOf(120_000, 32_000)).estimate.costUsd, undefined);
  });

  it('plans nothing for nothing', () => {
    const made = plan(inputOf(0, 8_000));
    assert.deepEqual([made.packs, made.tree, made.estimate.calls, made.estimate.seconds], [[], undefined, 0, 0]);
  });

  it('never has a budget of nothing or above the window, whatever the figures', () => {
    const anyInput = fc.record({
      tokens: fc.integer({ min: 0, max: 200_000 }),
      window: fc.integer({ min: 600, max: 200_000 }),
      lanes: fc.integer({ min: 1, max: 20 }),
      reasoning: fc.boolean(),
      tokenFactor: fc.double({ min: 0.5, max: 2, noNaN: true }),
      length: fc.constantFrom('brief', 'standard', 'detailed'),
      chunkTokens: fc.constantFrom(0, 1, 800, 9_000),
      softMaxInputTokens: fc.option(fc.integer({ min: 500, max: 100_000 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(anyInput, ({ tokens, window, lanes, length, chunkTokens, ...of }) => {
        const model = limits(window, of);
        const made = plan(
          inputOf(tokens, window, { mapLimits: model, reduceLimits: model, lanes, length, chunkTokens }),
        );
        for (const budget of [made.map, made.collapse, made.reduce]) {
          assert(budget.words >= 1 && budget.maxTokens >= 1 && budget.maxTokens <= window / 2, JSON.stringify(budget));
        }
        assert(made.reduce.maxInput >= 1 && made.reduce.maxInput < window);
        assert(made.runWindow >= 1 && made.runWindow <= window);
        assert(made.packs.every((pack) => pack.length > 0));
        if (made.strategy === 'map-reduce')
          assert.equal(new Set(made.packs.flat()).size, inputOf(tokens, window).chunks.length);
      }),
      { numRuns: 80, seed: 3 },
    );
  });

  it('leaves room for the answer and for hidden thought', () => {
    const model = limits(16_000, { reasoning: true });
    const input = inputOf(100_000, 16_000, { mapLimits: model, reduceLimits: model });
    const made = plan(input);
    const largest = Math.max(...sizesOf(made, input));
    assert(largest + overheadTokens + made.map.maxTokens + 2_000 <= 16_000, `${largest}`);
  });
});

describe('packs', () => {
  it('are as even as the sizes allow', () => {
    assert.deepEqual(balancePacks([1, 1, 1, 1, 1, 1], 3, 100), [
      [0, 1],
      [2, 3],
      [4, 5],
    ]);
    assert.deepEqual(balancePacks([9, 1, 1, 1], 2, 100), [[0], [1, 2, 3]]);
    assert.deepEqual(balancePacks([], 3, 100), []);
  });

  it('exchange members where half a percent is all that is left', () => {
    const random = seeded(4);
    const sizes = Array.from({ length: 480 }, () => integer(random, 900, 3_200));
    const most = Math.ceil((1.005 * sizes.reduce((sum, size) => sum + size, 0)) / 32);
    const packs = evenPacks(sizes, 32, most) ?? [];
    assert.equal(packs.length, 32);
    assert.ok(findLargestSum(packs, sizes) <= most);
    assert.deepEqual(
      packs.flat().sort((a, b) => a - b),
      [...sizes.keys()],
    );
  });
  it('grow in number where they would be too large, and hold what is larger than all', () => {
    assert.deepEqual(balancePacks([5, 5, 5, 5], 1, 10), [
      [0, 1],
      [2, 3],
    ]);
    assert.deepEqual(balancePacks([50, 5, 5], 1, 10), [[0], [1, 2]]);
  });

  it('start with the largest, or with the smallest where its first words would be late', () => {
    assert.deepEqual(startOrder([10, 100, 50, 101], 2, false), [1, 3, 2, 0]);
    assert.deepEqual(startOrder([10, 100, 50, 101], 2, true), [0, 1, 3, 2]);
    assert.deepEqual(startOrder([10, 100], 2, true), [0, 1]);
  });

  it('take as long as the longest lane', () => {
    assert.equal(computeMakespan([3, 3, 2, 2, 2], 2), 7);
    assert.equal(computeMakespan([], 4), 0);
  });
});
