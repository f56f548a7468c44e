import assert from 'node:assert/strict';
import type { FromPanel } from '../../src/shared/protocol.ts';
import { closeBrowser, openPanelPage, type PanelPage } from './page.ts';
import { citation, info, init, plan, states, steps, viewOf } from './samples.ts';

async function show(state: string, saved?: unknown): Promise<PanelPage> {
  const panel = await openPanelPage({ saved, height: 700 });
  await panel.send(...states[state]!);
  await panel.settled();
  await panel.settled();
  return panel;
}

/** What hands asked for; where the reader is, is told apart. */
const wishes = ({ sent }: PanelPage): FromPanel[] => sent.filter(({ type }) => type !== 'state' && type !== 'ready');

describe('Hands on the page', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('ask for what the buttons say', async () => {
    await using panel = await show('partial');
    const { page } = panel;
    for (const action of ['language', 'runAgain', 'copy', 'retryGaps', 'secondOpinion'])
      await page.click(`[data-action=${action}]`);
    await page.selectOption('select', 'brief');
    await page.click('[data-action=applyLength]');
    await page.click('.gap-list li:nth-child(2) button');
    await panel.settled();
    assert.deepEqual(wishes(panel), [
      { type: 'pickLanguage' },
      { type: 'runAgain' },
      { type: 'copy' },
      { type: 'retryGaps' },
      { type: 'secondOpinion' },
      { type: 'setLength', length: 'brief' },
      { type: 'openGap', index: 1 },
    ]);
  });

  it('find Cancel while a run goes on, and Resume, Update, and an error’s buttons where they help', async () => {
    const cases: readonly [string, string, FromPanel][] = [
      ['running', '[data-action=cancel]', { type: 'cancel' }],
      ['interrupted', '[data-action=resume]', { type: 'resume' }],
      ['stale', '[data-action=update]', { type: 'update' }],
      ['failed', '[data-action=setKey]', { type: 'action', action: 'setKey' }],
      ['empty', '[data-action=summarizeFile]', { type: 'action', action: 'summarizeFile' }],
    ];
    for (const [state, selector, expected] of cases) {
      await using panel = await show(state);
      await panel.page.click(selector);
      await panel.settled();
      assert.deepEqual(wishes(panel), [expected], state);
    }
  });

  it('start no run by choosing a length, until it is confirmed', async () => {
    await using panel = await show('done');
    const { page } = panel;
    await page.focus('select');
    await page.selectOption('select', 'detailed');
    await panel.settled();
    assert.deepEqual(wishes(panel), []);
    assert.match((await page.textContent('.offer')) ?? '', /Detailed: sends about [\d,]+ tokens, about \$0\.03/);
    await page.keyboard.press('Escape');
    assert.ok(!(await page.isVisible('.offer')));
    await page.selectOption('select', 'detailed');
    await page.keyboard.press('Enter');
    await panel.settled();
    assert.deepEqual(wishes(panel), [{ type: 'setLength', length: 'detailed' }]);
  });

  it('reach the last line above the question box, also after an answer', async () => {
    await using panel = await show('asked');
    const { page } = panel;
    await page.hover('#scroller');
    await page.mouse.wheel(0, 100_000);
    await page.waitForFunction(() => {
      const last = [...document.querySelectorAll('.question')].at(-1)!.getBoundingClientRect();
      return last.bottom <= document.querySelector('.foot')!.getBoundingClientRect().top;
    });
    const foot = await page.locator('.foot').boundingBox();
    assert.equal(Math.round(foot!.y + foot!.height), 700);
  });

  it('see the previous summary, dimmed, until a new one has text', async () => {
    await using panel = await openPanelPage();
    const previous = viewOf(steps.done);
    const { page } = panel;
    await panel.send(init, { type: 'view', view: viewOf(steps.running), info: { ...info, previous } });
    await page.waitForSelector('article.previous p');
    assert.match((await page.textContent('.banners')) ?? '', /previous summary/);
    await panel.send({ type: 'events', runId: info.runId, events: [{ type: 'delta', text: 'A new one.' }] });
    await page.waitForFunction(() => document.querySelector('article')?.textContent?.trim() === 'A new one.');
    assert.equal(await page.locator('article.previous').count(), 0);
  });

  it('see no time go by while a question waits for the user', async () => {
    await using panel = await openPanelPage();
    await panel.send(init, {
      type: 'view',
      view: viewOf(steps.running),
      info: { ...info, asking: true, startedAt: 0 },
    });
    await panel.settled();
    assert.equal((await panel.page.textContent('.progress-text'))?.trim(), 'Waiting for your answer');
  });

  it('read Hebrew and Arabic from the right, with code and marks isolated', async () => {
    await using panel = await openPanelPage();
    const { page } = panel;
    const text = 'הוועדה דחתה את `tram-7` [1].\n\n- הקו נפתח ביוני [1]\n- English item\n\n## תקציב\n\n> ציטוט\n';
    const events = [plan(), citation(1, 0), { type: 'delta' as const, text }];
    await panel.send(init, { type: 'view', view: viewOf(events), info });
    await page.waitForSelector('article blockquote');
    const directions = await page.evaluate(() =>
      [...document.querySelectorAll('article .markdown :is(p, li, h2, blockquote)')].map(
        (e) => getComputedStyle(e).direction,
      ),
    );
    assert.deepEqual(directions, ['rtl', 'rtl', 'ltr', 'rtl', 'rtl', 'rtl']);
    const hebrew = 'מה עלה tram-7?';
    const asked = { id: 'q1', question: hebrew, view: viewOf(events) };
    const ended = states['done']!.flatMap((message) => (message.type === 'view' ? [message.view] : []))[0]!;
    const view = { ...ended, ...viewOf(events), phase: ended.phase, title: 'סיכום.md' };
    await panel.send({ type: 'view', view, info: { ...info, questions: [asked] } });
    await page.hover('article .cite');
    await page.waitForSelector('.card pre');
    await page.fill('textarea', hebrew);
    const around = await page.evaluate(() =>
      ['#title', '.question > h2', '.card-title', 'textarea'].map(
        (one) => getComputedStyle(document.querySelector(one)!).direction,
      ),
    );
    assert.deepEqual(around, ['rtl', 'rtl', 'ltr', 'rtl']);
    assert.equal(await page.getAttribute('.card pre', 'dir'), 'auto');
    const isolated = await page.evaluate(() =>
      [...document.querySelectorAll('article :is(code, .cite)')].map((e) => getComputedStyle(e).unicodeBidi),
    );
    assert.deepEqual(new Set(isolated), new Set(['isolate']));
  });

  it('do not cancel by Escape', async () => {
    await using panel = await show('running');
    await panel.page.keyboard.press('Escape');
    await panel.settled();
    assert.deepEqual(wishes(panel), []);
  });

  it('open a citation, a section, a checked claim and a link by the names that the extension gave', async () => {
    await using panel = await show('asked');
    const { page } = panel;
    await page.click('article[aria-label=Summary] .cite >> nth=1');
    await page.click('.question .cite');
    await page.click('.outline > summary');
    await page.click('.section summary >> nth=2');
    await page.click('.section-body button');
    await page.click('.flag-sign.elsewhere');
    await page.click('.link');
    await panel.settled();
    assert.deepEqual(wishes(panel), [
      { type: 'openCitation', id: 2 },
      { type: 'openCitation', id: 1, question: 'q1' },
      { type: 'openChunk', chunk: 2 },
      { type: 'openChunk', chunk: 12 },
      { type: 'openLink', href: 'https://www.example.org/notices/1911/14' },
    ]);
    assert.match((await page.textContent('.link')) ?? '', /\(www\.example\.org\)$/);
  });

  it('see the cited lines on hover and on focus, and put them away with Escape', async () => {
    await using panel = await show('done');
    const { page } = panel;
    await page.hover('.cite');
    await page.waitForSelector('.card:not([hidden])');
    assert.match((await page.textContent('.card')) ?? '', /lines 312 to 317 of keepers-log\.md.*14 March 1911/s);
    await page.hover('.card');
    await page.waitForTimeout(400);
    assert.ok(await page.isVisible('.card'));
    await page.keyboard.press('Escape');
    assert.ok(!(await page.isVisible('.card')));
    await page.focus('.outline > summary');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-describedby') === 'card');
    assert.ok(await page.isVisible('.card'));
  });

  it('keep the card of the focus while a resting pointer is reported to leave and to enter', async () => {
    await using panel = await show('done');
    const { page } = panel;
    const box = (await page.locator('.cite').first().boundingBox())!;
    const resting = { clientX: Math.round(box.x + box.width / 2), clientY: Math.round(box.y + box.height / 2) };
    await page.mouse.move(resting.clientX, resting.clientY);
    await page.waitForSelector('.card:not([hidden])');
    await page.keyboard.press('Escape');
    await page.focus('.outline > summary');
    await page.keyboard.press('Tab');
    await page.waitForFunction(() => document.activeElement?.getAttribute('aria-describedby') === 'card');
    const checkShown = async (): Promise<void> => {
      await page.waitForTimeout(400);
      const describes = await page.evaluate(() => document.activeElement?.getAttribute('aria-describedby'));
      assert.deepEqual([describes, await page.isVisible('.card')], ['card', true]);
    };
    // What a browser sends when the card that lay under the pointer is closed.
    await page.dispatchEvent('.card', 'pointerleave');
    await checkShown();
    await page.dispatchEvent('article .cite:not([aria-describedby])', 'pointerover', resting);
    await checkShown();
  });

  it('see the cited lines although the page scrolled under the pointer', async () => {
    await using panel = await show('done');
    const { page } = panel;
    await page.hover('.cite');
    await page.evaluate(() => document.dispatchEvent(new Event('scroll')));
    await page.waitForSelector('.card:not([hidden])', { timeout: 5_000 });
  });

  it('learn why a claim is marked', async () => {
    await using panel = await show('done');
    await panel.page.hover('.flag.nowhere');
    await panel.page.waitForSelector('.card:not([hidden])');
    assert.equal(await panel.page.textContent('.card'), 'Not found in the text“£214” does not occur in the text.');
    assert.equal(await panel.page.textContent('.flag.elsewhere'), '41 m');
  });

  it('ask with Enter, and write on with Shift and Enter', async () => {
    await using panel = await show('done');
    const { page } = panel;
    await page.fill('.ask textarea', 'Who');
    await page.press('.ask textarea', 'Shift+Enter');
    await page.type('.ask textarea', 'signed?');
    await page.press('.ask textarea', 'Enter');
    await page.press('.ask textarea', 'Enter');
    await panel.settled();
    assert.deepEqual(wishes(panel), [{ type: 'ask', question: 'Who\nsigned?' }]);
    assert.equal(await page.inputValue('.ask textarea'), '');
  });

  it('end an answer that is still being written, and only that', async () => {
    await using panel = await show('asked');
    const cancel = panel.page.locator('[data-action=cancelAsk]:visible');
    assert.equal(await cancel.count(), 1, 'the first one is answered');
    await cancel.click();
    await panel.settled();
    assert.deepEqual(wishes(panel), [{ type: 'cancel' }]);
    const cancelled = { ...viewOf([plan()]), phase: 'cancelled' as const };
    const questions = [{ id: 'q2', question: 'Who signed the log in 1910?', view: cancelled }];
    await panel.send({ type: 'info', info: { ...info, questions } });
    await panel.settled();
    assert.equal(await cancel.count(), 0);
    assert.match(await panel.page.innerText('.question'), /Cancelled/);
  });

  it('keep the focus where it is while text streams in', async () => {
    await using panel = await openPanelPage();
    await panel.send(init, { type: 'view', view: viewOf([plan(), citation(1, 0)]), info });
    await panel.settled();
    await panel.page.focus('[data-action=cancel]');
    for (let n = 0; n < 20; n++) {
      await panel.send({ type: 'events', runId: info.runId, events: [{ type: 'delta', text: `Text ${n} [1].\n\n` }] });
    }
    await panel.settled();
    assert.equal(await panel.page.evaluate(() => (document.activeElement as HTMLElement).dataset['action']), 'cancel');
  });

  it('move to the title when a command asks for it', async () => {
    await using panel = await show('done');
    await panel.send({ type: 'focus' });
    await panel.settled();
    assert.equal(await panel.page.evaluate(() => document.activeElement?.id), 'title');
  });
});

