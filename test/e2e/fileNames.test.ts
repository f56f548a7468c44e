/** Names of files that are links or icons to VS Code's messages, in a real window. */
import assert from 'node:assert/strict';
import { commandTitle, inVsCode, until } from './harness.ts';

const name = '[Open the guide](command:workbench.action.toggleSidebarVisibility).md';

describe('a file whose name is a link to a command', function () {
  this.timeout(180_000);

  it('is named in messages and progress without a link, and hides no side bar', async () => {
    await inVsCode({ files: { [name]: '' }, open: name }, async (code) => {
      const sideBar = code.page.locator('.part.sidebar');
      await code.page.keyboard.press('Control+Shift+e');
      await sideBar.waitFor({ state: 'visible' });
      await code.runCommand(commandTitle);
      const toast = code.page
        .locator('.notification-toast, .notifications-list-container')
        .filter({ hasText: 'Open the guide' });
      await until('a message with the name', async () => (await toast.count()) > 0);
      assert.equal(await toast.locator('a', { hasText: 'Open the guide' }).count(), 0);
      await toast.first().getByText('Open the guide').click();
      await code.page.waitForTimeout(500);
      assert.equal(await sideBar.isVisible(), true);
    });
  });
});
