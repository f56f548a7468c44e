/** A file whose name is a link to a command, in a real window. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { commandTitle, inVsCode, openFile, until } from './harness.ts';

const name = '[Open the guide](command:workbench.action.toggleSidebarVisibility).md';

/** Lists a model, and never answers. */
async function startSilentServer(): Promise<{ readonly url: string; close(): void }> {
  const server = createServer((request, response) => {
    if (request.url?.endsWith('/models')) response.end('{"object":"list","data":[{"id":"m","object":"model"}]}');
    else if (request.method === 'GET') response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

describe('a file whose name is a link to a command', function () {
  this.timeout(180_000);

  it('is named in a message as text: a click hides no side bar', async () => {
    const server = await startSilentServer();
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': `${server.url}/v1`,
      'precis.openaiCompatible.model': 'm',
      'precis.contextWindow': 8_192,
    };
    const files = { [name]: '# A report\n\nThe pump failed twice.\n', 'other.md': 'x\n' };
    try {
      await inVsCode({ files, open: name, settings }, async (code) => {
        const { page } = code;
        await page.keyboard.press('Control+Shift+e');
        const sideBar = page.locator('.part.sidebar');
        await sideBar.waitFor({ state: 'visible' });
        await code.runCommand(commandTitle);
        await code.panel();
        // hides the panel, so that the progress is a message
        await page.keyboard.press('Control+2');
        await openFile(page, 'other.md');
        const message = page.locator('.notification-list-item-message').filter({ hasText: 'Open the guide' }).first();
        await until('a message with the name', () => message.isVisible());
        assert.equal(await message.locator('a').count(), 0);
        const box = await message.boundingBox();
        assert.ok(box);
        for (const x of [40, 80, 120]) await page.mouse.click(box.x + x, box.y + box.height / 2);
        assert.equal(await sideBar.isVisible(), true);
      });
    } finally {
      server.close();
    }
  });
});
