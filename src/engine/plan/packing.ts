/** Packs sizes and computes makespans. */

/** Splits the indexes 0…n−1 into at most `calls` runs whose largest sum is smallest; into more runs if `most` requires it. */
export function balancePacks(sizes: readonly number[], calls: number, most: number): number[][] {
  if (sizes.length === 0) return [];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let low = Math.max(total / Math.max(1, calls), ...sizesMax(sizes));
  let high = total;
  for (let step = 0; step < 40 && high - low > 0.5; step++) {
    const middle = (low + high) / 2;
    if (countRuns(sizes, middle) <= calls) high = middle;
    else low = middle;
  }
  if (high <= most) return fillPacks(sizes, high);
  const needed = countRuns(sizes, most);
  return needed > calls ? balancePacks(sizes, needed, most) : fillPacks(sizes, high);
}

function sizesMax(sizes: readonly number[]): number[] {
  let largest = 0;
  for (const size of sizes) largest = Math.max(largest, size);
  return [largest];
}

/** Counts the runs of `filled`; avoids an iterator because it is called often. */
function countRuns(sizes: readonly number[], most: number): number {
  let runs = sizes.length > 0 ? 1 : 0;
  let sum = 0;
  for (let i = 0; i < sizes.length; i++) {
    const size = sizes[i]!;
    if (i > 0 && sum + size > most) {
      runs++;
      sum = 0;
    }
    sum += size;
  }
  return runs;
}

function fillPacks(sizes: readonly number[], most: number): number[][] {
  const runs: number[][] = [];
  let run: number[] = [];
  let sum = 0;
  for (let place = 0; place < sizes.length; place++) {
    const size = sizes[place]!;
    if (run.length > 0 && sum + size > most) {
      runs.push(run);
      run = [];
      sum = 0;
    }
    run.push(place);
    sum += size;
  }
  if (run.length > 0) runs.push(run);
  return runs;
}

/** From so many sizes a pack, adjacent packs are even. */
const fewSizes = 24;
/** Maximum sizes for which filling the emptiest pack first is most even. */
const veryFewSizes = 6;
/** More stay adjacent. */
const maxSizes = 4_000;
const lookahead = 30;

/**
 * Like `balancePacks`, but a pack may hold sizes that are near rather than adjacent. Returns undefined if adjacent packs are
 * even enough, or a sum would exceed `most`.
 */
export function evenPacks(sizes: readonly number[], calls: number, most: number): number[][] | undefined {
  const packs = Math.min(calls, sizes.length);
  if (packs < 2 || sizes.length >= fewSizes * packs || sizes.length > maxSizes) return undefined;
  const near = createNearPacks(sizes, packs, most);
  const few = sizes.length <= veryFewSizes * packs;
  const spread = few || near === undefined ? spreadPacks(sizes, packs, most) : undefined;
  if (near === undefined || spread === undefined) return near ?? spread;
  return findLargestSum(spread, sizes) < 0.97 * findLargestSum(near, sizes) ? spread : near;
}

/** The largest sum of a pack. */
export function findLargestSum(packs: readonly (readonly number[])[], sizes: readonly number[]): number {
  return Math.max(0, ...packs.map((pack) => pack.reduce((sum, place) => sum + (sizes[place] ?? 0), 0)));
}

function createNearPacks(sizes: readonly number[], calls: number, most: number): number[][] | undefined {
  let low = sizes.reduce((sum, size) => sum + size, 0) / calls;
  let high = most;
  let found = fillNear(sizes, high, calls);
  if (found === undefined) return fillNear(sizes, high, calls, true);
  for (let step = 0; step < 14 && high - low > 0.002 * high; step++) {
    const middle = (low + high) / 2;
    const packs = fillNear(sizes, middle, calls);
    if (packs === undefined) low = middle;
    else [high, found] = [middle, packs];
  }
  return found;
}

/**
 * Fills packs in order; if the next size does not fit, takes one from the lookahead.
 * @param exact whether to exchange members for a better fill
 */
function fillNear(sizes: readonly number[], most: number, calls: number, exact = false): number[][] | undefined {
  const taken = new Uint8Array(sizes.length);
  const packs: number[][] = [];
  for (let first = 0; first < sizes.length; first++) {
    if (taken[first]) continue;
    if (packs.length === calls || sizes[first]! > most) return undefined;
    const pack: number[] = [];
    let room = most;
    for (let place = first, seen = 0; place < sizes.length && seen < lookahead; place++) {
      if (taken[place]) continue;
      if (sizes[place]! > room) {
        seen += 1;
        continue;
      }
      taken[place] = 1;
      room -= sizes[place]!;
      pack.push(place);
    }
    if (exact) fillByExchange(sizes, pack, room, taken);
    packs.push(pack);
  }
  return packs;
}

/** Exchanges a member, except the first, for a later size that leaves least room. */
function fillByExchange(sizes: readonly number[], pack: number[], room: number, taken: Uint8Array): void {
  let best = { left: room, at: -1, place: -1 };
  const from = pack[0]! + 1;
  for (let place = from, seen = 0; place < sizes.length && seen < lookahead; place++) {
    if (taken[place]) continue;
    seen += 1;
    for (let at = 1; at < pack.length; at++) {
      const left = room + sizes[pack[at]!]! - sizes[place]!;
      if (left >= 0 && left < best.left) best = { left, at, place };
    }
  }
  if (best.at < 0) return;
  taken[pack[best.at]!] = 0;
  taken[best.place] = 1;
  pack[best.at] = best.place;
  pack.sort((a, b) => a - b);
}

function spreadPacks(sizes: readonly number[], packs: number, most: number): number[][] | undefined {
  const bySize = sizes.map((_, place) => place).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  const sums = new Array<number>(packs).fill(0);
  const members: number[][] = Array.from({ length: packs }, () => []);
  for (const place of bySize) {
    let emptiest = 0;
    for (let pack = 1; pack < packs; pack++) if ((sums[pack] ?? 0) < (sums[emptiest] ?? 0)) emptiest = pack;
    sums[emptiest] = (sums[emptiest] ?? 0) + (sizes[place] ?? 0);
    members[emptiest]?.push(place);
  }
  if (Math.max(...sums) > most) return undefined;
  for (const pack of members) pack.sort((a, b) => a - b);
  return members.sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0));
}

/**
 * Order in which packs start: largest first if there are more packs than lanes, text order if nearly equal; the smallest may
 * start first for early words.
 */
export function startOrder(sizes: readonly number[], lanes: number, smallestFirst: boolean): number[] {
  const order = sizes.map((_, place) => place);
  if (sizes.length <= lanes) return order;
  const step = Math.max(1, ...sizesMax(sizes)) / 10;
  order.sort((a, b) => Math.round((sizes[b] ?? 0) / step) - Math.round((sizes[a] ?? 0) / step) || a - b);
  if (smallestFirst) order.unshift(order.pop() ?? 0);
  return order;
}

/** Total duration of `times` on `lanes` concurrent lanes. */
export function computeMakespan(times: readonly number[], lanes: number): number {
  const free = new Array<number>(Math.max(1, Math.min(Math.floor(lanes), times.length || 1))).fill(0);
  for (const time of times) {
    let next = 0;
    for (let lane = 1; lane < free.length; lane++) if ((free[lane] ?? 0) < (free[next] ?? 0)) next = lane;
    free[next] = (free[next] ?? 0) + time;
  }
  return Math.max(...free);
}
