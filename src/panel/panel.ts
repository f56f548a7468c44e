/** Manages panels: one follows new runs beside the editor; locked or pinned ones stay. */
import * as vscode from 'vscode';
import { parseFromPanel } from '../shared/schema.ts';
import { panelTexts } from '../shared/texts.ts';
import type { FromPanel, ToPanel } from '../shared/protocol.ts';
import { panelViewType, type ContextKey } from '../contributions.ts';
import { createNonce, createPageHtml } from './html.ts';
import { findAllowedLink } from './links.ts';
import { createOutbox, type Outbox } from './outbox.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { Log } from '../host/log.ts';

/** All summary panels of a window. */
export interface Panels extends vscode.Disposable {
  /** Shows a run in its source's panel or a new one; `focus` moves keyboard focus. */
  show(run: ActiveRun, options?: { readonly focus?: boolean }): void;
  /** Shows a start page; the next run reuses its panel. */
  showEmpty(): void;
  /** Page visible: sends the whole view, then updates. */
  adopt(panel: vscode.WebviewPanel, run: ActiveRun | undefined): void;
  /** Of the panel that has, or last had, the focus. */
  active(): ActiveRun | undefined;
  /** Whether the run is on screen, so needs no notification. */
  isVisible(runId: string): boolean;
  /** Whether a panel, shown or hidden, has the run. */
  holds(runId: string): boolean;
  readonly onDidChangeVisibility: vscode.Event<void>;
  /** Locks the front panel: new runs open another. */
  setLocked(locked: boolean): void;
  /** Pins a panel to its run, or frees it. */
  setPinned(runId: string, pinned: boolean): void;
}

interface PanelOptions {
  readonly extensionUri: vscode.Uri;
  readonly log: Pick<Log, 'warn'>;
  /** Handles buttons of a panel without a run. */
  readonly onEmptyAction: (action: string) => void;
}

interface Held {
  readonly panel: vscode.WebviewPanel;
  run?: ActiveRun;
  outbox?: Outbox;
  news?: vscode.Disposable;
  ready: boolean;
  pinned: boolean;
  locked: boolean;
  wantsFocus: boolean;
}

const pinnedKey: ContextKey = 'precis.summaryPinned';
const lockedKey: ContextKey = 'precis.panelLocked';

/** Creates the panel manager; opens nothing yet. */
export function createPanels(options: PanelOptions): Panels {
  const held = new Set<Held>();
  const visibility = new vscode.EventEmitter<void>();
  let last: Held | undefined;
  let told = '';

  /** Sets the context keys for the front panel's menus. */
  const tellPinned = (): void => {
    const front = [...held].find(({ panel }) => panel.active);
    const { pinned = false, locked = false } = front ?? {};
    if (told === `${pinned} ${locked}`) return;
    told = `${pinned} ${locked}`;
    void vscode.commands.executeCommand('setContext', pinnedKey, pinned);
    void vscode.commands.executeCommand('setContext', lockedKey, locked);
  };
  const show: Panels['show'] = (run, { focus = false } = {}) => {
    const all = [...(last ? [last] : []), ...held].filter((one) => held.has(one));
    const free =
      all.find((one) => one.run?.id === run.id) ??
      all.find((one) => isFree(one) && one.run?.sourceKey === run.sourceKey) ??
      all.find(isFree);
    const one = free ?? hold(create(options.extensionUri, run.title, focus, chooseColumn(held)));
    one.wantsFocus ||= focus;
    attach(one, run);
    if (free !== undefined) free.panel.reveal(undefined, !focus);
    last = one;
    if (one.ready && focus) post(one, { type: 'focus' });
    visibility.fire();
  };

  const hold = (panel: vscode.WebviewPanel): Held => {
    const one: Held = { panel, ready: false, pinned: false, locked: false, wantsFocus: false };
    held.add(one);
    panel.webview.onDidReceiveMessage((value: unknown) => receive(one, value));
    panel.onDidChangeViewState(() => {
      if (panel.active) last = one;
      tellPinned();
      // A hidden page is destroyed; it sends `ready` when shown again.
      if (panel.visible) {
        if (one.ready) one.outbox?.open();
      } else {
        one.outbox?.close();
        one.ready = false;
      }
      visibility.fire();
    });
    panel.onDidDispose(() => {
      held.delete(one);
      one.outbox?.close();
      one.news?.dispose();
      if (last === one) last = undefined;
      visibility.fire();
    });
    panel.webview.html = page(panel.webview, options.extensionUri, panel.title);
    return one;
  };

  const attach = (one: Held, run: ActiveRun): void => {
    if (one.run === run) return;
    one.outbox?.close();
    one.news?.dispose();
    one.run = run;
    one.pinned = run.info().pinned;
    tellPinned();
    one.panel.title = run.title;
    const outbox = createOutbox(run, { post: (message) => post(one, message), after });
    one.outbox = outbox;
    one.news = run.onNews((news) => {
      if (news.type === 'info') one.pinned = run.info().pinned;
      if (one.panel.title !== run.title) one.panel.title = run.title;
      outbox.news(news);
    });
    if (one.ready) outbox.open();
  };

  const receive = (one: Held, value: unknown): void => {
    const message = parseFromPanel(value);
    if (message.type === 'problem') options.log.warn(`The panel's message was dropped: ${message.problem}`);
    else handle(one, message);
  };

  const handle = (one: Held, message: FromPanel): void => {
    const { run } = one;
    if (message.type === 'ready') return start(one);
    if (run === undefined) {
      if (message.type === 'action') options.onEmptyAction(message.action);
      return;
    }
    if (message.type === 'openLink') return void openLink(run, message.href, options.log);
    run.act(message);
  };

  const start = (one: Held): void => {
    one.ready = true;
    post(one, { type: 'init', texts: translated(), locale: vscode.env.language });
    if (one.run === undefined) return post(one, { type: 'empty' });
    one.outbox?.open();
    if (one.wantsFocus) post(one, { type: 'focus' });
    one.wantsFocus = false;
  };

  return {
    show,
    showEmpty() {
      const free = [...held].find(({ run }) => run === undefined);
      if (free) free.panel.reveal(undefined, false);
      else hold(create(options.extensionUri, 'Précis', true, chooseColumn(held)));
    },
    adopt(panel, run) {
      panel.webview.options = createWebviewOptions(options.extensionUri);
      panel.iconPath = icon(options.extensionUri);
      const one = hold(panel);
      if (run !== undefined) attach(one, run);
      last ??= one;
      visibility.fire();
    },
    active: () => ([...held].find(({ panel }) => panel.active) ?? last)?.run,
    isVisible: (runId) => [...held].some(({ run, panel }) => run?.id === runId && panel.visible),
    holds: (runId) => [...held].some(({ run }) => run?.id === runId),
    onDidChangeVisibility: visibility.event,
    setLocked(locked) {
      const front = [...held].find(({ panel }) => panel.active) ?? last;
      if (front) front.locked = locked;
      tellPinned();
    },
    setPinned(runId, pinned) {
      for (const one of held) if (one.run?.id === runId) one.pinned = pinned;
      tellPinned();
    },
    dispose() {
      for (const { panel } of [...held]) panel.dispose();
      visibility.dispose();
    },
  };
}

