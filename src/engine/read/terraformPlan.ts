/** Reads the changes in a Terraform or OpenTofu plan. */

export interface PlannedChange {
  readonly address: string;
  readonly action: 'destroyed' | 'replaced' | 'created' | 'updated in-place';
  /** Lines from the header to the block's end, numbered as in the input. */
  readonly line: number;
  readonly endLine: number;
  /** The reason in brackets below the header; '' if none. */
  readonly because: string;
  /** Lines that change an attribute, trimmed. */
  readonly changes: readonly string[];
}
interface TerraformPlan {
  readonly changes: readonly PlannedChange[];
  /** `Plan: 1 to add, …`, verbatim. */
  readonly total: string;
  readonly totalLine: number;
}

interface Line {
  readonly text: string;
  readonly line: number;
}

const head =
  /^\s{0,4}# (\S.*?) (?:(?:will|must) be (created|destroyed|updated in-place|replaced)|is tainted, so (?:it )?must be (replaced))\b/;
const totals = /^Plan: (?:(\d+) to import, )?(\d+) to add, (\d+) to change, (\d+) to destroy\./;

/** Undefined if the lines are no plan, or its blocks do not add up to its total. */
export function readTerraformPlan(lines: readonly Line[]): TerraformPlan | undefined {
  const total = lines.findLast(({ text }) => totals.test(text));
  if (!total) return undefined;
  const changes: (PlannedChange & { endLine: number; because: string; changes: string[] })[] = [];
  let open: (typeof changes)[number] | undefined;
  for (const { text, line } of lines) {
    const found = head.exec(text);
    if (found) {
      const action = (found[2] ?? found[3]) as PlannedChange['action'];
      open = { address: found[1]!, action, line, endLine: line, because: '', changes: [] };
      changes.push(open);
    } else if (/^(?:Plan: |Changes to Outputs)/.test(text)) open = undefined;
    else if (open && text.trim() !== '') {
      open.endLine = line;
      const why = /^\s*# \((.*)\)\s*$/.exec(text)?.[1];
      if (why && open.changes.length === 0 && open.because === '' && /\b(?:because|since|not in|due to)\b/.test(why))
        open.because = why;
      if (/^\s*[-+~/]+\s.*\s->\s/.test(text))
        open.changes.push(
          text
            .trim()
            .replace(/^[-+~/]+\s+/, '')
            .replace(/(?<!\s)\s+=/, ' ='),
        );
      if (/^ {4}\}/.test(text)) open = undefined;
    }
  }
  const [, , add, change, destroy] = totals.exec(total.text)!.map(Number);
  const count = (...actions: readonly string[]): number =>
    changes.filter(({ action }) => actions.includes(action)).length;
  const agrees =
    count('created', 'replaced') === add &&
    count('updated in-place') === change &&
    count('destroyed', 'replaced') === destroy;
  return agrees && changes.length > 0 ? { changes, total: total.text.trim(), totalLine: total.line } : undefined;
}
