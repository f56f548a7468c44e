/** A plan of Terraform: what is destroyed or replaced first and why, then what is alike in one line. */
import { readTerraformPlan, type PlannedChange } from '../read/terraformPlan.ts';
import type { Point } from './types.ts';
import { cite, codeSpan, escapeText, type Line } from './view.ts';

/** Undefined where the lines are no plan. */
export function tellTerraformPlan(lines: readonly Line[], part: number): Point[] | undefined {
  const plan = readTerraformPlan(lines);
  if (!plan) return undefined;
  const first = {
    section: '',
    plain: true,
    text: escapeText(plan.total),
    cite: [cite(part, plan.totalLine)],
    weight: 9,
  };
  const order: readonly PlannedChange['action'][] = ['destroyed', 'replaced', 'created', 'updated in-place'];
  const points = order.flatMap((action, rank) => {
    const groups = new Map<string, PlannedChange[]>();
    for (const change of plan.changes) {
      if (change.action !== action) continue;
      // What is lost is told one by one; the rest by form.
      const key = rank < 2 ? change.address : formOf([change.address, ...change.changes].join('\n'));
      groups.set(key, [...(groups.get(key) ?? []), change]);
    }
    return [...groups.values()].map((group) => tellGroup(group, part, 8 - rank));
  });
  return [first, ...points];
}

/** Indices, numbers and identifiers differ among what is alike. */
const formOf = (text: string): string =>
  text
    .replace(/\[[^\][]{0,200}\]|"[^"\n]{0,200}"/g, (part) => (part.startsWith('[') || /\d/.test(part) ? '#' : part))
    .replace(/\d+/g, '#');

function tellGroup(group: readonly PlannedChange[], part: number, weight: number): Point {
  const { address, action, because, changes, line, endLine } = group[0]!;
  const verb = action === 'replaced' ? 'must be replaced' : `will be ${action}`;
  const forced = changes.filter((change) => change.includes('# forces replacement'));
  const shown = (forced.length > 0 ? forced : changes).slice(0, 3).map((change) => codeSpan(change, 120));
  const why = because === '' ? '' : ` (${escapeText(because)})`;
  const what =
    group.length > 1
      ? `${group.length}× ${action}: ${codeSpan(address, 120)} to ${codeSpan(group.at(-1)!.address, 120)}`
      : `${codeSpan(address, 160)} ${verb}`;
  return {
    section: '',
    text: `${what}${why}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}`,
    cite: [cite(part, line, endLine)],
    weight,
  };
}
