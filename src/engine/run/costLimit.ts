import type { PlanReady } from '../events.ts';
import { ModelError } from '../model.ts';
import type { RunContext } from '../stages/context.ts';

/** Thrown if the user declines before the first call. */
export class Declined extends Error {}

/**
 * Asks the user (or refuses without `confirmUnpriced`) if a limit is set but no price is known.
 * @throws Declined if the user says no
 * @throws ModelError `price-unknown`
 */
export async function checkPriced({ options, ports }: RunContext, plan: PlanReady): Promise<void> {
  if (options.maxCostUsd === 0 || plan.estimate.costUsd !== undefined) return;
  if (!ports.confirmUnpriced) {
    throw new ModelError({ kind: 'bad-request', code: 'price-unknown', args: [plan.model, options.maxCostUsd] });
  }
  if (!(await ports.confirmUnpriced(plan))) throw new Declined();
}
