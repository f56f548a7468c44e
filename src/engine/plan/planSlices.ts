/** Plans large texts in slices, because a plan may take over 100 ms. */
import { planSteps } from './plan.ts';
import type { Plan, PlanInput } from './types.ts';
import type { Yield } from '../ports.ts';

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
