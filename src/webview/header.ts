import type { Coverage } from '../engine/events.ts';
import { toFile, readProgress } from '../shared/readProgress.ts';
import type { PanelInfo } from '../shared/protocol.ts';
import type { RunView } from '../shared/runView.ts';
import type { PageContext, Part } from './context.ts';
import { createButton, h, setText, createToggle } from './dom.ts';

/** One item of the fact line. */
export interface Fact {
  readonly key: string;
  readonly text: string;
  readonly title?: string;
}

/** Input of title and fact line. */
interface HeaderState {
  readonly view: RunView;
  readonly info: PanelInfo | undefined;
}

/** Creates title and fact line. */
export function createHeader({ words, send }: PageContext): Part<HeaderState> {
  const title = h('h1', { tabindex: -1, id: 'title', dir: 'auto' });
  const facts = h('ul', { class: 'facts', role: 'list' });
  const skipped = h('details', { class: 'skipped', hidden: true });
  const element = h('header', {}, title, h('div', { class: 'details' }, facts, skipped));
  let shown = '';
  return {
    element,
    update({ view, info }) {
      setText(title, view.title || words.t('title.untitled'));
      title.title = view.title;
      const list = listFacts(view, words, info?.template);
      const key = list.map(({ text }) => text).join('\n');
      if (key !== shown) {
        shown = key;
        facts.replaceChildren(...list.map((fact) => createFactItem(fact, words, send)));
      }
      updateSkipped(skipped, view, words);
    },
  };
}

/** The model is a button that opens the model picker. */
function createFactItem(fact: Fact, words: PageContext['words'], send: PageContext['send']): HTMLElement {
  if (fact.key !== 'model') return h('li', { 'data-fact': fact.key, title: fact.title }, fact.text);
  const title = words.t('meta.model.change', fact.text);
  const choose = createButton(fact.text, () => send({ type: 'action', action: 'model' }), {
    class: 'plain',
    title,
    'data-action': 'model',
  });
  return h('li', { 'data-fact': fact.key }, choose);
}

/** Facts known so far, most important first. */
export function listFacts(view: RunView, words: PageContext['words'], template?: string): Fact[] {
  const { coverage, usage } = view;
  const told = (text: string): string => (usage?.estimated ? words.t('meta.about', text) : text);
  const facts: (Fact | undefined | false)[] = [
    template !== undefined && { key: 'template', text: template, title: words.t('meta.template') },
    readFact(view, words),
    createFilesFact(view, words),
    ...createModelFacts(view, words),
    usage !== undefined && { key: 'time', text: words.duration(usage.wallMs), title: words.t('meta.time') },
    usage !== undefined &&
      usage.inputTokens + usage.outputTokens > 0 && {
        key: 'tokens',
        text: told(words.t('meta.tokens.value', words.number(usage.inputTokens), words.number(usage.outputTokens))),
        title: words.t('meta.tokens'),
      },
    usage?.costUsd !== undefined &&
      usage.inputTokens + usage.outputTokens + usage.cachedCalls > 0 &&
      view.strategy !== 'offline' && {
        key: 'cost',
        text: told(words.cost(usage.costUsd)),
        title: words.t('meta.cost'),
      },
    cacheFact(view, words),
    usage !== undefined && usage.retries > 0 && { key: 'retries', text: words.n('meta.retries', usage.retries) },
    view.secrets > 0 && { key: 'secrets', text: words.n('meta.secrets', view.secrets) },
    view.invisible > 0 && { key: 'invisible', text: words.n('meta.invisible', view.invisible) },
    coverage !== undefined &&
      coverage.folded > 0 &&
      !isCounted(coverage) && { key: 'folded', text: words.n('lines.folded', coverage.folded) },
  ];
  return facts.filter((fact) => fact !== undefined && fact !== false);
}

/** Cells and selections of one document do not count as files. */
function createFilesFact({ plan, coverage }: RunView, words: PageContext['words']): Fact | undefined {
  const files = new Set(plan?.parts.map(({ uri = '' }) => toFile(uri)));
  if (files.size < 2) return undefined;
  return { key: 'files', text: words.n('files', coverage?.filesRead ?? files.size) };
}

