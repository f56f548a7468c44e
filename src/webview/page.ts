/** The page: parts in reading order, one render per frame. */
import { createWords } from '../shared/text.ts';
import type { ToPanel } from '../shared/protocol.ts';
import { createActions } from './actions.ts';
import { announce, silent } from './announce.ts';
import { createBanners } from './banners.ts';
import { createCard } from './summary/card.ts';
import type { PageContext } from './context.ts';
import { createButton, h, setText, createToggle } from './dom.ts';
import { createHeader } from './header.ts';
import { createOutline } from './outline.ts';
import { createProgress } from './progress.ts';
import { createAsk, createQuestions } from './questions.ts';
import { createSuggestions } from './suggestions.ts';
import { createScroll, type PlaceStore } from './scroll.ts';
import { initialState, isFinished, createPageState, type PageState } from './state.ts';
import { createStrip } from './coverageBar.ts';
import { createSummary } from './summary/summary.ts';

/** Platform functions of the page. */
interface PagePorts extends PlaceStore {
  now(): number;
  /** Unix ms. */
  date(): number;
  frame(then: () => void): void;
}

/** Receiver of the extension's messages. */
export interface Page {
  receive(message: ToPanel): void;
}

/** Text rendering's share of a 16 ms frame; the rest is for layout and paint. */
const budgetMs = 6;

/** Builds the page in `root`. */
export function createPage(root: HTMLElement, ports: PagePorts): Page {
  let state = initialState;
  let parts: Parts | undefined;
  let queued = false;
  const schedule = (): void => {
    if (queued) return;
    queued = true;
    ports.frame(() => {
      queued = false;
      if (parts?.draw(state) === true) schedule();
    });
  };
  return {
    receive(message) {
      state = createPageState(state, message);
      if (message.type === 'init') {
        parts?.dispose();
        parts = createParts(root, state, ports, schedule);
      }
      if (message.type === 'copied') parts?.copied();
      if (message.type === 'focus') parts?.focus();
      schedule();
    },
  };
}

interface Parts {
  /** Returns true if there is more to render. */
  draw(state: PageState): boolean;
  copied(): void;
  focus(): void;
  dispose(): void;
}

function createParts(
  root: HTMLElement,
  { texts = {}, locale }: PageState,
  ports: PagePorts,
  schedule: () => void,
): Parts {
  const words = createWords(texts, locale);
  const context: PageContext = { words, send: ports.send, now: ports.now };
  const status = h('div', { class: 'hidden-line', role: 'status' });
  const main = h('main', { hidden: true });
  const empty = createEmptyPart(context);
  root.replaceChildren(status, empty, main);
  const card = createCard(root);
  const header = createHeader(context);
  const actions = createActions(context);
  const progress = createProgress(context);
  const banners = createBanners(context);
  const strip = createStrip(context);
  const outline = createOutline(context, () => scroll.save());
  const summary = createSummary(context, card, words.t('article.label'));
  const questions = createQuestions(context, card);
  const suggestions = createSuggestions(context);
  const ask = createAsk(context);
  header.element.querySelector('h1')?.after(actions.element);
  header.element.append(actions.offer);
  // The question box is outside the scroller, so it never covers the end.
  const scroller = h('div', { class: 'scroller', id: 'scroller' });
  scroller.append(header.element, progress.element, banners.element, strip.element, outline.element, summary.element);
  scroller.append(questions.element, suggestions.element);
  main.append(scroller, ask.element);
  const scroll = createScroll(ports, outline, scroller);

  let announced = silent;
  let shown: PageState | undefined;
  let began: number | undefined;
  // Updates elapsed time between messages.
  const clock = window.setInterval(() => {
    if (shown?.view !== undefined && !isFinished(shown.view)) schedule();
  }, 1_000);

  return {
    draw(state) {
      const { view, info } = state;
      createToggle(empty, state.empty);
      createToggle(main, view !== undefined);
      if (view === undefined) {
        shown = state;
        return false;
      }
      if (info?.runId !== shown?.info?.runId) began = undefined;
      began = info?.startedAt ?? began ?? ports.date();
      progress.update({ view, elapsedMs: ports.date() - began, asking: info?.asking });
      if (view !== shown?.view || info !== shown?.info) {
        header.update({ view, info });
        actions.update({ view, info });
        banners.update({ view, info });
        strip.update(view);
        const previous = view.markdown === '' ? info?.previous : undefined;
        outline.update(view, previous !== undefined);
        summary.update(previous ?? view);
        summary.element.classList.toggle('previous', previous !== undefined);
      }
      if (state !== shown) {
        questions.update(state);
        suggestions.update(state);
        ask.update(state);
      }
      shown = state;
      const more = [summary.render(budgetMs), questions.render(budgetMs)].includes(true);
      announced = announce(announced, view, ports.now(), words);
      setText(status, announced.text);
      scroll.after(info, !more);
      // Shows the final phase only once all text is rendered.
      if (!more || !isFinished(view)) main.dataset['phase'] = view.phase;
      return more;
    },
    copied: () => {
      actions.copied();
      setText(status, words.t('action.copied'));
    },
    focus: () => header.element.querySelector<HTMLElement>('#title')?.focus(),
    dispose() {
      clearInterval(clock);
      scroll.dispose();
    },
  };
}

function createEmptyPart({ words, send }: PageContext): HTMLElement {
  const summarize = createButton(words.t('empty.action'), () => send({ type: 'action', action: 'summarizeFile' }), {
    'data-action': 'summarizeFile',
  });
  return h(
    'main',
    { class: 'empty', hidden: true },
    h('h1', {}, words.t('title.empty')),
    h('p', {}, words.t('empty.text')),
    summarize,
  );
}
