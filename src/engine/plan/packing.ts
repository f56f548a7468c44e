/** Cutting a row of sizes into packs of neighbours, and how long lanes take over them. Pure. */

/**
 * Places 0…n−1 in at most `calls` runs of neighbours whose largest sum is as small as it can be, none over `most`
 * where the sizes allow it (then there may be more runs). No run is empty.
 */
export function balanced(sizes: readonly number[], calls: number, most: number): number[][] {
  if (sizes.length === 0) return [];
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let low = Math.max(total / Math.max(1, calls), ...sizesMax(sizes));
  let high = total;
  for (let step = 0; step < 40 && high - low > 0.5; step++) {
    const middle = (low + high) / 2;
    if (runsOf(sizes, middle) <= calls) high = middle;
    else low = middle;
  }
  if (high <= most) return filled(sizes, high);
  const needed = runsOf(sizes, most);
  return needed > calls ? balanced(sizes, needed, most) : filled(sizes, high);
}

function sizesMax(sizes: readonly number[]): number[] {
  let largest = 0;
  for (const size of sizes) largest = Math.max(largest, size);
  return [largest];
}

/** How many runs `filled` would give: counted, for it is asked dozens of times, and without an iterator, whose every step is garbage. */
function runsOf(sizes: readonly number[], most: number): number {
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

function filled(sizes: readonly number[], most: number): number[][] {
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

/**
 * Order of start: the largest first where there are more packs than lanes (nearly equal ones in the text's order),
 * the smallest before all where its first words would otherwise be long in coming.
 */
export function startOrder(sizes: readonly number[], lanes: number, smallestFirst: boolean): number[] {
  const order = sizes.map((_, place) => place);
  if (sizes.length <= lanes) return order;
  const step = Math.max(1, ...sizesMax(sizes)) / 10;
  order.sort((a, b) => Math.round((sizes[b] ?? 0) / step) - Math.round((sizes[a] ?? 0) / step) || a - b);
  if (smallestFirst) order.unshift(order.pop() ?? 0);
  return order;
}

/** Time until all are done when each free lane takes the next of `times`. */
export function makespan(times: readonly number[], lanes: number): number {
  const free = new Array<number>(Math.max(1, Math.min(Math.floor(lanes), times.length || 1))).fill(0);
  for (const time of times) {
    let next = 0;
    for (let lane = 1; lane < free.length; lane++) if ((free[lane] ?? 0) < (free[next] ?? 0)) next = lane;
    free[next] = (free[next] ?? 0) + time;
  }
  return Math.max(...free);
}
