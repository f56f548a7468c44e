/** The sections in the text's order, each with the first point of its note, as they become ready. */
import type { NoteView, RunView } from '../shared/runView.ts';
import { headline } from '../shared/text.ts';
import { placeOf } from './citations.ts';
import type { PageContext, Part } from './context.ts';
import { button, h, setText, toggle } from './dom.ts';
import { parse, render } from './markdown.ts';
import { sanitize } from './sanitize.ts';
import { isFinished } from './state.ts';

export interface Outline extends Part<RunView> {
  readonly open: boolean;
  setOpen(open: boolean): void;
}

/** @param onToggle the user opened or closed it */
export function createOutline(context: PageContext, onToggle: (open: boolean) => void): Outline {
  const { words } = context;
  const label = h('span', {});
  const list = h('ol', { class: 'sections', role: 'list' });
  const element = h('details', { class: 'outline' }, h('summary', {}, label), list);
  const rows = new Map<number, { readonly note: NoteView; readonly element: HTMLElement }>();
  let view: RunView | undefined;
  let touched = false;
  element.querySelector('summary')?.addEventListener('click', () => {
    touched = true;
    onToggle(!element.open);
  });
  element.addEventListener('toggle', () => fill());

  /** Rows are made when they can be seen. */
  const fill = (): void => {
    if (view === undefined || !element.open) return;
    for (const note of Object.values(view.notes)) {
      const row = rows.get(note.chunk);
      if (row?.note === note) continue;
      const next = createRow(note, view, context);
      if (row === undefined) insert(list, next);
      else row.element.replaceWith(next);
      rows.set(note.chunk, { note, element: next });
    }
  };
  return {
    element,
    get open() {
      return element.open;
    },
    setOpen(open) {
      touched = true;
      element.open = open;
      // Before the toggle event: a place in the page is restored next, and must find the rows there.
      fill();
    },
    update(next) {
      const started = view?.plan === next.plan;
      if (!started || Object.keys(next.notes).length < rows.size) {
        rows.clear();
        list.replaceChildren();
      }
      const wasEmpty = view?.markdown === '' || view === undefined;
      const changed = view?.notes !== next.notes;
      view = next;
      const total = next.plan?.chunks.length ?? 0;
      const done = Object.values(next.notes).filter((note) => note.done).length;
      toggle(element, done > 0 || Object.keys(next.notes).length > 0);
      setText(
        label,
        done < total && next.markdown === ''
          ? words.n('outline.progress', total, words.number(done), words.number(total))
          : words.n('outline.title', total),
      );
      // Sections are what there is to read until the summary starts; then they make room, once.
      if (!touched && next.markdown === '' && total > 1 && !element.open) element.open = true;
      if (!touched && wasEmpty && next.markdown !== '') element.open = false;
      element.classList.toggle('alone', next.markdown === '' && !isFinished(next));
      if (changed || !started) fill();
    },
  };
}

function createRow(note: NoteView, view: RunView, context: PageContext): HTMLElement {
  const { words, send } = context;
  const chunk = view.plan?.chunks[note.chunk];
  const range = { startLine: chunk?.startLine ?? 0, endLine: chunk?.endLine ?? 0 };
  const place = placeOf({ ...range, uri: view.plan?.parts[chunk?.part ?? 0]?.uri }, words, view);
  const first = headline(note.text);
  const quiet = first === '';
  const head = quiet ? (note.done ? words.t('outline.nothing') : '…') : first;
  const lines = h(
    'span',
    { class: 'section-lines' },
    `${words.number(range.startLine)}–${words.number(range.endLine)}`,
  );
  const text = h('span', { class: quiet ? 'quiet' : undefined }, head);
  const context_ = chunk?.context ? h('span', { class: 'section-context' }, chunk.context) : undefined;
  const open = button(words.t('outline.open', place), () => send({ type: 'openChunk', chunk: note.chunk }), {
    class: 'plain',
  });
  const body = h('div', { class: 'section-body' });
  const details = h('details', {}, h('summary', {}, lines, h('span', { class: 'section-head' }, context_, text)), body);
  details.addEventListener('toggle', () => {
    if (!details.open || body.childElementCount > 0) return;
    const cached = note.cached && h('span', { class: 'quiet' }, words.t('outline.cached'));
    const known = (): boolean => false;
    body.append(
      sanitize(render(parse(note.text.replace(/(?<!\s)\s*\[\d{1,4}\](?!\()/g, '')), { known })),
      h('p', { class: 'section-foot' }, open, cached),
    );
  });
  return h('li', { class: note.done ? 'section' : 'section open', 'data-chunk': note.chunk }, details);
}

function insert(list: HTMLElement, row: HTMLElement): void {
  const chunk = Number(row.dataset['chunk']);
  let after = list.lastElementChild as HTMLElement | null;
  while (after !== null && Number(after.dataset['chunk']) > chunk)
    after = after.previousElementSibling as HTMLElement | null;
  if (after === null) list.prepend(row);
  else after.after(row);
}
