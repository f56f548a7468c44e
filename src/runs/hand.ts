/** What a hand in the panel asks for beyond starting and cancelling: lines, buttons of errors, copies, languages. */
import * as vscode from 'vscode';
import type { Log } from '../host/log.ts';
import { t } from '../host/texts.ts';
import type { CitationOpener, Lines } from '../panel/openCitation.ts';
import type { FromPanel } from '../shared/protocol.ts';
import type { ErrorAction, ErrorView, RunView } from '../shared/runView.ts';
import type { ActiveRun } from './activeRun.ts';
import type { Runs } from './runs.ts';
import type { RunStore } from './store.ts';

export interface HandPorts {
  readonly runs: Runs;
  readonly store: RunStore;
  readonly opener: CitationOpener;
  readonly log: Log;
}

export function createHand({ runs, opener, log }: HandPorts): (run: ActiveRun, message: FromPanel) => void {
  const open = (lines: Partial<Lines> | undefined): void => {
    if (!lines?.uri || !lines.startLine || !lines.endLine) return;
    opener.open(lines as Lines).catch((error: unknown) => {
      log.error('lines could not be opened', error);
      void vscode.window.showWarningMessage(
        t('The lines could not be opened: the document is gone or cannot be read.'),
      );
    });
  };
  return (run, message) => {
    const view = run.view();
    switch (message.type) {
      case 'openCitation': {
        const from = message.question ? run.info().questions.find((q) => q.id === message.question)?.view : view;
        return open(from?.citations.find((c) => c.id === message.id));
      }
      case 'openChunk':
        return open(chunkLines(view, message.chunk));
      case 'openGap':
        return open(view.gaps[message.index]);
      case 'copy':
        return void vscode.commands.executeCommand('precis.copySummary');
      case 'pickLanguage':
        return void pickLanguage(run, runs);
      case 'secondOpinion':
        return void runs.ask(run, secondOpinion(view));
      case 'action':
        return void vscode.commands.executeCommand(...commandOf(message.action as ErrorAction));
      default:
        return undefined;
    }
  };
}

function chunkLines(view: RunView, chunk: number): Partial<Lines> | undefined {
  const place = view.plan?.chunks[chunk];
  return place && { uri: view.plan?.parts[place.part]?.uri, startLine: place.startLine, endLine: place.endLine };
}

/** The flagged claims, put to the model as a question about the text. */
function secondOpinion(view: RunView): string {
  const flags = view.verification?.flags ?? [];
  const claims = flags.slice(0, 12).map((flag) =>
    view.markdown
      .slice(flag.start, flag.end)
      .replace(/\s*\[\d+\]/g, '')
      .trim(),
  );
  return `Does the text support each of these claims? Say for each yes or no, and what it says instead:\n${claims.map((claim) => `- ${claim}`).join('\n')}`;
}

async function pickLanguage(run: ActiveRun, runs: Runs): Promise<void> {
  const languages = [
    'English',
    'German',
    'French',
    'Spanish',
    'Portuguese',
    'Italian',
    'Dutch',
    'Polish',
    'Japanese',
    'Chinese',
    'Korean',
    'Arabic',
    'Hindi',
  ];
  const items = [
    { label: t('Language of the text'), value: '' },
    ...languages.map((value) => ({ label: value, value })),
    { label: t('$(edit) Another language…'), value: undefined },
  ];
  const picked = await vscode.window.showQuickPick(items, { title: t('Language of the summary') });
  if (!picked) return;
  const language = picked.value ?? (await vscode.window.showInputBox({ title: t('Language of the summary') }));
  if (language === undefined) return;
  run.state.language = language;
  await runs.again(run, { language }).catch(() => undefined);
}

function commandOf(action: ErrorAction): [string, ...unknown[]] {
  switch (action) {
    case 'setKey':
      return ['precis.setApiKey'];
    case 'selectModel':
      return ['precis.selectModel'];
    case 'selectProvider':
      return ['precis.selectProvider'];
    case 'openSettings':
      return ['workbench.action.openSettings', '@ext:precis.precis'];
    case 'trust':
      return ['workbench.trust.manage'];
    case 'showLog':
      return ['precis.showLog'];
    default:
      return ['precis.summarizeFile'];
  }
}

const labels: Readonly<Record<ErrorAction, string>> = {
  setKey: 'Set API Key',
  selectModel: 'Select Model',
  selectProvider: 'Select Provider',
  openSettings: 'Open Settings',
  retry: 'Try Again',
  showLog: 'Show Log',
  trust: 'Manage Trust',
};

/** Told in the panel where it is seen; else once, with buttons that help. */
export function showError(run: ActiveRun | undefined, error: ErrorView, visible: boolean, again?: () => void): void {
  if (visible || error.kind === 'cancelled') return;
  const actions = error.actions.filter((action) => action !== 'retry' || again).slice(0, 3);
  const names = actions.map((action) => t(labels[action]));
  void vscode.window.showErrorMessage(error.message, ...names).then((name) => {
    const action = actions[names.indexOf(name ?? '')];
    if (action === 'retry') again?.();
    else if (action) void vscode.commands.executeCommand(...commandOf(action));
  });
  void run;
}
