import assert from 'node:assert/strict';
import type { RunEvent } from '../../src/engine/events.ts';
import { closeBrowser, openPanelPage, type PanelPage } from './page.ts';
import { citation, info, init, markdown, plan, result, viewOf } from './samples.ts';

const documents: Readonly<Record<string, string>> = {
  'a summary with everything': markdown.join(''),
  'a long list': Array.from({ length: 60 }, (_, n) => `- point ${n} with **weight** [${(n % 8) + 1}]\n`).join(''),
  'a numbered list with nested points':
    Array.from({ length: 9 }, (_, n) => `${n + 3}. step\n   - part a\n   - part b\n`).join('') + '\nThe end.\n',
  'a loose list': 'Intro\n\n- one\n\n- two\n\n  more of two\n\n- three\n\nOutro',
  'a long table': `| a | b |\n|---|--:|\n${Array.from({ length: 40 }, (_, n) => `| ${n} | ${n * n} |\n`).join('')}\nAfter it.`,
  'code that looks like text': '```md\n# not a heading [1]\n- not a list\n```\n\n    indented [2]\n\n`x[1]` and [1]\n',
  'an open fence at the end': 'Text\n\n```py\nprint(1)\n',
  'headings of both kinds': 'One\n===\n\nTwo\n---\n\n### Three\ntext\n\n---\n\nlast',
  'quotes and breaks': '> a\n> b [1]\n\nc  \nd\\\ne\n\n> again\nlazy\n',
  'windows line ends': 'One [1]\r\n\r\n- a\r\n- b\r\n\r\nTwo\r\n',
  'formulas and prices': 'From $5 to $9, $a_1*b_1*c$ and \\(x_2*y_2*z\\).\n\n$$\na * b * c\n$$\n',
  'a paragraph without end': `${'word '.repeat(6_000)}end [3]`,
};

/** A generator of pieces that are the same in every run. */
function pieces(text: string, seed: number): string[] {
  const result: string[] = [];
  let state = seed;
  for (let at = 0; at < text.length;) {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    const size = 1 + (state % (text.length > 5_000 ? 900 : 23));
    result.push(text.slice(at, at + size));
    at += size;
  }
  return result;
}

const cites = Array.from({ length: 8 }, (_, n): RunEvent => citation(n + 1, n));
const end = (text: string): RunEvent => ({ type: 'end', result: result({ markdown: text }) });
/** Markup without what cannot be seen: space between tags, and whether an item's text is a paragraph. */
const html = ({ page }: PanelPage): Promise<string> =>
  page.evaluate(() => {
    const copy = document.querySelector('article .markdown')!.cloneNode(true) as Element;
    // the order of attributes depends on what came first
    for (const block of copy.querySelectorAll('[dir]')) {
      block.removeAttribute('dir');
      block.setAttribute('dir', 'auto');
    }
    for (const paragraph of copy.querySelectorAll('li > p')) paragraph.replaceWith(...paragraph.childNodes);
    return copy.innerHTML.replace(/>\s+</g, '><').replace(/\s*(<\/?(?:li|ul|ol)[^>]*>)\s*/g, '$1');
  });

async function empty(panel: PanelPage): Promise<void> {
  await panel.send({ type: 'empty' });
  await panel.page.waitForSelector('main.empty');
}

async function whole(panel: PanelPage, text: string): Promise<string> {
  const events: RunEvent[] = [plan(), ...cites, { type: 'delta', text }, end(text)];
  await empty(panel);
  await panel.send({ type: 'view', view: viewOf(events), info: { ...info, runId: 'whole' } });
  await panel.page.waitForSelector('[data-phase="done"]');
  return html(panel);
}

async function streamed(panel: PanelPage, text: string, seed: number): Promise<string> {
  await empty(panel);
  await panel.send({ type: 'view', view: viewOf([plan(24, { strategy: 'single' }), ...cites]), info });
  await panel.page.waitForSelector('[data-phase="reducing"]');
  await panel.page.evaluate(
    async ({ runId, all }) => {
      for (const [index, piece] of all.entries()) {
        window.postMessage({ type: 'events', runId, events: [{ type: 'delta', text: piece }] }, '*');
        if (index % 2 === 0) await new Promise((next) => requestAnimationFrame(next));
      }
    },
    { runId: info.runId, all: pieces(text, seed) },
  );
  await panel.send({ type: 'events', runId: info.runId, events: [end(text)] });
  await panel.page.waitForSelector('[data-phase="done"]');
  return html(panel);
}

