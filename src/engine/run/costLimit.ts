/** The cost limit before the first call: it must be able to hold, and it must allow something. */
import type { PlanReady } from '../events.ts';
import { ModelError } from '../model.ts';
import type { RunContext } from '../stages/context.ts';

/** A run that was declined before its first call. */
export class Declined extends Error {}

/**
 * Asks, or refuses where nobody can be asked, when a limit is set and the price is not known.
 * @throws Declined when a person says no
 * @throws ModelError `price-unknown`
 */
export async function checkPriced({ options, ports }: RunContext, plan: PlanReady): Promise<void> {
  if (options.maxCostUsd === 0 || plan.estimate.costUsd !== undefined) return;
  if (!ports.confirmUnpriced) {
    throw new ModelError({ kind: 'bad-request', code: 'price-unknown', args: [plan.model, options.maxCostUsd] });
  }
  if (!(await ports.confirmUnpriced(plan))) throw new Declined();
}
