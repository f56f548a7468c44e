import { getDisplayName } from '../shared/languages.ts';
import type { PanelInfo } from '../shared/protocol.ts';
import { savedProvider, type RunView } from '../shared/runView.ts';
import type { PageContext, Part } from './context.ts';
import { createButton, h, createIcon, setText, createToggle } from './dom.ts';
import { offerText } from './lengthOffer.ts';
import { isFinished } from './state.ts';

/** Action buttons of a summary. */
export interface Actions extends Part<{ readonly view: RunView; readonly info: PanelInfo | undefined }> {
  /** Button and estimate for another length, below the row. */
  readonly offer: HTMLElement;
  /** Shows on the button that the summary was copied. */
  copied(): void;
}

const lengths = ['brief', 'standard', 'detailed'] as const;
const copiedMs = 2_000;
const icons = {
  language: 'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13M1.5 8h13M8 1.5c-4 4-4 9 0 13M8 1.5c4 4 4 9 0 13',
  again: 'M13.5 8a5.5 5.5 0 1 1-1.6-3.9M13.5 1.5v3.2h-3.2',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
} as const;

/** Creates the action row and the length offer. */
export function createActions(context: PageContext): Actions {
  const { words, send } = context;
  const iconButton = (name: string, path: string, label: string, onClick: () => void) => {
    const text = h('span', { class: 'label' }, label);
    const element = h('button', { type: 'button', class: 'secondary', 'data-action': name }, createIcon(path), text);
    element.addEventListener('click', onClick);
    return { element, text };
  };
  const length = createLength(context);
  const language = iconButton('language', icons.language, '', () => send({ type: 'pickLanguage' }));
  const again = iconButton('runAgain', icons.again, words.t('action.runAgain'), () => send({ type: 'runAgain' }));
  const copy = iconButton('copy', icons.copy, words.t('action.copy'), () => send({ type: 'copy' }));
  again.element.title = words.t('action.runAgain');
  copy.element.title = words.t('action.copy');
  const element = h('div', { class: 'actions' }, length.select, language.element, again.element, copy.element);
  let timer: number | undefined;
  return {
    element,
    offer: length.offer,
    update({ view, info }) {
      createToggle(element, info !== undefined);
      if (info === undefined) return;
      length.update(view, info);
      const shown =
        info.language === '' || info.language === 'auto'
          ? words.t('action.language.auto')
          : getDisplayName(info.language, words.locale);
      setText(language.text, shown);
      language.element.title = `${words.t('action.language')}: ${shown}`;
      language.element.setAttribute('aria-label', `${words.t('action.language')}: ${shown}`);
      const isSaved = view.provider === savedProvider;
      again.element.disabled = !isFinished(view) || isSaved;
      language.element.disabled = isSaved;
      copy.element.disabled = view.markdown === '' && info.previous === undefined;
    },
    copied() {
      clearTimeout(timer);
      setText(copy.text, words.t('action.copied'));
      timer = window.setTimeout(() => setText(copy.text, words.t('action.copy')), copiedMs);
    },
  };
}

/** Length selector: starts only on Enter or the button that shows the cost. */
function createLength({ words, send }: PageContext): {
  readonly select: HTMLSelectElement;
  readonly offer: HTMLElement;
  update(view: RunView, info: PanelInfo): void;
} {
  const options = lengths.map((length) => h('option', { value: length }, words.t(`action.length.${length}`)));
  const select = h('select', { 'aria-label': words.t('action.length'), title: words.t('action.length') }, ...options);
  const text = h('p', { role: 'status' });
  let state: { readonly view: RunView; readonly info: PanelInfo } | undefined;
  let chosen: PanelInfo['length'] | undefined;
  const choose = (length: PanelInfo['length'] | undefined): void => {
    chosen = length;
    createToggle(offer, length !== undefined);
    if (length !== undefined && state !== undefined) setText(text, offerText(length, state.view, state.info, words));
    else if (state !== undefined) select.value = state.info.length;
  };
  const apply = (): void => {
    if (chosen === undefined) return;
    send({ type: 'setLength', length: chosen });
    chosen = undefined;
    createToggle(offer, false);
    select.focus();
  };
  const keep = (): void => {
    choose(undefined);
    select.focus();
  };
  const offer = h(
    'div',
    { class: 'offer', hidden: true },
    text,
    createButton(words.t('length.run'), apply, { 'data-action': 'applyLength' }),
    createButton(words.t('length.keep'), keep, { class: 'secondary', 'data-action': 'keepLength' }),
  );
  select.addEventListener('change', () => {
    const length = lengths.find((one) => one === select.value);
    choose(length === state?.info.length ? undefined : length);
  });
  select.addEventListener('keydown', (event) => {
    if (chosen === undefined) return;
    if (event.key === 'Enter') apply();
    else if (event.key === 'Escape') keep();
    else return;
    event.preventDefault();
  });
  return {
    select,
    offer,
    update(view, info) {
      const other = state?.info.runId !== info.runId || state.info.length !== info.length;
      state = { view, info };
      if (other) choose(undefined);
      select.disabled = !isFinished(view) || view.provider === savedProvider;
    },
  };
}
