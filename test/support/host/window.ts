/** A window of VS Code, driven as a person drives it. */
import type { Frame, Locator, Page } from 'playwright-core';
import { patience, until } from './wait.ts';

export interface Notification {
  /** What it says, with its source when shown. */
  readonly text: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly buttons: readonly string[];
}

const quickInput = '.quick-input-widget:not([style*="display: none"])';

/** The workbench is drawn. */
export async function whenDrawn(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .statusbar').waitFor({ state: 'visible', timeout: patience });
}

/** Declines to trust the folder once VS Code asks; waits for it until the page closes. */
export function declineTrust(page: Page): Promise<void> {
  const no = page.locator('.monaco-dialog-box .monaco-button').filter({ hasText: /^No, I don.t trust/ });
  return no.click({ timeout: 0 });
}

/** Opens the palette with `text` typed, and gives the rows that it offers. */
async function offered(page: Page, text: string): Promise<{ rows: Locator; labels: string[] }> {
  await page.keyboard.press('Escape');
  await page.keyboard.press('F1');
  const input = page.locator(`${quickInput} input`).first();
  await input.waitFor({ state: 'visible', timeout: 5_000 });
  await input.fill(`>${text}`);
  const rows = page.locator(`${quickInput} .quick-input-list .monaco-list-row`);
  await rows.first().waitFor({ state: 'visible', timeout: 2_500 });
  return { rows, labels: await rows.evaluateAll((list) => list.map((row) => row.getAttribute('aria-label') ?? '')) };
}

const says = (label: string, title: string): boolean => label === title || label.startsWith(`${title},`);

/**
 * Runs a command as a person does: F1, its title, Enter. A palette opened before the extension is known stays without
 * its commands, so it is opened anew until they come.
 */
export async function runCommand(page: Page, title: string, limitMs = patience): Promise<void> {
  await until(
    `the command “${title}” in the palette`,
    async () => {
      const { rows, labels } = await offered(page, title);
      const index = labels.findIndex((label) => says(label, title));
      if (index < 0) return false;
      await rows.nth(index).click({ timeout: 5_000 });
      return true;
    },
    limitMs,
  );
}

/** Whether the palette offers a command now. */
export async function paletteOffers(page: Page, title: string): Promise<boolean> {
  const { labels } = await offered(page, title);
  await page.keyboard.press('Escape');
  return labels.some((label) => says(label, title));
}

/** Opens a file of the workspace by its name. */
export async function openFile(page: Page, name: string): Promise<void> {
  await until(`the file ${name}`, async () => {
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+p');
    const input = page.locator(`${quickInput} input`).first();
    await input.waitFor({ state: 'visible', timeout: 5_000 });
    await input.fill(name);
    const base = name.split('/').at(-1) ?? name;
    const row = page.locator(`${quickInput} .quick-input-list .monaco-list-row`).filter({ hasText: base }).first();
    await row.click({ timeout: 5_000 });
    return true;
  });
  await whenEditorShows(page, name.split('/').at(-1) ?? name);
}

/** The editor of this file is the active one, with text in it. */
export async function whenEditorShows(page: Page, name: string): Promise<void> {
  await page
    .locator('.tabs-container .tab.active')
    .filter({ hasText: name })
    .first()
    .waitFor({ state: 'visible', timeout: patience });
  await page
    .locator('.editor-group-container.active .view-lines .view-line')
    .first()
    .waitFor({ state: 'visible', timeout: patience });
}

/** Rows of the open quick pick or input box. */
export function quickPick(page: Page): { input: Locator; rows: Locator; message: Locator } {
  return {
    input: page.locator(`${quickInput} input`).first(),
    rows: page.locator(`${quickInput} .quick-input-list .monaco-list-row`),
    message: page.locator(`${quickInput} .quick-input-message`),
  };
}

/**
 * Chooses an entry of the open menu, by keys: VS Code takes no click in the first 100 ms of a menu. The entry must have the
 * focus before Enter, which else chooses another one or none; rejects when the menu then stays open.
 * @param opens the entry opens a submenu, and the menu stays
 */
export async function chooseEntry(page: Page, title: string, opens = false): Promise<void> {
  const entry = page.locator('.monaco-menu .action-item').filter({ hasText: title, visible: true }).last();
  await entry.locator('.action-label').first().hover({ timeout: 3_000 });
  await page
    .locator('.monaco-menu .action-item.focused')
    .filter({ hasText: title })
    .last()
    .waitFor({ state: 'visible', timeout: 3_000 });
  await page.keyboard.press('Enter');
  if (opens) await page.locator('.monaco-submenu').first().waitFor({ state: 'visible', timeout: 3_000 });
  else await page.locator('.monaco-menu').first().waitFor({ state: 'hidden', timeout: 3_000 });
}

/** Opens the context menu of an element, anew where one is open. */
async function openMenu(
  page: Page,
  target: Locator,
  where?: { readonly x: number; readonly y: number },
): Promise<void> {
  const menu = page.locator('.monaco-menu').first();
  // Escape also ends a selection, so it is pressed only for a menu that is open.
  while (await menu.isVisible()) await page.keyboard.press('Escape');
  await target.click({ button: 'right', timeout: 5_000, ...(where ? { position: where } : {}) });
  await menu.waitFor({ state: 'visible', timeout: 3_000 });
}

/**
 * Opens the context menu of an element and chooses the entry with this title.
 * @param where place in the element; in a selection it must be one with text, or the click moves the cursor
 */
