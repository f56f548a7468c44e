/** The one card that explains what is under the pointer or the focus: it can be reached, stays, and Escape puts it away. */
import { h } from './dom.ts';

export interface CardText {
  readonly title: string;
  /** Lines of the text, as they are. */
  readonly excerpt?: string;
  readonly hint?: string;
}

export interface Card {
  /** Explains each element inside `root` that `describe` knows. */
  watch(root: HTMLElement, selector: string, describe: (element: HTMLElement) => CardText | undefined): void;
  hide(): void;
}

const showAfterMs = 250;
const hideAfterMs = 200;
const cardId = 'card';

export function createCard(parent: HTMLElement): Card {
  const element = h('div', { id: cardId, class: 'card', role: 'tooltip', hidden: true });
  parent.append(element);
  let owner: HTMLElement | undefined;
  let timer: number | undefined;
  const later = (ms: number, then: () => void): void => {
    clearTimeout(timer);
    timer = window.setTimeout(then, ms);
  };
  const hide = (): void => {
    clearTimeout(timer);
    owner?.removeAttribute('aria-describedby');
    owner = undefined;
    element.hidden = true;
  };
  const show = (target: HTMLElement, text: CardText): void => {
    hide();
    owner = target;
    element.replaceChildren(h('div', { class: 'card-title' }, text.title));
    if (text.excerpt) element.append(h('pre', {}, text.excerpt));
    if (text.hint !== undefined) element.append(h('div', { class: 'card-hint' }, text.hint));
    element.hidden = false;
    place(element, target);
    target.setAttribute('aria-describedby', cardId);
  };
  element.addEventListener('pointerenter', () => clearTimeout(timer));
  element.addEventListener('pointerleave', () => later(hideAfterMs, hide));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && owner !== undefined) hide();
  });
  document.addEventListener('scroll', hide, { passive: true });

  return {
    hide,
    watch(root, selector, describe) {
      const target = (event: Event): HTMLElement | undefined =>
        event.target instanceof Element ? (event.target.closest<HTMLElement>(selector) ?? undefined) : undefined;
      const enter = (event: Event, delay: number): void => {
        const found = target(event);
        if (found === undefined) return;
        if (found === owner) return clearTimeout(timer);
        later(delay, () => {
          const text = found.isConnected ? describe(found) : undefined;
          if (text !== undefined) show(found, text);
        });
      };
      const leave = (event: Event): void => {
        if (target(event) !== undefined) later(hideAfterMs, hide);
      };
      root.addEventListener('pointerover', (event) => enter(event, showAfterMs));
      root.addEventListener('pointerout', leave);
      root.addEventListener('focusin', (event) => {
        if (event.target instanceof Element && event.target.matches(':focus-visible')) enter(event, 0);
      });
      root.addEventListener('focusout', leave);
    },
  };
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
