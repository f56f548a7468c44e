/** Progress where no panel shows it: one item in the status bar for all runs, and a notification with Cancel for a run nobody sees. */
import * as vscode from 'vscode';
import type { RunView } from '../shared/runView.ts';
import type { ActiveRun } from './activeRun.ts';
import { counted, isOne, number } from '../host/plural.ts';
import { t } from '../host/l10n.ts';
import { showProgress } from '../host/notify.ts';
import { plainText } from '../host/plainText.ts';
import { dollars } from './confirm.ts';

export interface Progress extends vscode.Disposable {
  add(run: ActiveRun): void;
  update(): void;
  remove(run: ActiveRun): void;
}

export function createProgress(isVisible: (runId: string) => boolean, onVisibility: vscode.Event<void>): Progress {
  const running = new Map<ActiveRun, { told?: () => void; report?: (text: string) => void }>();
  const item = vscode.window.createStatusBarItem('precis.runs', vscode.StatusBarAlignment.Left, 0);
  item.name = 'Précis';
  item.command = 'precis.showRuns';
  let timer: ReturnType<typeof setTimeout> | undefined;

  const draw = (): void => {
    timer = undefined;
    if (!running.size) return item.hide();
    const views = [...running.keys()].map((run) => run.view());
    const done = views.reduce((sum, view) => sum + steps(view).done, 0);
    const total = views.reduce((sum, view) => sum + steps(view).total, 0);
    const label = running.size > 1 ? `${running.size} · ${done}/${total}` : `${done}/${total}`;
    item.text = `$(sync~spin) Précis ${label}`;
    item.accessibilityInformation = { label: doneText(done, total), role: 'button' };
    const lines = [...running.keys()].map((run) => `${run.state.title}: ${tooltipFacts(run.view()).join(' · ')}`);
    item.tooltip = plainText([...lines, t('Click for the list')].join('\n'));
    item.show();
    for (const [run, state] of running) state.report?.(phaseText(run.view()));
  };
  const watch = (): void => {
    for (const [run, state] of running) {
      if (isVisible(run.id)) state.told?.();
      else if (!state.told) notify(run, state);
    }
  };
  const notify = (run: ActiveRun, state: { told?: () => void; report?: (text: string) => void }): void => {
    void showProgress(
      { location: vscode.ProgressLocation.Notification, cancellable: true, title: t('Précis: {0}', run.state.title) },
      (progress, token) =>
        new Promise<void>((resolve) => {
          state.report = (message) => progress.report(message);
          state.told = () => {
            delete state.told;
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
      // the panel may still be opening: what is seen needs no second place
      setTimeout(() => running.has(run) && watch(), 1500);
    },
    update() {
      timer ??= setTimeout(draw, 250);
    },
    remove(run) {
      running.get(run)?.told?.();
      running.delete(run);
      draw();
    },
    dispose() {
      clearTimeout(timer);
      for (const state of running.values()) state.told?.();
      running.clear();
      visibility.dispose();
      item.dispose();
    },
  };
}

function steps(view: RunView): { done: number; total: number } {
  const { progress } = view;
  return {
    done: progress.mapDone + progress.collapseDone,
    total: Math.max(1, progress.mapTotal + progress.collapseTotal + 1),
  };
}

function doneText(done: number, total: number): string {
  return t(
    isOne(total) ? 'Précis: {0} of {1} call done' : 'Précis: {0} of {1} calls done',
    number(done),
    number(total),
  );
}

/** How far a run is, where the text goes, and what the plan expects to send and to cost. */
export function tooltipFacts(view: RunView): string[] {
  const { inputTokens = 0, costUsd } = view.estimate ?? {};
  return [
    phaseText(view),
    ...(view.host ? [view.host] : []),
    ...(inputTokens > 0 ? [t('about {0}', counted.tokens(Math.round(inputTokens)))] : []),
    ...(costUsd ? [t('about {0}', dollars(costUsd))] : []),
  ];
}

function phaseText(view: RunView): string {
  if (view.wait && view.wait.waitMs > 10_000)
    return t('waiting {0} s for the provider', Math.round(view.wait.waitMs / 1000));
  switch (view.phase) {
    case 'reading':
      return t('reading');
    case 'mapping':
      return counted.partsRead(view.progress.mapDone, view.progress.mapTotal);
    case 'collapsing':
      return t('merging notes');
    case 'reducing':
      return t('writing the summary');
    default:
      return t('done');
  }
}
