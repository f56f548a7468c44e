/** Questions that suit the text, from its sections and notes; nothing is sent until one is chosen. */
import type { RunView } from '../shared/runView.ts';
import { writeHeadline } from '../shared/text.ts';
import type { PageContext, Part } from './context.ts';
import { createButton, h, createToggle } from './dom.ts';
import { isFinished, type PageState } from './state.ts';

const maxSuggestions = 3;
const maxHeading = 60;

/** At most three: sections that the summary left out, then what the kind of text suggests. */
function suggestQuestions(view: RunView, asked: readonly string[], words: PageContext['words']): string[] {
  const left = uncitedSections(view).map((heading) => words.t('suggest.section', heading));
  const kinds = view.plan?.kinds ?? [];
  const figures = (view.markdown.match(/\d[\d.,]*/g) ?? []).length > 4;
  const general = [
    kinds.includes('log') ? words.t('suggest.cause') : kinds.includes('diff') ? words.t('suggest.review') : '',
    kinds.includes('transcript') ? words.t('suggest.tasks') : '',
    figures ? words.t('suggest.figures') : '',
    words.t('suggest.open'),
  ];
  const all = [...left.slice(0, maxSuggestions - 1), ...general];
  return [...new Set(all)].filter((one) => one !== '' && !asked.includes(one)).slice(0, maxSuggestions);
}

/** Headings of sections with notes that no statement cites, in text order. */
function uncitedSections({ plan, notes, citations }: RunView): string[] {
  const cited = new Set(citations.map(({ chunk }) => chunk));
  const headings = (plan?.chunks ?? []).flatMap(({ context }, index) => {
    const note = notes[index];
    const isLeft = !cited.has(index) && note?.done === true && writeHeadline(note.text) !== '';
    const heading = context.split(' › ').at(-1)?.trim() ?? '';
    return isLeft && heading !== '' && heading.length <= maxHeading ? [heading] : [];
  });
  return [...new Set(headings)];
}

/** A row of buttons, each of which asks its question. */
export function createSuggestions({ words, send }: PageContext): Part<PageState> {
  const element = h('div', { class: 'suggestions', role: 'group', 'aria-label': words.t('suggest.label') });
  let shown = '';
  return {
    element,
    update({ view, info, questions }) {
      const isOpen = questions.every((one) => isFinished(one.view) || one.view.markdown !== '');
      const canAsk = info?.canAsk === true && view !== undefined && isFinished(view) && view.phase !== 'failed';
      const list =
        canAsk && isOpen
          ? suggestQuestions(
              view,
              questions.map(({ question }) => question),
              words,
            )
          : [];
      createToggle(element, list.length > 0);
      if (list.join('\n') === shown) return;
      shown = list.join('\n');
      element.replaceChildren(
        ...list.map((question) =>
          createButton(question, () => send({ type: 'ask', question }), {
            class: 'suggestion',
            'data-action': 'suggest',
          }),
        ),
      );
    },
  };
}
