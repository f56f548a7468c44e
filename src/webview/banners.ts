/** Banners above the summary: errors, interruptions, staleness, waits, gaps, notices. */
import type { PanelInfo } from '../shared/protocol.ts';
import type { RunView } from '../shared/runView.ts';
import type { TextKey } from '../shared/texts.ts';
import { formatPlace } from './summary/citations.ts';
import type { PageContext, Part } from './context.ts';
import { createButton, h } from './dom.ts';
import { isFinished } from './state.ts';

/** Input of the banners. */
interface BannerState {
  readonly view: RunView;
  readonly info: PanelInfo | undefined;
}

interface Banner {
  /** A banner with an unchanged key is not rebuilt, so alerts are read once. */
  readonly key: string;
  build(): HTMLElement;
}

/** Creates the banner area. */
export function createBanners(context: PageContext): Part<BannerState> {
  const element = h('div', { class: 'banners' });
  const shown = new Map<string, HTMLElement>();
  return {
    element,
    update(state) {
      const wanted = listBanners(state, context);
      const keys = new Set(wanted.map(({ key }) => key));
      for (const [key, old] of shown) {
        if (keys.has(key)) continue;
        old.remove();
        shown.delete(key);
      }
      wanted.forEach(({ key, build }, index) => {
        const createBanner = shown.get(key) ?? build();
        shown.set(key, createBanner);
        if (element.children[index] !== createBanner)
          element.insertBefore(createBanner, element.children[index] ?? null);
      });
    },
  };
}

function listBanners({ view, info }: BannerState, context: PageContext): Banner[] {
  const { words, send } = context;
  const banners: Banner[] = [];
  const { error, wait } = view;
  if (error !== undefined)
    banners.push({ key: `error ${error.message}`, build: () => createErrorBanner(view, context) });
  if (info?.resumable) {
    const resume = createButton(words.t('resume.action'), () => send({ type: 'resume' }), { 'data-action': 'resume' });
    banners.push({ key: 'resume', build: () => createBanner('info', words.t('resume.text'), [resume]) });
  }
  if (view.phase === 'cancelled' && info !== undefined && !info.resumable) {
    const text = words.t(info.cached && info.repeatable ? 'cancelled.cached' : 'cancelled.text');
    const resume = createButton(words.t('resume.action'), () => send({ type: 'resume' }), { 'data-action': 'resume' });
    const key = `cancelled ${text} ${info.repeatable}`;
    banners.push({ key, build: () => createBanner('info', text, info.repeatable ? [resume] : []) });
  }
  if (info?.previous !== undefined && view.markdown === '') {
    const text = words.t(isFinished(view) ? 'previous.ended' : 'previous.running');
    banners.push({ key: text, build: () => createBanner('notice', text) });
  }
  if (info?.stale !== undefined) {
    const { tokens } = info.stale;
    banners.push({ key: `stale ${tokens}`, build: () => createStaleBanner(tokens, context) });
  }
  if (info?.batchJob !== undefined) {
    const jobs = createButton(words.t('batch.action'), () => send({ type: 'action', action: 'showBatchJobs' }), {
      class: 'secondary',
    });
    banners.push({ key: 'batch', build: () => createBanner('info', words.t('batch.text'), [jobs]) });
  }
  if (wait !== undefined) {
    const text = waitText(wait.reason, wait.waitMs, words);
    banners.push({ key: `wait ${text}`, build: () => createBanner('wait', text) });
  }
  // without a summary the error is enough
  const unread = countUnread(view);
  if (unread > 0 && view.phase !== 'failed') {
    const key = `gaps ${unread} ${isFinished(view)}`;
    banners.push({ key, build: () => createGapsBanner(view, context) });
  }
  for (const notice of new Set(view.notices))
    banners.push({ key: `notice ${notice}`, build: () => createBanner('notice', words.said(notice)) });
  return banners;
}

/** Says why the run waits and for how long. */
export function waitText(reason: string, waitMs: number, words: PageContext['words']): string {
  const known: readonly TextKey[] = ['wait.rate-limit', 'wait.overloaded', 'wait.network', 'wait.stalled'];
  const key = known.find((one) => one === `wait.${reason}`) ?? 'wait.other';
  return words.t(key, words.duration(waitMs));
}

function createBanner(
  kind: string,
  text: string,
  buttons: readonly HTMLElement[] = [],
  more: readonly HTMLElement[] = [],
): HTMLElement {
  const actions = buttons.length > 0 && h('div', { class: 'banner-actions' }, ...buttons);
  return h('section', { class: `banner ${kind}` }, h('p', { dir: 'auto' }, text), ...more, actions);
}

function createErrorBanner({ error }: RunView, { words, send }: PageContext): HTMLElement {
  const buttons = (error?.actions ?? []).map((action, index) =>
    createButton(words.t(`error.${action}`), () => send({ type: 'action', action }), {
      class: index === 0 ? undefined : 'secondary',
      'data-action': action,
    }),
  );
  const details = [
    error?.said === undefined ? '' : words.t('error.said', error.said),
    error?.requestId === undefined ? '' : words.t('error.request', error.requestId),
  ].filter((line) => line !== '');
  const quiet = details.map((line) => h('p', { class: 'quiet' }, line));
  const element = createBanner('error', error?.message ?? '', buttons, quiet);
  element.setAttribute('role', 'alert');
  return element;
}

function createStaleBanner(tokens: number, { words, send }: PageContext): HTMLElement {
  const update = createButton(words.t('stale.update'), () => send({ type: 'update' }), { 'data-action': 'update' });
  const cost = tokens > 0 ? ` ${words.n('stale.cost', tokens)}` : '';
  const text = `${words.t('stale.text')}${cost}`;
  return createBanner('info', text, [update]);
}

const gapsShown = 8;

/** Excludes gaps of the fold budget: the summary's last paragraph totals them. */
const isUnread = (gap: RunView['gaps'][number]): boolean => gap.reason !== 'budget';
const countUnread = (view: RunView): number => view.gaps.filter(isUnread).length;

function createGapsBanner(view: RunView, { words, send }: PageContext): HTMLElement {
  const row = (gap: RunView['gaps'][number], index: number): HTMLElement => {
    const place = formatPlace(gap, words, view);
    const open = createButton(place, () => send({ type: 'openGap', index }), {
      class: 'plain',
      'aria-label': words.t('gaps.open', place),
    });
    return h('li', { dir: 'auto' }, open, h('span', { class: 'quiet' }, ` ${words.said(gap.reason)}`));
  };
  // the extension uses list indexes; readers see text order
  const rows = view.gaps
    .map((gap, index) => ({ gap, index }))
    .filter(({ gap }) => isUnread(gap))
    .sort(({ gap: a }, { gap: b }) => (a.uri ?? '').localeCompare(b.uri ?? '') || a.startLine - b.startLine)
    .map(({ gap, index }) => row(gap, index));
  const rest = rows.slice(gapsShown);
  const more =
    rest.length > 0 && h('details', {}, h('summary', {}, words.n('gaps.more', rest.length)), h('ul', {}, ...rest));
  const retry = createButton(words.t('gaps.retry'), () => send({ type: 'retryGaps' }), { 'data-action': 'retryGaps' });
  const list = h('div', { class: 'gap-list' }, h('ul', {}, ...rows.slice(0, gapsShown)), more);
  return createBanner('gaps', words.n('gaps.title', countUnread(view)), isFinished(view) ? [retry] : [], [list]);
}
