/** Handles the panel's other messages: open lines, copy, retry, change language, cancel a batch. */
import { keyedProviders } from '../contributions.ts';
import * as vscode from 'vscode';
import type { Log } from '../host/log.ts';
import { readSettings } from '../host/settings.ts';
import { t } from '../host/l10n.ts';
import { askText, showError as notifyError, showInformation, showPick, showWarning } from '../host/notify.ts';
import type { SummaryOptions } from '../api.ts';
import { openSetting } from '../host/openSetting.ts';
import type { CitationOpener, Lines } from './openCitation.ts';
import { listLanguages } from '../shared/languages.ts';
import type { FromPanel } from '../shared/protocol.ts';
import type { ErrorAction, ErrorView, RunView } from '../shared/runView.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import { toMarkdown } from '../shared/exportText.ts';
import type { Batches } from '../runs/batch/types.ts';
import type { Runs } from '../runs/types.ts';
import { confirmExport } from '../runs/confirm.ts';

interface PanelActionDeps {
  readonly runs: Runs;
  readonly batches: Batches;
  readonly opener: CitationOpener;
  readonly log: Log;
}

/** Returns the handler of messages that `Runs` does not handle. */
export function createPanelActions({
  runs,
  batches,
  opener,
  log,
}: PanelActionDeps): (run: ActiveRun, message: FromPanel) => void {
  const open = (lines: Partial<Lines> | undefined, readAt: number): void => {
    if (!lines?.uri || !lines.startLine || !lines.endLine) return;
    opener.open({ ...(lines as Lines), readAt }).catch((error: unknown) => {
      log.error('lines could not be opened', error);
      void showWarning(t('The lines could not be opened: the document is gone or cannot be read.'));
    });
  };
  return (run, message) => {
    const view = run.view();
    const readAt = run.state.startedAt;
    switch (message.type) {
      case 'cancel':
        return run.state.batchJob ? void batches.order(run.state.batchJob, 'stop') : undefined;
      case 'openCitation': {
        const from = message.question
          ? run.info().questions.find((q) => q.id === message.question)?.view
          : run.readable();
        const citation = from?.citations.find((c) => c.id === message.id);
        return open(citation && view.plan?.kinds.includes('diff') ? openInNewFile(citation) : citation, readAt);
      }
      case 'openChunk':
        return open(getChunkLines(view, message.chunk), readAt);
      case 'openGap':
        return open(view.gaps[message.index], readAt);
      case 'copy':
        return void copy(run);
      case 'pickLanguage':
        return void pickLanguage(run, runs);
      case 'secondOpinion':
        return void runs.ask(run, requestSecondOpinion(view));
      case 'action':
        return void act(run, runs, message.action);
      default:
        return undefined;
    }
  };
}

/** Turns a diff excerpt into the new file's text: drops removed lines and diff markers. */
function openInNewFile<T extends { readonly uri?: string; readonly excerpt?: string }>(citation: T): T {
  const kept = (citation.excerpt ?? '').split('\n').filter((line) => /^[+ ](?!\+\+ )/.test(line));
  return { ...citation, excerpt: kept.map((line) => line.slice(1)).join('\n') };
}

async function copy(run: ActiveRun): Promise<void> {
  if (!(await confirmExport(run.state))) return;
  const toPath = (uri: string): string => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));
  await vscode.env.clipboard.writeText(toMarkdown(run.readable(), toPath));
  run.copied();
}

/** Runs a button's command, then retries what it repaired. */
async function act(run: ActiveRun, runs: Runs, action: string): Promise<void> {
  const again = async (options?: SummaryOptions): Promise<void> =>
    void (await runs.again(run, options).catch(() => undefined));
  if (action === 'retry') return again();
  if (action === 'offline') return again({ provider: 'offline' });
  if (action === 'model') return chooseModel(run, again);
  if (action === 'showBatchJobs') return void (await vscode.commands.executeCommand('precis.showBatchJobs'));
  if (action === 'openSettings') return openSetting(run.view().error?.setting ?? '@ext:precis.precis');
  const command = findCommand(action as ErrorAction);
  if (!command) return;
  const repaired = await vscode.commands.executeCommand(...command);
  const failed = run.view().phase === 'failed';
  if (failed && repaired && repairs.has(action)) await again();
}