export async function chooseFromMenu(
  page: Page,
  target: Locator,
  title: string,
  where?: { readonly x: number; readonly y: number },
): Promise<void> {
  await until(`the menu entry “${title}”`, async () => {
    await openMenu(page, target, where);
    await chooseEntry(page, title);
    return true;
  });
}

/** Chooses an entry of a submenu of an element's context menu. */
export async function chooseFromSubmenu(
  page: Page,
  target: Locator,
  submenu: string,
  title: string,
  where?: { readonly x: number; readonly y: number },
): Promise<void> {
  await until(`“${title}” in the submenu`, async () => {
    await openMenu(page, target, where);
    await chooseEntry(page, submenu, true);
    await chooseEntry(page, title);
    return true;
  });
}

/** Titles in the context menu of an element. */
export async function menuTitles(page: Page, target: Locator): Promise<string[]> {
  const labels = page.locator('.monaco-menu .action-item:not(.disabled) .action-label');
  // an editor that takes the focus late closes the menu
  return until('a menu with entries', async () => {
    await openMenu(page, target);
    const titles = (await labels.allInnerTexts()).map((title) => title.trim()).filter((title) => title !== '');
    await page.keyboard.press('Escape');
    return titles.length > 0 ? titles : undefined;
  });
}

/** Runs in the page: whether what the window will remember, in the browser's own storage, has this in it. */
const remembers = `async (text) => {
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('vscode-web-state-db')) continue;
    const database = await new Promise((done, fail) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => done(request.result);
      request.onerror = () => fail(request.error);
    });
    const items = (method) => new Promise((done) => {
      if (database.objectStoreNames.length === 0) return done([]);
      const request = database.transaction('ItemTable').objectStore('ItemTable')[method]();
      request.onsuccess = () => done(request.result);
      request.onerror = () => done([]);
    });
    const found = [...(await items('getAllKeys')), ...(await items('getAll'))];
    database.close();
    if (found.some((value) => String(value).includes(text))) return true;
  }
  return false;
}`;

/**
 * VS Code in a browser writes what a window will remember only every few seconds: waits until this is in it.
 * @param how in some name or value, or no longer in any
 */
export async function whenRemembered(page: Page, text: string, how: 'there' | 'gone' = 'there'): Promise<void> {
  const ask = `(${remembers})(${JSON.stringify(text)})`;
  await until(
    how === 'gone' ? `the window to forget ${text}` : `the window to remember ${text}`,
    async () => (await page.evaluate<boolean>(ask)) !== (how === 'gone'),
  );
}

/** The page inside an extension's visible webview; VS Code makes a new one whenever its HTML is set. */
export async function findPanel(page: Page, extension: string): Promise<Frame | undefined> {
  for (const outer of page.frames()) {
    if (!outer.url().includes('/webview/') || !outer.url().includes(`extensionId=${extension}`)) continue;
    const element = await outer.frameElement().catch(() => undefined);
    if (!(await element?.isVisible().catch(() => false))) continue;
    const inner = await outer.$('iframe#active-frame').catch(() => undefined);
    const frame = await inner?.contentFrame();
    if (frame) return frame;
  }
  return undefined;
}

export function whenPanel(page: Page, extension: string, limitMs = patience): Promise<Frame> {
  return until('the panel', () => findPanel(page, extension), limitMs);
}

/** The toasts that are shown. VS Code shows none in a development window. */
export async function notifications(page: Page): Promise<Notification[]> {
  return page.locator('.notifications-toasts .notification-list-item').evaluateAll((items) =>
    items.map((item) => {
      const icon = item.querySelector('.notification-list-item-icon')?.className ?? '';
      return {
        text: (item.querySelector('.notification-list-item-message')?.textContent ?? '').trim(),
        severity: icon.includes('error')
          ? ('error' as const)
          : icon.includes('warning')
            ? ('warning' as const)
            : ('info' as const),
        buttons: Array.from(
          item.querySelectorAll('.notification-list-item-buttons-container .monaco-button') as ArrayLike<{
            textContent: string | null;
          }>,
          (button) => (button.textContent ?? '').trim(),
        ),
      };
    }),
  );
}

export async function clickNotification(page: Page, button: string): Promise<void> {
  await page
    .locator('.notifications-toasts .notification-list-item .monaco-button')
    .filter({ hasText: button })
    .first()
    .click({ timeout: patience });
}

export interface Dialog {
  readonly text: Locator;
  readonly firstButton: Locator;
  button(name: string): Locator;
  /** It tells of a failure, and asks nothing. */
  isError(): Promise<boolean>;
}

/** Text of a modal dialog, and its buttons; VS Code refuses to show one while a suite runs. */
export function dialog(page: Page): Dialog {
  const box = page.locator('.monaco-dialog-box');
  const buttons = box.locator('.dialog-buttons .monaco-button');
  return {
    text: box.locator('.dialog-message-container'),
    firstButton: buttons.first(),
    isError: async () => (await box.locator('.codicon-dialog-error, .codicon-error').count()) > 0,
    button: (name) => buttons.filter({ hasText: name }).first(),
  };
}

/** The item of the status bar that an extension made: its text, and what a screen reader hears. */
export async function statusItem(page: Page, id: string): Promise<{ text: string; label: string } | undefined> {
  const item = page.locator(`.statusbar-item[id="${id}"]`).first();
  if (!(await item.isVisible().catch(() => false))) return undefined;
  const label =
    (await item
      .locator('[aria-label]')
      .first()
      .getAttribute('aria-label')
      .catch(() => undefined)) ??
    (await item.getAttribute('aria-label')) ??
    '';
  return { text: (await item.innerText()).trim(), label };
}
