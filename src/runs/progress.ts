/** Shows progress outside the panel: one status bar item, and a notification for an unseen run. */
import * as vscode from 'vscode';
import { readProgress } from '../shared/readProgress.ts';
import type { RunView } from '../shared/runView.ts';
import type { ActiveRun } from './activeRun.ts';
import { plural, isOne, number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import { showProgress } from '../host/notify.ts';
import { toPlainText } from '../host/plainText.ts';
import { dollars } from './prices.ts';
import { totalUsd, type Spending } from './spending.ts';

/** Runs in the status bar and notification. */
export interface Progress extends vscode.Disposable {
  add(run: ActiveRun): void;
  update(): void;
  remove(run: ActiveRun): void;
}

/** Notifies only of runs whose panel is hidden. */
export function createProgress(
  isVisible: (runId: string) => boolean,
  onVisibility: vscode.Event<void>,
  spent: () => string,
): Progress {
  const running = new Map<ActiveRun, { close?: () => void; report?: (text: string) => void }>();
  const item = vscode.window.createStatusBarItem('precis.runs', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Précis';
  item.command = 'precis.showRuns';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    timer = undefined;
    if (!running.size) return item.hide();
    const views = [...running.keys()].map((run) => run.view());
    const label = views.length === 1 && views[0] ? describePhase(views[0]) : describeSeveral(views);
    item.text = `$(sync~spin) ${toPlainText(t('Précis: {0}', label))}`;
    item.accessibilityInformation = { label: t('Précis: {0}', label), role: 'button' };
    const lines = [...running.keys()].map((run) => `${run.state.title}: ${listTooltipFacts(run.view()).join(' · ')}`);
    item.tooltip = toPlainText([...lines, spent(), t('Click for the list')].filter((line) => line !== '').join('\n'));
    item.show();
    for (const [run, state] of running) state.report?.(describePhase(run.view()));
  };
  const watch = (): void => {
    for (const [run, state] of running) {
      if (isVisible(run.id)) state.close?.();
      else if (!state.close) notify(run, state);
    }
  };
  const notify = (run: ActiveRun, state: { close?: () => void; report?: (text: string) => void }): void => {
    void showProgress(
      { location: vscode.ProgressLocation.Notification, cancellable: true, title: t('Précis: {0}', run.state.title) },
      (progress, token) =>
        new Promise<void>((resolve) => {
          state.report = (message) => progress.report(message);
          state.close = () => {
            delete state.close;
            delete state.report;
            resolve();
          };
          token.onCancellationRequested(() => run.state.abort?.abort());
        }),
    );
  };
  const visibility = onVisibility(watch);
  return {
    add(run) {
      running.set(run, {});
      draw();
      // the panel may still be opening
      setTimeout(() => running.has(run) && watch(), 1500);
    },
    update() {
      timer ??= setTimeout(draw, 250);
    },
    remove(run) {
      running.get(run)?.close?.();
      running.delete(run);
      draw();
    },
    dispose() {
      clearTimeout(timer);
      for (const state of running.values()) state.close?.();
      running.clear();
      visibility.dispose();
      item.dispose();
    },
  };
}

function describeSeveral(views: readonly RunView[]): string {
  const share = views.reduce((sum, view) => {
    const { done, total } = readProgress(view);
    return sum + done / total / views.length;
  }, 0);
  return t('{0} summaries, {1} read', number(views.length), percent(share));
}

function percent(share: number): string {
  return share.toLocaleString(vscode.env.language, { style: 'percent' });
}

/** Describes progress in the words of the panel: `Read 1,100 of 2,400 lines`. */
export function readText(view: RunView): string {
  const { unit, done, total } = readProgress(view);
  if (unit === 'percent') return t('Read {0}', percent(done / 100));
  const one = isOne(total);
  if (unit === 'files') return t(one ? 'Read {0} of {1} file' : 'Read {0} of {1} files', number(done), number(total));
  return t(one ? 'Read {0} of {1} line' : 'Read {0} of {1} lines', number(done), number(total));
}

/** Progress, destination, and planned tokens and cost. */
export function listTooltipFacts(view: RunView): string[] {
  const { inputTokens = 0, costUsd } = view.estimate ?? {};
  return [
    describePhase(view),
    ...(view.host ? [view.host] : []),
    ...(inputTokens > 0 ? [t('about {0}', plural.tokens(Math.round(inputTokens)))] : []),
    ...(costUsd ? [t('about {0}', dollars(costUsd))] : []),
  ];
}

function describePhase(view: RunView): string {
  if (view.wait && view.wait.waitMs > 10_000)
    return t('waiting {0} s for the provider', Math.round(view.wait.waitMs / 1000));
  switch (view.phase) {
    case 'reading':
      return t('reading');
    case 'mapping':
      return readText(view);
    case 'collapsing':
      return t('merging notes');
    case 'reducing':
      return t('writing the summary');
    default:
      return t('done');
  }
}

/** Describes the spending of this session and month, running calls included; '' if there is none. */
export function describeSpending({ session, month }: Pick<Spending, 'session' | 'month'>): string {
  const usd = totalUsd(month);
  return usd === 0 ? '' : t('This session: {0}. This month: {1}.', dollars(totalUsd(session)), dollars(usd));
}
