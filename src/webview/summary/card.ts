/** Tooltip card for the hovered or focused element; reachable by pointer, closed by Escape. */
import { h } from '../dom.ts';

/** Content of a card. */
export interface CardText {
  readonly title: string;
  /** Source lines, verbatim. */
  readonly excerpt?: string;
  readonly hint?: string;
}

/** The page's only tooltip card. */
export interface Card {
  watch(root: HTMLElement, selector: string, describe: (element: HTMLElement) => CardText | undefined): void;
  hide(): void;
}

const showAfterMs = 250;
const hideAfterMs = 200;
const cardId = 'card';

/** Cause that opened the card; only the same one closes it. */
type Cause = 'pointer' | 'focus';

/** Creates the hidden card inside `parent`. */
export function createCard(parent: HTMLElement): Card {
  const element = h('div', { id: cardId, class: 'card', role: 'tooltip', hidden: true });
  parent.append(element);
  let shown: { readonly owner: HTMLElement; readonly cause: Cause } | undefined;
  let waiting: { readonly timer: number; readonly cause: Cause } | undefined;
  const stopWaiting = (): void => {
    clearTimeout(waiting?.timer);
    waiting = undefined;
  };
  const later = (cause: Cause, ms: number, then: () => void): void => {
    stopWaiting();
    waiting = { cause, timer: window.setTimeout(then, ms) };
  };
  const putAway = (): void => {
    shown?.owner.removeAttribute('aria-describedby');
    shown = undefined;
    element.hidden = true;
  };
  const hide = (): void => {
    stopWaiting();
    putAway();
  };
  const show = (owner: HTMLElement, text: CardText, cause: Cause): void => {
    hide();
    shown = { owner, cause };
    element.replaceChildren(h('div', { class: 'card-title', dir: 'auto' }, text.title));
    if (text.excerpt) element.append(h('pre', { dir: 'auto' }, text.excerpt));
    if (text.hint !== undefined) element.append(h('div', { class: 'card-hint', dir: 'auto' }, text.hint));
    element.hidden = false;
    place(element, owner);
    owner.setAttribute('aria-describedby', cardId);
  };
  const leave = (cause: Cause): void => {
    if (waiting?.cause === cause) stopWaiting();
    if (shown?.cause === cause) later(cause, hideAfterMs, hide);
  };
  const hasMoved = watchPointer();
  element.addEventListener('pointerenter', () => waiting?.cause === 'pointer' && stopWaiting());
  element.addEventListener('pointerleave', () => leave('pointer'));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && shown !== undefined) hide();
  });
  // A card about to open still opens: its own focus may have caused the scroll.
  document.addEventListener('scroll', putAway, { passive: true, capture: true });

  return {
    hide,
    watch(root, selector, describe) {
      const target = (event: Event): HTMLElement | undefined =>
        event.target instanceof Element ? (event.target.closest<HTMLElement>(selector) ?? undefined) : undefined;
      const enter = (event: Event, cause: Cause, delay: number): void => {
        const found = target(event);
        if (found === undefined) return;
        if (found === shown?.owner) return stopWaiting();
        later(cause, delay, () => {
          const text = found.isConnected ? describe(found) : undefined;
          if (text !== undefined) show(found, text, cause);
        });
      };
      /** Element that moved under a resting pointer; counts once the pointer moves. */
      let arrived: HTMLElement | undefined;
      root.addEventListener('pointerover', (event) => {
        arrived = hasMoved(event) ? undefined : target(event);
        if (arrived === undefined) enter(event, 'pointer', showAfterMs);
      });
      root.addEventListener('pointermove', (event) => {
        if (arrived === undefined || target(event) !== arrived) return;
        arrived = undefined;
        enter(event, 'pointer', showAfterMs);
      });
      root.addEventListener('pointerout', (event) => {
        if (target(event) !== undefined) leave('pointer');
      });
      root.addEventListener('focusin', (event) => {
        if (event.target instanceof Element && event.target.matches(':focus-visible')) enter(event, 'focus', 0);
      });
      root.addEventListener('focusout', (event) => {
        if (target(event) !== undefined) leave('focus');
      });
    },
  };
}

/** Whether the pointer really moved; browsers also fire enter events when an element moves under a resting pointer. */
function watchPointer(): (event: PointerEvent) => boolean {
  let last: { readonly x: number; readonly y: number } | undefined;
  const isElsewhere = ({ clientX, clientY }: PointerEvent): boolean => clientX !== last?.x || clientY !== last.y;
  document.addEventListener('pointermove', ({ clientX, clientY }) => (last = { x: clientX, y: clientY }), {
    capture: true,
    passive: true,
  });
  return isElsewhere;
}

function place(card: HTMLElement, target: HTMLElement): void {
  const anchor = target.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const margin = 8;
  const below = anchor.bottom + 4;
  const fits = below + height + margin <= window.innerHeight || anchor.top < height + margin;
  card.style.top = `${Math.max(margin, fits ? below : anchor.top - height - 4)}px`;
  card.style.left = `${Math.max(margin, Math.min(anchor.left, window.innerWidth - width - margin))}px`;
}
