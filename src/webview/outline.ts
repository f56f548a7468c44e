/** Sections in text order with the first point of each note, as they finish. */
import type { NoteView, RunView } from '../shared/runView.ts';
import { toFile } from '../shared/readProgress.ts';
import { writeHeadline } from '../shared/text.ts';
import { formatPlace } from './summary/citations.ts';
import type { PageContext, Part } from './context.ts';
import { createButton, h, setText, createToggle } from './dom.ts';
import { parse, render } from './summary/markdown.ts';
import { sanitize } from './summary/sanitize.ts';
import { isFinished } from './state.ts';

/** Collapsible list of sections. */
export interface Outline extends Part<RunView> {
  /** @param folded whether other text is shown meanwhile */
  update(view: RunView, folded?: boolean): void;
  readonly open: boolean;
  setOpen(open: boolean): void;
}

/** @param onToggle called when the user opens or closes it */
export function createOutline(context: PageContext, onToggle: (open: boolean) => void): Outline {
  const { words } = context;
  const label = h('span', {});
  const list = h('ol', { class: 'sections', role: 'list' });
  const quietLabel = h('span', {});
  const quietList = h('ol', { class: 'sections', role: 'list' });
  const quiet = h('details', { class: 'quiet-rows' }, h('summary', {}, quietLabel), quietList);
  const element = h('details', { class: 'outline' }, h('summary', {}, label), list, quiet);
  const rows = new Map<number, { readonly note: NoteView; readonly element: HTMLElement }>();
  let view: RunView | undefined;
  let sections: readonly number[] = [];
  let touched = false;
  element.querySelector('summary')?.addEventListener('click', () => {
    touched = true;
    onToggle(!element.open);
  });
  element.addEventListener('toggle', () => fill());

  /** Builds rows only when visible. */
  const fill = (): void => {
    if (view === undefined || !element.open) return;
    for (const note of Object.values(view.notes)) {
      const row = rows.get(note.chunk);
      if (row?.note === note) continue;
      const next = createRow(note, view, sections, context);
      const target = note.done && writeHeadline(note.text) === '' ? quietList : list;
      if (row?.element.parentElement === target) row.element.replaceWith(next);
      else {
        row?.element.remove();
        insert(target, next);
      }
      if (target === list) insertFileName(list, note.chunk, view, sections);
      rows.set(note.chunk, { note, element: next });
    }
    createToggle(quiet, quietList.childElementCount > 0);
    setText(quietLabel, words.n('outline.quiet', quietList.childElementCount));
  };
  return {
    element,
    get open() {
      return element.open;
    },
    setOpen(open) {
      touched = true;
      element.open = open;
      // Before the toggle event: restoring the scroll position needs the rows.
      fill();
    },
    update(next, folded = false) {
      const started = view?.plan === next.plan;
      if (!started || Object.keys(next.notes).length < rows.size) {
        rows.clear();
        list.replaceChildren();
        quietList.replaceChildren();
        sections = listSections(next);
      }
      const wasEmpty = view?.markdown === '' || view === undefined;
      const changed = view?.notes !== next.notes;
      view = next;
      const total = next.plan?.chunks.length ?? 0;
      createToggle(element, Object.keys(next.notes).length > 0);
      const files = new Set(next.plan?.parts.map(({ uri = '' }) => toFile(uri))).size;
      setText(label, files > 1 ? words.n('outline.files', files) : words.n('outline.title', total));
      // Opens while there is no summary text; closes once when it starts.
      if (!touched && !folded && next.markdown === '' && total > 1 && !element.open) element.open = true;
      if (!touched && folded) element.open = false;
      if (!touched && wasEmpty && next.markdown !== '') element.open = false;
      list.classList.toggle('files', files > 1);
      element.classList.toggle('alone', next.markdown === '' && !folded && !isFinished(next));
      if (changed || !started) fill();
    },
  };
}

function listSections({ plan }: RunView): number[] {
  const sections = (plan?.parts ?? []).map(() => 0);
  for (const { part } of plan?.chunks ?? []) sections[part] = (sections[part] ?? 0) + 1;
  return sections;
}

/** Inserts a file heading where there are several files and this one has several sections. */
function insertFileName(list: HTMLElement, chunk: number, view: RunView, sections: readonly number[]): void {
  const { plan } = view;
  const part = plan?.chunks[chunk]?.part;
  if (plan === undefined || part === undefined || sections.length < 2 || (sections[part] ?? 0) < 2) return;
  const first = plan.chunks.findIndex((one) => one.part === part) - 0.5;
  if (list.querySelector(`[data-chunk="${first}"]`) !== null) return;
  const name = plan.parts[part]?.title ?? '';
  insert(list, h('li', { class: 'section-file', 'data-chunk': first, dir: 'auto', title: name }, name));
}

function createRow(note: NoteView, view: RunView, sections: readonly number[], context: PageContext): HTMLElement {
  const { words, send } = context;
  const chunk = view.plan?.chunks[note.chunk];
  const range = { startLine: chunk?.startLine ?? 0, endLine: chunk?.endLine ?? 0 };
  const place = formatPlace({ ...range, uri: view.plan?.parts[chunk?.part ?? 0]?.uri }, words, view);
  const first = writeHeadline(note.text);
  const quiet = first === '';
  const head = quiet ? (note.done ? words.t('outline.nothing') : '…') : first;
  const part = chunk?.part ?? 0;
  const isFile = sections.length > 1 && sections[part] === 1;
  const name = view.plan?.parts[part]?.title ?? '';
  const span = `${words.number(range.startLine)}–${words.number(range.endLine)}`;
  const lines = isFile
    ? h('span', { class: 'section-lines file', dir: 'auto', title: name }, name)
    : h('span', { class: 'section-lines' }, span);
  const text = h('span', { class: quiet ? 'quiet' : undefined }, head);
  const heading = withoutTitle(chunk?.context ?? '', view);
  const context_ = heading === '' ? undefined : h('span', { class: 'section-context' }, heading);
  const open = createButton(words.t('outline.open', place), () => send({ type: 'openChunk', chunk: note.chunk }), {
    class: 'plain',
  });
  const body = h('div', { class: 'section-body' });
  const details = h(
    'details',
    {},
    h('summary', {}, lines, h('span', { class: 'section-head', dir: 'auto' }, context_, text)),
    body,
  );
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

const separator = ' › ';

const titles = new WeakMap<object, string>();

/** The heading above all sections, as a document's title; '' if there is none. */
function findDocumentTitle(plan: NonNullable<RunView['plan']>): string {
  const known = titles.get(plan);
  if (known !== undefined) return known;
  const first = new Set(plan.chunks.map(({ context }) => context.split(separator)[0] ?? ''));
  first.delete('');
  const [title = ''] = first.size === 1 && plan.chunks.length > 2 ? first : [];
  titles.set(plan, title);
  return title;
}

function withoutTitle(context: string, { plan }: RunView): string {
  const title = plan === undefined ? '' : findDocumentTitle(plan);
  if (title === '') return context;
  return context === title ? '' : context.replace(`${title}${separator}`, '');
}

function insert(list: HTMLElement, row: HTMLElement): void {
  const chunk = Number(row.dataset['chunk']);
  let after = list.lastElementChild as HTMLElement | null;
  while (after !== null && Number(after.dataset['chunk']) > chunk)
    after = after.previousElementSibling as HTMLElement | null;
  if (after === null) list.prepend(row);
  else after.after(row);
}
