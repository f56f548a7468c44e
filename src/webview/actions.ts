/** The row of what can be done with this summary; what VS Code has a menu for is there instead. */
import { languageName } from '../shared/languages.ts';
import type { PanelInfo } from '../shared/protocol.ts';
import type { RunView } from '../shared/runView.ts';
import type { PageContext, Part } from './context.ts';
import { button, h, setText, toggle } from './dom.ts';
import { isFinished } from './state.ts';

export interface Actions extends Part<{ readonly view: RunView; readonly info: PanelInfo | undefined }> {
  /** Says on the button that the summary is on the clipboard. */
  copied(): void;
}

const lengths = ['brief', 'standard', 'detailed'] as const;
const copiedMs = 2_000;

export function createActions({ words, send }: PageContext): Actions {
  const options = lengths.map((length) => h('option', { value: length }, words.t(`action.length.${length}`)));
  const select = h('select', { 'aria-label': words.t('action.length'), title: words.t('action.length') }, ...options);
  select.addEventListener('change', () => {
    const length = lengths.find((one) => one === select.value);
    if (length !== undefined) send({ type: 'setLength', length });
  });
  const language = button('', () => send({ type: 'pickLanguage' }), { class: 'secondary', 'data-action': 'language' });
  const again = button(words.t('action.runAgain'), () => send({ type: 'runAgain' }), {
    class: 'secondary',
    'data-action': 'runAgain',
  });
  const copy = button(words.t('action.copy'), () => send({ type: 'copy' }), {
    class: 'secondary',
    'data-action': 'copy',
  });
  const element = h('div', { class: 'actions' }, select, language, again, copy);
  let timer: number | undefined;
  return {
    element,
    update({ view, info }) {
      toggle(element, info !== undefined);
      if (info === undefined) return;
      if (select.value !== info.length) select.value = info.length;
      const shown =
        info.language === '' || info.language === 'auto'
          ? words.t('action.language.auto')
          : languageName(info.language, words.locale);
      setText(language, shown);
      language.title = words.t('action.language');
      language.setAttribute('aria-label', `${words.t('action.language')}: ${shown}`);
      again.disabled = !isFinished(view);
      copy.disabled = view.markdown === '';
    },
    copied() {
      clearTimeout(timer);
      setText(copy, words.t('action.copied'));
      timer = window.setTimeout(() => setText(copy, words.t('action.copy')), copiedMs);
    },
  };
}