function isCounted({ lines, linesRead, folded }: Coverage): boolean {
  return folded > 0 && linesRead < lines && linesRead + folded >= lines;
}

function readFact(view: RunView, words: PageContext['words']): Fact | undefined {
  const { plan, coverage, strategy } = view;
  const title = words.t('meta.read');
  // the coverage of a cancelled run is that of its plan
  if (view.phase === 'cancelled' && plan !== undefined) {
    const { unit, done, total } = readProgress(view);
    const shown = unit === 'lines' ? 'lines.read' : undefined;
    return shown && { key: 'lines', text: words.n(shown, total, words.number(done), words.number(total)), title };
  }
  if (coverage?.kinds !== undefined && isCounted(coverage)) {
    const key = strategy === 'offline' ? 'lines.kinds.local' : 'lines.kinds';
    const text = words.n(key, coverage.kinds, words.number(coverage.kinds), words.number(coverage.lines));
    return { key: 'lines', text, title };
  }
  if (coverage !== undefined && isCounted(coverage)) {
    const text = words.t('lines.counted', words.number(coverage.lines), words.number(coverage.linesRead));
    return { key: 'lines', text, title };
  }
  if (coverage !== undefined && coverage.linesRead < coverage.lines) {
    const text = words.n('lines.read', coverage.lines, words.number(coverage.linesRead), words.number(coverage.lines));
    return { key: 'lines', text, title };
  }
  const lines = coverage?.lines ?? plan?.lines;
  return lines === undefined ? undefined : { key: 'lines', text: words.n('lines', lines), title };
}

function createModelFacts(view: RunView, words: PageContext['words']): Fact[] {
  if (view.strategy === 'offline') return [{ key: 'model', text: words.t('meta.offline') }];
  const { plan } = view;
  const both =
    plan !== undefined && plan.mapModel !== '' && plan.mapModel !== view.model && view.strategy === 'map-reduce';
  const facts: Fact[] = [];
  if (view.model !== '') {
    facts.push({
      key: 'model',
      text: both ? words.t('meta.models', plan.mapModel, view.model) : view.model,
      title: (both && describePlannedCosts(view, words)) || words.t('meta.model'),
    });
  }
  if (view.host !== '') facts.push({ key: 'host', text: view.host, title: words.t('meta.host') });
  return facts;
}

/** '' if the price is unknown. */
function describePlannedCosts({ plan }: RunView, words: PageContext['words']): string {
  const { costUsd, readUsd } = plan?.estimate ?? {};
  if (costUsd === undefined || readUsd === undefined) return '';
  return words.t('meta.models.costs', words.cost(readUsd), words.cost(costUsd - readUsd));
}

/** `41 of 42 calls from the cache` */
function cacheFact({ usage, plan }: RunView, words: PageContext['words']): Fact | undefined {
  const cached = usage?.cachedCalls ?? plan?.cachedCalls ?? 0;
  if (cached === 0) return undefined;
  const all =
    usage === undefined ? cached + (plan?.map ?? 0) + (plan?.collapse ?? 0) + 1 : usage.calls + usage.cachedCalls;
  return { key: 'cached', text: words.n('meta.cached', all, words.number(cached), words.number(all)) };
}

function updateSkipped(element: HTMLDetailsElement, { coverage }: RunView, words: PageContext['words']): void {
  const files = coverage?.filesSkipped ?? [];
  createToggle(element, files.length > 0);
  if (files.length === 0 || element.childElementCount > 0) return;
  element.append(
    h('summary', {}, words.n('meta.skipped', files.length)),
    h(
      'ul',
      {},
      ...files.slice(0, 200).map(({ uri, reason }) => h('li', { dir: 'auto' }, `${decoded(uri)}: ${reason}`)),
    ),
  );
}

function decoded(uri: string): string {
  try {
    return decodeURIComponent(uri.replace(/^file:\/\//, ''));
  } catch {
    return uri;
  }
}
