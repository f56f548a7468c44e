/** Steps that several end-to-end tests take, and texts that they take them with. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Locator } from 'playwright-core';
import { openFile, paletteOffers, until, type Code } from './harness.ts';

/** A report with one fact a section, of about 25 tokens a section. */
export function report(name: string, sections: number): string {
  const week = (n: number): string =>
    `## Week ${n + 1}\n\nThe FACT-${name}-${n} says that pump ${4000 + n} in hall ${n % 7} failed after ${90 + n} hours of work.\n`;
  return `# Report ${name}\n\n${Array.from({ length: sections }, (_, n) => week(n)).join('\n')}`;
}

/** Writes files, and makes them the first commit of a repository. */
export function repository(folder: string, files: Readonly<Record<string, string>>): void {
  mkdirSync(folder, { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  commit(folder, files, 'first');
}

/** Commits files on a new branch. */
export function commitOnBranch(folder: string, files: Readonly<Record<string, string>>): void {
  git(folder, 'checkout', '-q', '-b', 'topic');
  commit(folder, files, 'second');
}

function commit(folder: string, files: Readonly<Record<string, string>>, subject: string): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  git(folder, 'add', '.');
  git(folder, 'commit', '-qm', subject);
}

function git(folder: string, ...args: readonly string[]): void {
  const person = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
  execFileSync('git', ['-C', folder, ...person, ...args], { stdio: 'ignore' });
}

/** Waits until the panel in front tells of this, and gives its title. */
export function titled(code: Code, title: string, limitMs = 30_000): Promise<string> {
  return until(
    `the panel of ${title}`,
    async () => {
      const shown = await (await code.panel()).locator('#title').innerText();
      return shown.includes(title) && shown;
    },
    limitMs,
  );
}

/** Opens a file in the first column, beside which panels are. */
export async function openBeside(code: Code, name: string): Promise<void> {
  await code.page.keyboard.press('Control+1');
  await openFile(code.page, name);
}

/** Titles of all tabs. */
export function tabs(code: Code): Promise<string[]> {
  return code.page
    .locator('.tabs-container .tab')
    .evaluateAll((all) => all.map((tab) => tab.getAttribute('aria-label') ?? ''));
}

export const explorerRow = (code: Code, name: string): Locator =>
  code.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: name }).first();

/** The text on the clipboard. */
export const clipboard = (code: Code): Promise<string> => code.page.evaluate<string>('navigator.clipboard.readText()');

/** Clicks a button of the panel by what it does. */
export async function press(code: Code, action: string): Promise<void> {
  const frame = await code.panel();
  await frame.locator(`[data-action="${action}"]`).first().click();
}

/** A command of the panel in front; a click in a page that was just loaded may not bring it there. */
export async function runInPanel(code: Code, title: string): Promise<void> {
  await until(`“${title}” in the palette`, async () => {
    await (await code.panel()).locator('#title').click();
    return paletteOffers(code.page, title);
  });
  await code.runCommand(title);
}
