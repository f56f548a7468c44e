/** Summarizes changes for Git: commits, the commit box and pull requests. */
import * as vscode from 'vscode';
import { createErrorView } from '../host/errors.ts';
import { t } from '../host/l10n.ts';
import { askModal, askText, showPick, showProgress } from '../host/notify.ts';
import { readSettings } from '../host/settings.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { SummaryTarget } from '../runs/target.ts';
import { commitTemplate, pullRequestTemplate } from '../runs/templates/builtIns.ts';
import type { UsedTemplate } from '../runs/templates/template.ts';
import type { Services } from '../services.ts';
import { isConventional, toCommitMessage } from '../shared/commitMessage.ts';
import { branchRange, findCommitBox, recentCommits, SourceError } from '../sources/index.ts';
import { begin } from './begin.ts';
import type { Command } from './command.ts';
import { changesToSummarize } from './summarize.ts';

/** Takes a commit or range; asks if it is missing. */
export const summarizeCommit: Command = {
  id: 'precis.summarizeCommit',
  async execute(services, ...args) {
    const range = typeof args[0] === 'string' ? args[0] : await chooseCommit();
    if (!range) return undefined;
    return begin(services, { target: { kind: 'changes', range }, title: range, interactive: args.length === 0 });
  },
};

async function chooseCommit(): Promise<string | undefined> {
  const commits = await recentCommits();
  const other = { icon: 'edit', label: t('A commit or range, for example main..HEAD'), hash: '' };
  const when = (date: Date): string =>
    date.toLocaleString(vscode.env.language, { dateStyle: 'medium', timeStyle: 'short' });
  const items = commits.map(({ hash, subject, author, date }) => ({
    icon: 'git-commit',
    label: subject || hash.slice(0, 8),
    description: hash.slice(0, 8),
    detail: [author, date ? when(date) : ''].filter((one) => one !== '').join(', '),
    hash,
  }));
  const picked = await showPick([other, ...items], {
    title: t('Summarize a commit or range'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked) return undefined;
  const validateInput = (text: string): string | undefined =>
    /^(?!-)\S+$/.test(text.trim()) ? undefined : t('Enter a commit, branch or range, such as main..HEAD.');
  return picked.hash || askText({ title: t('Commit or range'), placeHolder: 'main..HEAD', validateInput });
}

/** Fills the commit box from the staged changes, else from all. Resolves to the message. */
export const writeCommitMessage: Command = {
  id: 'precis.writeCommitMessage',
  async execute(services, ...args) {
    const { target: changes, scope } = changesToSummarize(args);
    const box = await findCommitBox(scope);
    if (!box)
      throw new SourceError(t('There is no Git repository here, or the Git extension is switched off.'), 'none');
    if (box.value.trim() !== '' && !(await mayReplace())) return undefined;
    const style = readSettings(box.root)['precis.scm.commitStyle'];
    const subjects = (await recentCommits(box.root)).slice(0, 20).map(({ subject }) => subject);
    const conventional = style === 'conventional' || (style === 'auto' && isConventional(subjects));
    const target = { ...changes, repository: box.root.toString(), ...(box.hasStaged ? { staged: true } : {}) };
    const template = commitTemplate(conventional);
    const message = await showProgress(
      { location: vscode.ProgressLocation.SourceControl, title: t('Précis: writing the commit message') },
      () => writeText(services, target as SummaryTarget, template, box.root),
    );
    if (message === '') return undefined;
    box.value = toCommitMessage(message);
    return box.value;
  },
};

async function mayReplace(): Promise<boolean> {
  const replace = t('Replace');
  return (await askModal(t('Replace the text in the commit box?'), '', replace)) === replace;
}

/**
 * Returns the text of a run without a panel, which is not stored; '' if it was cancelled.
 * @throws Error with a sentence
 */
async function writeText(
  { runs, resolve, store }: Services,
  target: SummaryTarget,
  template: UsedTemplate,
  scope: vscode.Uri,
): Promise<string> {
  let run: ActiveRun | undefined;
  try {
    const result = await runs.start({
      ...{ target, template, scope, title: template.name },
      read: (signal) => resolve(target, signal),
      options: { length: 'brief' },
      interactive: true,
      show: false,
      onRun: (one) => (run = one),
    });
    if (result.strategy === 'offline' && result.status !== 'cancelled')
      throw new SourceError(t('A commit message needs a model. Choose one with “Select Provider”.'), 'provider');
    return result.status === 'cancelled' ? '' : result.markdown;
  } catch (error) {
    // a run without a panel has not shown its error
    throw error instanceof SourceError ? error : new Error(createErrorView((error as Error).cause ?? error, t).message);
  } finally {
    if (run) await store.remove(run.id);
  }
}

/** Summarizes what the branch adds to its base as the text of a pull request. */
export const describePullRequest: Command = {
  id: 'precis.describePullRequest',
  async execute(services, ...args) {
    const { scope } = changesToSummarize(args);
    const range = await branchRange(scope);
    if (!range) throw new SourceError(t('This branch has no commits beyond its base.'), 'none');
    const repository = scope ? { repository: scope.toString() } : {};
    return begin(services, {
      target: { kind: 'changes', range, ...repository },
      title: range,
      template: pullRequestTemplate(),
      ...(scope ? { scope } : {}),
      interactive: true,
    });
  },
};