function isFree(one: Held): boolean {
  return !one.locked && !one.pinned;
}

/** Column of the other summaries, unless the active editor is there; else beside it. */
function chooseColumn(held: ReadonlySet<Held>): vscode.ViewColumn {
  const others = [...held].map(({ panel }) => panel);
  const column = (others.find(({ visible }) => visible) ?? others[0])?.viewColumn;
  const { activeTab, viewColumn } = vscode.window.tabGroups.activeTabGroup;
  const covers = column === viewColumn && !(activeTab?.input instanceof vscode.TabInputWebview);
  return column === undefined || covers ? vscode.ViewColumn.Beside : column;
}

function create(
  extensionUri: vscode.Uri,
  title: string,
  focus: boolean,
  viewColumn: vscode.ViewColumn,
): vscode.WebviewPanel {
  const panel = vscode.window.createWebviewPanel(
    panelViewType,
    title,
    { viewColumn, preserveFocus: !focus },
    { ...createWebviewOptions(extensionUri), enableFindWidget: true },
  );
  panel.iconPath = icon(extensionUri);
  // shown in VS Code's startup profiles
  performance.mark('precis/panelCreated');
  return panel;
}

function createWebviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  return {
    enableScripts: true,
    localResourceRoots: [
      vscode.Uri.joinPath(extensionUri, 'dist', 'webview'),
      vscode.Uri.joinPath(extensionUri, 'media'),
    ],
  };
}

function icon(extensionUri: vscode.Uri): { readonly light: vscode.Uri; readonly dark: vscode.Uri } {
  const file = (name: string): vscode.Uri => vscode.Uri.joinPath(extensionUri, 'media', name);
  return { light: file('panel-light.svg'), dark: file('panel-dark.svg') };
}

function page(webview: vscode.Webview, extensionUri: vscode.Uri, title: string): string {
  const file = (name: string): string =>
    webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', 'webview', name)).toString();
  return createPageHtml({
    script: file('main.js'),
    style: file('main.css'),
    cspSource: webview.cspSource,
    nonce: createNonce(),
    locale: vscode.env.language,
    title,
  });
}

function post(one: Held, message: ToPanel): void {
  void one.panel.webview.postMessage(message);
}

function after(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}

function translated(): Record<string, string> {
  return Object.fromEntries(Object.entries(panelTexts).map(([key, text]) => [key, vscode.l10n.t(text)]));
}

async function openLink(run: ActiveRun, href: string, log: Pick<Log, 'warn'>): Promise<void> {
  const allowed = findAllowedLink(href, run.readable(), run.info());
  if (allowed === undefined) return log.warn('A link that the summary does not hold was not opened.');
  // VS Code asks first unless the user trusts the host.
  await vscode.env.openExternal(vscode.Uri.parse(allowed, true));
}
