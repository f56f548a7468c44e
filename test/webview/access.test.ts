import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { closeBrowser, openPanelPage, type PanelPage, type Theme } from './page.ts';
import { states } from './samples.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  readonly id: string;
  readonly targets: readonly string[];
}

async function violations({ page }: PanelPage): Promise<Violation[]> {
  return page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: {
        run(
          context: Document,
          options: object,
        ): Promise<{
          violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
        }>;
      };
    };
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
    const found = await axe.run(document, { runOnly: tags });
    return found.violations.map(({ id, nodes }) => ({
      id,
      targets: nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary}`),
    }));
  });
}

async function show(state: string, options: Parameters<typeof openPanelPage>[0] = {}): Promise<PanelPage> {
  const panel = await openPanelPage(options);
  await panel.send(...states[state]!);
  await panel.settled();
  await panel.settled();
  return panel;
}

describe('The page for everybody', function () {
  this.timeout(120_000);
  after(closeBrowser);

  for (const theme of ['dark', 'light', 'hc-dark', 'hc-light'] as readonly Theme[]) {
    it(`has nothing that axe-core finds, in every state: ${theme}`, async () => {
      await using panel = await openPanelPage({ theme });
      await panel.page.evaluate(axe);
      const found: string[] = [];
      for (const [name, messages] of Object.entries(states)) {
        await panel.send({ type: 'empty' }, ...messages);
        await panel.settled();
        await panel.settled();
        found.push(
          ...(await violations(panel)).map(({ id, targets }) => `${name}: ${id}: ${targets.slice(0, 2).join(' | ')}`),
        );
      }
      assert.deepEqual(found, []);
    });
  }

  it('fits 280 pixels, and 640 at 200 %, without scrolling sideways', async () => {
    for (const size of [{ width: 280 }, { width: 640, zoom: 2 }]) {
      await using panel = await openPanelPage(size);
      for (const [name, messages] of Object.entries(states)) {
        await panel.send({ type: 'empty' }, ...messages);
        await panel.settled();
        const over = await panel.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${name} is ${over} pixels too wide at ${size.width}`);
      }
    }
  });

  it('reaches every action by Tab, in reading order, with a focus that can be seen', async () => {
    await using panel = await show('partial');
    const { page } = panel;
    const seen: { name: string; outlined: boolean; top: number }[] = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        if (element === document.body) return undefined;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const name = element.dataset['action'] ?? element.getAttribute('aria-label') ?? element.textContent ?? '';
        return {
          name,
          outlined: outlineStyle !== 'none' && outlineWidth !== '0px',
          top: element.getBoundingClientRect().top + (element.closest('#scroller')?.scrollTop ?? 0),
        };
      });
      if (at === undefined) break;
      seen.push(at);
    }
    const names = seen.map(({ name }) => name);
    for (const name of [
      'Length',
      'language',
      'runAgain',
      'copy',
      'retryGaps',
      'Ask about this text',
      'secondOpinion',
    ]) {
      assert.ok(names.includes(name), `${name} is not among ${names.join(', ')}`);
    }
    assert.deepEqual(
      seen.filter(({ outlined }) => !outlined).map(({ name }) => name),
      [],
    );
    const text = seen.filter(({ name }) => /^lines? \d.*, \d+$/.test(name)).map(({ top }) => Math.round(top / 8));
    assert.deepEqual(
      text,
      [...text].sort((a, b) => a - b),
    );
  });

  it('goes along the strip with arrows, and opens what is there with Enter', async () => {
    await using panel = await show('partial');
    const { page } = panel;
    await page.focus('.strip button');
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowLeft', 'End', 'Home', 'ArrowRight'])
      await page.keyboard.press(key);
    await page.keyboard.press('Enter');
    await panel.settled();
    // The page reports its scroll position on its own, at any time.
    const asked = panel.sent.filter(({ type }) => type !== 'state');
    // the second cell is the first cited passage
    assert.deepEqual(asked.at(-1), { type: 'openCitation', id: 8 });
  });

  it('says start and end in one status line, errors once as an alert, and the streamed text nowhere', async () => {
    await using done = await show('done');
    assert.match((await done.page.textContent('[role=status]')) ?? '', /^Summary ready, \d+ words$/);
    assert.equal(await done.page.locator('[aria-live], [role=log]').count(), 0);
    await using failed = await show('failed');
    assert.equal(await failed.page.locator('[role=alert]').count(), 1);
    assert.equal(await failed.page.textContent('[role=status]'), '');
  });

  it('has headings, an article, and citations named by their lines', async () => {
    await using panel = await show('done');
    const { page } = panel;
    assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'keepers-log.md');
    assert.equal(await page.getByRole('article').count(), 1);
    assert.ok((await page.getByRole('button', { name: 'lines 312 to 317 of keepers-log.md, 1' }).count()) > 0);
  });

  it('stands still where motion is not wanted', async () => {
    await using panel = await show('batch', { reducedMotion: true });
    const moving = (): Promise<number> => panel.page.evaluate(() => document.getAnimations().length);
    assert.equal(await moving(), 0);
    await using other = await show('batch');
    await other.page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
    assert.equal(await other.page.evaluate(() => document.getAnimations().length), 0);
  });
});