describe('The streamed text', function () {
  this.timeout(120_000);
  after(closeBrowser);

  it('ends the same however it arrives', async () => {
    await using panel = await openPanelPage();
    await panel.send(init);
    for (const [name, text] of Object.entries(documents)) {
      const expected = await whole(panel, text);
      assert.ok(expected.length > text.length / 2, name);
      for (const seed of [7, 8]) assert.equal(await streamed(panel, text, seed), expected, `${name}, seed ${seed}`);
    }
    assert.deepEqual(panel.complaints, []);
  });

  it('never touches a block that is finished', async () => {
    await using panel = await openPanelPage();
    const { page } = panel;
    await panel.send(init, { type: 'view', view: viewOf([plan(), ...cites]), info });
    const delta = (text: string): Promise<void> =>
      panel.send({ type: 'events', runId: info.runId, events: [{ type: 'delta', text }] });
    await delta('First paragraph [1].\n\n- one\n- two\n- thr');
    await panel.settled();
    await page.evaluate(() => {
      const changed: string[] = [];
      Object.assign(window, { changed });
      new MutationObserver((records) => {
        for (const { target } of records) changed.push((target.textContent ?? '').slice(0, 40));
      }).observe(document.querySelector('article .markdown')!, {
        subtree: true,
        childList: true,
        characterData: true,
        attributes: true,
      });
    });
    await delta('ee\n\nSecond paragraph');
    await panel.settled();
    await delta(' goes on.\n\nThird.');
    await panel.settled();
    const changed = await page.evaluate(() => (window as unknown as { changed: string[] }).changed);
    assert.ok(changed.length > 0);
    assert.deepEqual(
      changed.filter((text) => /^(First|one|two)/.test(text) && !text.includes('Second')),
      [],
    );
  });

  it('keeps selection and focus in what is already there', async () => {
    await using panel = await openPanelPage();
    const { page } = panel;
    await panel.send(init, {
      type: 'view',
      view: viewOf([plan(), ...cites, { type: 'delta', text: 'Open [1] and growing' }]),
      info,
    });
    await page.focus('.cite');
    await page.evaluate(() => getSelection()!.selectAllChildren(document.querySelector('article p')!));
    await panel.send({ type: 'events', runId: info.runId, events: [{ type: 'delta', text: ' text [2].\n\nNext' }] });
    await panel.settled();
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), '1');
    assert.match(await page.evaluate(() => getSelection()!.toString()), /^Open 1 and growing/);
  });

  it('does not move the page of a reader who has scrolled', async () => {
    await using panel = await openPanelPage({ height: 400 });
    const { page } = panel;
    const long = 'A paragraph of the text that fills the page.\n\n'.repeat(60);
    await panel.send(init, { type: 'view', view: viewOf([plan(), { type: 'delta', text: long }]), info });
    await panel.settled();
    // what is drawn in slices is short at first, and its end is where a reader follows from
    await page.waitForFunction(() => document.querySelectorAll('article p').length >= 60);
    await page.evaluate(
      () =>
        new Promise<void>((heard) => {
          document
            .querySelector('#scroller')!
            .addEventListener('scroll', () => requestAnimationFrame(() => heard()), { once: true });
          document.querySelector('#scroller')!.scrollTo(0, 300);
        }),
    );
    await panel.settled();
    const top = (): Promise<number> =>
      page.evaluate(() => Math.round(document.querySelectorAll('article p')[12]!.getBoundingClientRect().top));
    const before = await top();
    await panel.send({ type: 'events', runId: info.runId, events: [{ type: 'delta', text: long }, end(long + long)] });
    await page.waitForSelector('[data-phase="done"]');
    assert.equal(await top(), before);
  });

  it('follows the text of a reader who went to its end', async () => {
    await using panel = await openPanelPage({ height: 400 });
    const { page } = panel;
    const long = 'A paragraph of the text that fills the page.\n\n'.repeat(60);
    await panel.send(init, { type: 'view', view: viewOf([plan(), { type: 'delta', text: long }]), info });
    await panel.settled();
    await page.waitForFunction(() => document.querySelectorAll('article p').length >= 60);
    await page.evaluate(() => document.querySelector('#scroller')!.scrollTo(0, 1e6));
    await panel.settled();
    await panel.send({ type: 'events', runId: info.runId, events: [{ type: 'delta', text: long }] });
    await panel.settled();
    await panel.settled();
    const left = await page.evaluate(() => {
      const { scrollHeight, scrollTop, clientHeight } = document.querySelector('#scroller')!;
      return scrollHeight - scrollTop - clientHeight;
    });
    assert.ok(left < 2);
  });

  it('starts anew after a restart', async () => {
    await using panel = await openPanelPage();
    await panel.send(init, {
      type: 'view',
      view: viewOf([plan(), ...cites, { type: 'delta', text: 'Void [1].\n\nAll of it' }]),
      info,
    });
    await panel.settled();
    await panel.send({
      type: 'events',
      runId: info.runId,
      events: [{ type: 'restart', reason: 'stalled' }, citation(1, 3), { type: 'delta', text: 'Again [1].' }],
    });
    await panel.settled();
    assert.equal(await panel.page.innerText('article .markdown'), 'Again 1.');
  });
});