/** Asks for a model with the price of this text; summarizes again only if the user agrees. */
async function chooseModel(run: ActiveRun, again: (options?: SummaryOptions) => Promise<void>): Promise<void> {
  const chosen = await vscode.commands.executeCommand<string | undefined>('precis.selectModel', undefined, run.id);
  if (!chosen || run.state.running) return;
  if (chosen === 'offline' && run.view().strategy !== 'offline') return again({ provider: 'offline' });
  const go = t('Summarize Again');
  if ((await showInformation(t('Précis now uses {0}.', chosen), go)) === go) await again();
}

/** Commands that resolve to a value if they changed what a run needs. */
const repairs: ReadonlySet<string> = new Set(['setKey', 'selectModel', 'selectProvider']);

function getChunkLines(view: RunView, chunk: number): Partial<Lines> | undefined {
  const place = view.plan?.chunks[chunk];
  return place && { uri: view.plan?.parts[place.part]?.uri, startLine: place.startLine, endLine: place.endLine };
}

function requestSecondOpinion(view: RunView): string {
  const flags = view.verification?.flags ?? [];
  const claims = flags.slice(0, 12).map((flag) =>
    view.markdown
      .slice(flag.start, flag.end)
      .replace(/(?<!\s)\s*\[\d+\]/g, '')
      .trim(),
  );
  const question = t('Does the text support each of these claims? Say for each yes or no, and what it says instead:');
  return `${question}\n${claims.map((claim) => `- ${claim}`).join('\n')}`;
}

async function pickLanguage(run: ActiveRun, runs: Runs): Promise<void> {
  const items = [
    { label: t('Language: automatic'), value: '' },
    ...listLanguages(vscode.env.language).map(({ value, name, ownName }) => ({
      label: name,
      description: ownName === name ? '' : ownName,
      value,
    })),
    { icon: 'edit', label: t('Another language…'), value: undefined },
  ];
  const picked = await showPick(items, {
    title: t('Language of the summary'),
    matchOnDescription: true,
  });
  if (!picked) return;
  const language = picked.value ?? (await askText({ title: t('Language of the summary') }));
  if (language === undefined) return;
  run.state.language = language;
  await runs.again(run, { language }).catch(() => undefined);
}

/** Notifies once of a summary whose panel was closed or shows another one. */
export function tellReady(run: ActiveRun, show: () => void): void {
  const { phase, markdown } = run.view();
  if (run.state.shown !== true || markdown === '' || (phase !== 'done' && phase !== 'partial')) return;
  const open = t('Show');
  void showInformation(t('The summary of {0} is ready.', run.state.title), open).then((answer) => {
    if (answer === open) show();
  });
}

function findCommand(action: ErrorAction): [string, ...unknown[]] | undefined {
  switch (action) {
    case 'setKey': {
      const provider = readSettings()['precis.provider'];
      return takesKey.has(provider) ? ['precis.setApiKey', provider] : ['precis.setApiKey'];
    }
    case 'selectModel':
      return ['precis.selectModel'];
    case 'selectProvider':
      return ['precis.selectProvider'];
    case 'pickFile':
      return ['precis.summarizeFile', { pick: true }];
    case 'trust':
      return ['workbench.trust.manage'];
    case 'showLog':
      return ['precis.showLog'];
    default:
      return undefined;
  }
}

const takesKey: ReadonlySet<string> = new Set(keyedProviders);

const labels: Readonly<Record<ErrorAction, string>> = {
  setKey: 'Set API Key',
  selectModel: 'Select Model',
  selectProvider: 'Select Provider',
  openSettings: 'Open Settings',
  retry: 'Try Again',
  offline: 'Summarize Offline',
  pickFile: 'Choose a File…',
  showLog: 'Show Log',
  trust: 'Manage Trust',
};

/** Shows an error in the panel if visible, else once as a notification with buttons. */
export function showError(error: ErrorView, visible: boolean, again?: (options?: SummaryOptions) => void): void {
  if (visible || error.kind === 'cancelled') return;
  const actions = error.actions.filter((action) => (action !== 'retry' && action !== 'offline') || again).slice(0, 3);
  const names = actions.map((action) => t(labels[action]));
  void notifyError(error.message, ...names).then((name) => {
    const action = actions[names.indexOf(name ?? '')];
    const command = action && findCommand(action);
    if (action === 'retry') again?.();
    else if (action === 'offline') again?.({ provider: 'offline' });
    else if (action === 'openSettings') void openSetting(error.setting ?? '@ext:precis.precis');
    else if (command) void vscode.commands.executeCommand(...command);
  });
}
