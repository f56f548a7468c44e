import { chooseFromMenu, until, type Code } from './harness.ts';

/** Submits the folder `nightly` from the explorer's menu. */
export async function submit(code: Code): Promise<void> {
  const row = code.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'nightly' }).first();
  const entry = code.page.locator('.monaco-submenu .action-label').filter({ hasText: 'Summarize in Batch' }).first();
  // only a folder that is known to be trusted has it, and that takes a window a moment
  await until('the entry for batches', async () => {
    await chooseFromMenu(code.page, row, 'Précis');
    await entry.hover({ timeout: 3_000 });
    await code.page.keyboard.press('Enter');
    await entry.waitFor({ state: 'hidden', timeout: 3_000 });
    return true;
  });
}
