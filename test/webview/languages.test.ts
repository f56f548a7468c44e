import assert from 'node:assert/strict';
import type { ToPanel } from '../../src/shared/protocol.ts';
import { panelTexts } from '../../src/shared/texts.ts';
import { pseudo } from '../support/pseudo.ts';
import { closeBrowser, openPanelPage } from './page.ts';
import { info, states } from './samples.ts';

/** Every text of the page in a language that has no letter of English. */
const texts = Object.fromEntries(Object.entries(panelTexts).map(([key, text]) => [key, pseudo(text)]));
const inLanguage = (message: ToPanel, locale: string): ToPanel =>
  message.type === 'init' ? { ...message, texts, locale } : message;

/** Words of a person's own text, of names and of the model: they are in the messages. */
function wordsOf(messages: readonly ToPanel[]): ReadonlySet<string> {
  const words = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === 'string') for (const word of value.match(/[A-Za-z]{2,}/g) ?? []) words.add(word);
    else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  visit(messages.filter(({ type }) => type !== 'init'));
  return words;
}

/** All that the page says to eyes and ears, with what is folded away. */
function shownTexts(): string[] {
  const found: string[] = [];
  const nodes = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (nodes.nextNode())
    if (!nodes.currentNode.parentElement?.closest('script, style')) found.push(nodes.currentNode.textContent ?? '');
  for (const element of document.body.querySelectorAll('*'))
    for (const name of ['title', 'aria-label', 'aria-description', 'aria-valuetext', 'placeholder', 'alt'])
      if (element.hasAttribute(name)) found.push(element.getAttribute(name) ?? '');
  return found;
}

describe('The page in another language', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('says nothing in English, in any state', async () => {
    const raw: string[] = [];
    let translated = 0;
    for (const [state, messages] of Object.entries(states)) {
      await using panel = await openPanelPage();
      await panel.send(...messages.map((message) => inLanguage(message, 'fr')));
      await panel.settled();
      await panel.settled();
      const own = wordsOf(messages);
      for (const text of await panel.page.evaluate(shownTexts)) {
        if (text.includes('ψ')) translated++;
        const left = (text.match(/[A-Za-z]{2,}/g) ?? []).filter((word) => !own.has(word));
        if (left.length > 0) raw.push(`${state}: ${text}`);
      }
    }
    assert.deepEqual(raw, []);
    assert.ok(translated > 100, `${translated} texts`);
  });

  it('names the summary’s language as its reader does, and shows one that it does not know as it is', async () => {
    await using panel = await openPanelPage();
    await panel.send(...states['done']!.map((message) => inLanguage(message, 'fr')));
    const button = panel.page.locator('[data-action=language]');
    for (const [language, shown] of [
      ['German', 'Allemand'],
      ['Plattdüütsch', 'Plattdüütsch'],
    ] as const) {
      await panel.send({ type: 'info', info: { ...info, language } });
      await panel.settled();
      assert.equal(await button.textContent(), shown);
    }
  });
});
