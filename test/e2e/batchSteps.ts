import { chooseFromSubmenu, type Code } from './harness.ts';
import { explorerRow } from './steps.ts';

/** Submits the folder `nightly` from the explorer's menu; a window takes a moment to know that it is trusted. */
export function submit(code: Code): Promise<void> {
  return chooseFromSubmenu(code.page, explorerRow(code, 'nightly'), 'Précis', 'Summarize in Batch');
}
