import type { RunView } from '../shared/runView.ts';
import { formatPlace } from './summary/citations.ts';
import type { PageContext, Part } from './context.ts';
import { createCells, type Cell, type Fate } from './coverage.ts';
import { h, setAttribute, createToggle } from './dom.ts';
import { isFinished } from './state.ts';

const most = 96;
/** Texts with fewer lines get no bar. */
const fewLines = 20;

/** Creates the coverage bar. */
export function createStrip({ words, send }: PageContext): Part<RunView> {
  const bar = h('div', { class: 'strip', role: 'toolbar', 'aria-label': words.t('strip.label') });
  const legend = h('ul', { class: 'legend', role: 'list' });
  const element = h('div', { class: 'coverage' }, bar, legend);
  let before: readonly unknown[] = [];
  let current: readonly Cell[] = [];
  bar.addEventListener('click', (event) => {
    const cell = event.target instanceof HTMLElement ? current[findIndex(bar, event.target)] : undefined;
    if (cell?.citation !== undefined) send({ type: 'openCitation', id: cell.citation });
    else if (cell !== undefined) send({ type: 'openChunk', chunk: cell.chunk });
  });
  bar.addEventListener('keydown', (event) => moveFocus(bar, event));
  return {
    element,
    update(view) {
      const inputs = [view.plan, view.citations, view.gaps, view.notes, view.phase];
      if (inputs.every((input, index) => input === before[index])) return;
      before = inputs;
      current = createCells(view, most);
      const shown =
        current.length > 2 &&
        (view.plan?.lines ?? 0) >= fewLines &&
        !(view.phase === 'failed' && current.every(({ fate }) => fate === 'pending' || fate === 'gap'));
      createToggle(element, shown);
      if (!shown) return;
      draw(bar, current, view, words);
      drawLegend(legend, new Set(current.map(({ fate }) => fate)), isSummarized(view), words);
    },
  };
}

function draw(bar: HTMLElement, current: readonly Cell[], view: RunView, words: PageContext['words']): void {
  while (bar.childElementCount > current.length) bar.lastElementChild?.remove();
  current.forEach((cell, index) => {
    let element = bar.children[index] as HTMLElement | undefined;
    if (element === undefined) {
      element = h('button', { type: 'button', tabindex: index === 0 ? 0 : -1 });
      bar.append(element);
    }
    const uri = view.plan?.parts[cell.part]?.uri;
    const label = words.t(
      'strip.cell',
      formatPlace({ ...cell, uri }, words, view),
      words.t(`strip.${cell.fate === 'read' && !isSummarized(view) ? 'reading' : cell.fate}`),
    );
    if (element.title === label) return;
    element.className = `cell ${cell.fate}`;
    element.style.flexGrow = String(Math.max(cell.weight, 0.004));
    element.title = label;
    setAttribute(element, 'aria-label', label);
  });
}

/** Citations are complete only when the text is finished. */
function isSummarized(view: RunView): boolean {
  return isFinished(view) && view.markdown !== '';
}

function drawLegend(
  legend: HTMLElement,
  shown: ReadonlySet<Fate>,
  finished: boolean,
  words: PageContext['words'],
): void {
  const order: readonly Fate[] = ['cited', 'read', 'nothing', 'gap', 'pending'];
  const wanted = order.filter((fate) => shown.has(fate));
  const key = `${wanted.join(' ')} ${finished}`;
  if (legend.dataset['shown'] === key) return;
  legend.dataset['shown'] = key;
  legend.replaceChildren(
    ...wanted.map((fate) =>
      h(
        'li',
        {},
        h('span', { class: `cell sample ${fate}`, 'aria-hidden': 'true' }),
        words.t(`strip.${fate === 'read' && !finished ? 'reading' : fate}`),
      ),
    ),
  );
}

function findIndex(bar: HTMLElement, element: Element): number {
  return [...bar.children].indexOf(element);
}

/** One tab stop; arrows, Home and End move within the bar. */
function moveFocus(bar: HTMLElement, event: KeyboardEvent): void {
  const from = document.activeElement === null ? -1 : findIndex(bar, document.activeElement);
  const last = bar.childElementCount - 1;
  const to = { ArrowRight: from + 1, ArrowLeft: from - 1, Home: 0, End: last }[event.key];
  if (from < 0 || to === undefined) return;
  event.preventDefault();
  const target = bar.children[Math.max(0, Math.min(last, to))] as HTMLElement;
  bar.children[from]?.setAttribute('tabindex', '-1');
  target.setAttribute('tabindex', '0');
  target.focus();
}
