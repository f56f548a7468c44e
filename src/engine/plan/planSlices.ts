/** Plans large texts, over 100 ms of work, in slices. */
import { planSteps } from './plan.ts';
import type { Plan, PlanInput } from './types.ts';
import type { Yield } from '../ports.ts';

/** Chunks from which slices are worth it. */
const sliced = 500;

/** Yields between candidates. */
export async function planInSlices(input: PlanInput, yieldNow: Yield): Promise<Plan> {
  const steps = planSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (input.chunks.length >= sliced) await yieldNow();
  }
}
