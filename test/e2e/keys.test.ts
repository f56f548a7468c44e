/** No default key of VS Code is taken, on any of the three systems: held against its own lists. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { inVsCode, paletteOffers, root, runCommand, until, type Code } from './harness.ts';

interface Binding {
  readonly key: string;
  readonly command: string;
}

const systems = {
  linux: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  win: 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  mac: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
} as const;
type System = keyof typeof systems;

interface Contributed {
  readonly command: string;
  readonly key: string;
  readonly mac?: string;
  readonly linux?: string;
  readonly win?: string;
}
const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  contributes: { keybindings: Contributed[] };
};

/** `ctrl+alt+shift+p` and `ctrl+shift+alt+p` are one key. */
const normal = (key: string): string =>
  key
    .split(' ')
    .map((chord) => chord.split('+').sort().join('+'))
    .join(' ');

/** The list that VS Code shows as its default keys, its own and those of extensions. */
async function defaults(page: Page, system: System): Promise<Binding[]> {
  const modifier = system === 'mac' ? 'Meta' : 'Control';
  await until('Précis in the palette', () => paletteOffers(page, 'Précis: Clear Cache'));
  await runCommand(page, 'Preferences: Open Default Keyboard Shortcuts (JSON)');
  await page.locator('.tabs-container .tab.active').filter({ hasText: 'Default Keybindings' }).waitFor();
  // what an earlier window copied is not this one's list
  await page.evaluate("navigator.clipboard.writeText('')");
  return until('the list of default keys', async () => {
    await page.keyboard.press(`${modifier}+a`);
    // the browser's own key for it: its event is what VS Code answers
    await page.keyboard.press('Control+c');
    const text = await page.evaluate<string>('navigator.clipboard.readText()');
    const list = /\[[\s\S]*?\n\]/.exec(text)?.[0];
    return list ? (JSON.parse(list.replace(/^\s*\/\/.*$/gm, '')) as Binding[]) : false;
  });
}

/** VS Code in a browser takes the system from what the browser says that it is. */
async function windowOn(code: Code, address: string, system: System): Promise<Page> {
  const page = await code.context.newPage();
  await page.addInitScript((agent) => {
    Object.defineProperty(navigator, 'userAgent', { get: () => agent });
  }, systems[system]);
  await page.goto(address, { waitUntil: 'commit' });
  await page.bringToFront();
  await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: 90_000 });
  return page;
}

describe('the default keys', () => {
  it('are no default keys of VS Code on Linux, Windows or macOS', () =>
    inVsCode({}, async (code) => {
      const address = code.page.url();
      for (const system of Object.keys(systems) as System[]) {
        const page = await windowOn(code, address, system);
        const list = await defaults(page, system);
        assert.ok(list.length > 700, `${system}: only ${list.length} keys`);
        const isMac = list.some(({ key }) => key.includes('cmd'));
        assert.equal(isMac, system === 'mac');
        for (const binding of contributes.keybindings) {
          const key = normal(binding[system] ?? binding.key);
          const same = list.filter((one) => normal(one.key) === key || normal(one.key).startsWith(`${key} `));
          assert.ok(
            same.some(({ command }) => command === binding.command),
            `${binding.command} has no ${key} on ${system}`,
          );
          assert.deepEqual(
            same.map(({ command }) => command).filter((command) => !command.startsWith('precis.')),
            [],
            `${key} on ${system}`,
          );
        }
        await page.close();
      }
    }));
});
