import { savedProvider } from '../shared/runView.ts';
import type { PageContext, Part } from './context.ts';
import type { Card } from './summary/card.ts';
import { createButton, h, setText, createToggle } from './dom.ts';
import { isFinished, type PageState, type Question } from './state.ts';
import { createSummary, type Summary } from './summary/summary.ts';

/** List of questions and answers. */
export interface Questions extends Part<PageState> {
  render(budgetMs: number): boolean;
}

/** Creates the list of questions and answers. */
export function createQuestions(context: PageContext, card: Card): Questions {
  const { words, send } = context;
  const list = h('div', { class: 'question-list' });
  const element = h('section', { class: 'questions', 'aria-label': words.t('questions.title') }, list);
  const answers = new Map<
    string,
    {
      readonly element: HTMLElement;
      readonly summary: Summary;
      readonly state: HTMLElement;
      readonly cancel: HTMLElement;
    }
  >();

  const add = ({ id, question }: Question) => {
    const summary = createSummary(context, card, question, id);
    const state = h('p', { class: 'quiet' });
    const cancel = createButton(words.t('action.cancel'), () => send({ type: 'cancel' }), {
      class: 'secondary',
      'data-action': 'cancelAsk',
    });
    const line = h('div', { class: 'progress-line' }, state, cancel);
    const block = h('div', { class: 'question' }, h('h2', { dir: 'auto' }, question), line, summary.element);
    list.append(block);
    const added = { element: block, summary, state, cancel };
    answers.set(id, added);
    return added;
  };
  return {
    element,
    update({ questions }) {
      createToggle(element, questions.length > 0);
      const ids = new Set(questions.map(({ id }) => id));
      for (const [id, old] of answers) {
        if (ids.has(id)) continue;
        old.element.remove();
        answers.delete(id);
      }
      for (const one of questions) {
        const { summary, state, cancel } = answers.get(one.id) ?? add(one);
        summary.update(one.view);
        const { view } = one;
        const waiting = view.markdown === '' && !isFinished(view);
        const ended = view.phase === 'cancelled' || view.error?.kind === 'cancelled';
        const told = ended ? words.t('phase.cancelled') : (view.error?.message ?? '');
        setText(state, waiting ? words.t('ask.answering') : told);
        createToggle(state, waiting || told !== '');
        createToggle(cancel, !isFinished(view));
      }
    },
    render: (budgetMs) => [...answers.values()].reduce((more, { summary }) => summary.render(budgetMs) || more, false),
  };
}

/** Explains why an offline summary takes no questions. */
function createOfflineLine({ words, send }: Pick<PageContext, 'words' | 'send'>): HTMLElement {
  const choose = createButton(words.t('offline.action'), () => send({ type: 'action', action: 'model' }), {
    class: 'plain',
    'data-action': 'chooseModel',
  });
  return h('p', { class: 'offline-line quiet' }, `${words.t('offline.text')} `, choose);
}

/** Input box; visible when questions are possible. */
export function createAsk({ words, send }: PageContext): Part<PageState> {
  const input = h('textarea', {
    rows: 1,
    dir: 'auto',
    maxlength: 4_000,
    placeholder: words.t('ask.placeholder'),
    'aria-label': words.t('ask.label'),
  });
  const submit = h('button', { type: 'submit' }, words.t('ask.send'));
  const form = h('form', { class: 'ask' }, input, submit);
  const offline = createOfflineLine({ words, send });
  const element = h('div', { class: 'foot' }, offline, form);
  const grow = (): void => {
    submit.disabled = input.value.trim() === '';
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight + 2, 160)}px`;
  };
  submit.disabled = true;
  input.addEventListener('input', grow);
  input.addEventListener('keydown', (event) => {
    // Ignore the Enter that commits an IME composition.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const question = input.value.trim();
    if (question === '') return;
    send({ type: 'ask', question });
    input.value = '';
    grow();
  });
  return {
    element,
    update({ view, info }) {
      const canAsk = info?.canAsk === true && view !== undefined && isFinished(view) && view.phase !== 'failed';
      const isOffline =
        view?.strategy === 'offline' && view.provider !== savedProvider && isFinished(view) && view.markdown !== '';
      createToggle(form, canAsk);
      createToggle(offline, !canAsk && isOffline);
      createToggle(element, canAsk || isOffline);
    },
  };
}