describe('A page that is loaded anew', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('stands where the reader was, with the same sections open', async () => {
    await using first = await show('done');
    await first.page.click('.outline > summary');
    await first.settled();
    await first.page.evaluate(() => document.querySelector('#scroller')!.scrollTo(0, 350));
    await first.page.waitForTimeout(400);
    const scroll = await first.page.evaluate(() => Math.round(document.querySelector('#scroller')!.scrollTop));
    const saved = await first.saved();
    assert.ok(scroll > 300);
    assert.deepEqual(saved, { runId: info.runId, scroll, outlineOpen: true });
    assert.deepEqual(first.sent.at(-1), { type: 'state', scroll, outlineOpen: true });

    await using second = await show('done', saved);
    assert.equal(await second.page.evaluate(() => Math.round(document.querySelector('#scroller')!.scrollTop)), scroll);
    assert.ok(await second.page.evaluate(() => document.querySelector<HTMLDetailsElement>('.outline')?.open));
    await second.page.click('[data-action=copy]');
    await second.settled();
    assert.deepEqual(wishes(second), [{ type: 'copy' }]);
  });

  it('begins at the top when it shows another run', async () => {
    await using panel = await show('done', { runId: 'another', scroll: 350, outlineOpen: true });
    assert.equal(await panel.page.evaluate(() => document.querySelector('#scroller')!.scrollTop), 0);
  });

  it('takes a saved state that it does not know for none', async () => {
    await using panel = await show('done', { runId: 7, scroll: 'far' });
    assert.equal(await panel.page.evaluate(() => document.querySelector('#scroller')!.scrollTop), 0);
    assert.deepEqual(panel.complaints, []);
  });

  it('shows the same when the whole view comes again', async () => {
    await using panel = await show('done');
    const html = (): Promise<string> => panel.page.innerHTML('main:not(.empty)');
    const before = await html();
    await panel.send({ type: 'view', view: viewOf(steps.done), info });
    await panel.settled();
    assert.equal(await html(), before);
  });

  it('drops messages that do not fit, and tells the console', async () => {
    await using panel = await show('done');
    await panel.sendRaw({ type: 'view', view: { markdown: '<script>' } }, { type: 'run', code: 'x' }, 7);
    await panel.settled();
    assert.equal(panel.complaints.length, 3);
    assert.match(await panel.page.innerText('article'), /^The log covers/);
  });
});
