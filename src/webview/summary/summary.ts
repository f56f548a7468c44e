import type { CitationReady } from '../../engine/events.ts';
import type { RunView } from '../../shared/runView.ts';
import type { Card } from './card.ts';
import { createCitationCard, decorate, findHost } from './citations.ts';
import type { PageContext, Part } from '../context.ts';
import { h, createToggle } from '../dom.ts';
import { createFlagCard, markFlags } from './marks.ts';
import { createStream } from './summaryBody.ts';
import { isFinished } from '../state.ts';

/** Streamed text with citations. */
export interface Summary extends Part<RunView> {
  /** Renders for about `budgetMs`; returns true if there is more. */
  render(budgetMs: number): boolean;
}

/** @param question id of the answered question */
export function createSummary(context: PageContext, card: Card, label: string, question?: string): Summary {
  const { words, send, now } = context;
  const text = h('div', { class: 'markdown' });
  const verification = h('p', { class: 'verification quiet', hidden: true });
  const element = h('article', { 'aria-label': label }, text, verification);
  const byId = new Map<number, CitationReady>();
  let view: RunView | undefined;
  let known: readonly CitationReady[] = [];
  let generation = 0;
  let flagged: RunView['verification'];
  let rendered: { readonly markdown: string; readonly finished: boolean } | undefined;

  const stream = createStream(text, {
    now,
    known: (id) => byId.has(id),
    decorate: (fragment) =>
      decorate(
        fragment,
        (id) => byId.get(id),
        words,
        () => view!,
      ),
  });
  const restart = (): void => {
    stream.clear();
    byId.clear();
    verification.replaceChildren();
    [known, flagged, rendered] = [[], undefined, undefined];
  };

  card.watch(text, '.cite', (target) => {
    const citation = byId.get(Number(target.dataset['citation']));
    return citation && view ? createCitationCard(citation, words, view) : undefined;
  });
  card.watch(text, '.flag, .flag-sign', (target) => {
    const flag = view?.verification?.flags[Number(target.dataset['flag'])];
    return flag && createFlagCard(flag, words);
  });
  card.watch(text, '.link', (target) => {
    const href = target.dataset['href'] ?? '';
    const host = findHost(href);
    return host === undefined ? undefined : { title: words.t('link.opens', host), hint: href };
  });
  const activate = (target: EventTarget | null): boolean => {
    const found = target instanceof Element ? target.closest<HTMLElement>('.cite, .link, .flag-sign') : null;
    if (found === null || view === undefined) return false;
    if (found.matches('.cite')) send({ type: 'openCitation', id: Number(found.dataset['citation']), question });
    else if (found.matches('.link')) send({ type: 'openLink', href: found.dataset['href'] ?? '' });
    else openFlag(view, Number(found.dataset['flag']), context);
    return true;
  };
  text.addEventListener('click', (event) => {
    activate(event.target);
  });
  text.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && event.target instanceof Element && event.target.matches('.link'))
      activate(event.target);
  });

  return {
    element,
    update(next) {
      if (next.generation !== generation || !next.markdown.startsWith(view?.markdown ?? '')) restart();
      if (flagged !== undefined && !sameFlags(flagged, next.verification)) restart();
      generation = next.generation;
      view = next;
      if (next.citations !== known) {
        // another run, or the whole view of this one
        if (known[0] !== next.citations[0]) byId.clear();
        known = next.citations;
        for (const citation of known) byId.set(citation.id, citation);
      }
      updateVerification(verification, next, context, question === undefined);
    },
    render(budgetMs) {
      if (view === undefined) return false;
      const finished = isFinished(view);
      if (rendered?.markdown !== view.markdown || rendered.finished !== finished) {
        if (stream.update(view.markdown, finished, budgetMs)) return true;
        rendered = { markdown: view.markdown, finished };
      }
      if (finished && view.verification !== undefined && flagged === undefined) {
        flagged = view.verification;
        markFlags(view.markdown, stream.placed, flagged.flags, words);
      }
      return false;
    },
  };
}

function sameFlags(one: RunView['verification'], other: RunView['verification']): boolean {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

function openFlag(view: RunView, index: number, { send }: PageContext): void {
  const flag = view.verification?.flags[index];
  const { line } = flag ?? {};
  if (line === undefined || view.plan === undefined) return;
  const { parts, chunks } = view.plan;
  const chunk = chunks.findIndex(
    ({ part, startLine, endLine }) =>
      startLine <= line && line <= endLine && (flag?.uri === undefined || parts[part]?.uri === flag.uri),
  );
  if (chunk >= 0) send({ type: 'openChunk', chunk });
}

function updateVerification(element: HTMLElement, view: RunView, { words, send }: PageContext, offer: boolean): void {
  const { verification } = view;
  const shown = verification !== undefined && verification.claims > 0 && isFinished(view);
  createToggle(element, shown);
  if (!shown || element.childNodes.length > 0) return;
  const { supported, claims, elsewhere, notFound } = verification;
  const parts = [words.n('verification.text', claims, words.number(supported), words.number(claims))];
  if (elsewhere > 0) parts.push(words.t('verification.elsewhere', words.number(elsewhere)));
  if (notFound > 0) parts.push(words.t('verification.notFound', words.number(notFound)));
  element.append(parts.join(' · '));
  if (!offer || elsewhere + notFound === 0 || view.strategy === 'offline') return;
  const second = h(
    'button',
    { type: 'button', class: 'plain', 'data-action': 'secondOpinion' },
    words.t('verification.second'),
  );
  second.addEventListener('click', () => send({ type: 'secondOpinion' }));
  element.append(' ', second);
}
