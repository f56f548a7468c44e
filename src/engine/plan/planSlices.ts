/** A plan of a large text takes a tenth of a second and more: it is made in slices. */
import { planSteps } from './plan.ts';
import type { Plan, PlanInput } from './types.ts';
import type { Yield } from '../ports.ts';

/** Chunks below which a plan is too short to be cut into slices. */
const sliced = 500;

/** For a large text the thread has its turn between two numbers of calls that are weighed. */
export async function planInSlices(input: PlanInput, yieldNow: Yield): Promise<Plan> {
  const steps = planSteps(input);
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
    if (input.chunks.length >= sliced) await yieldNow();
  }
}
