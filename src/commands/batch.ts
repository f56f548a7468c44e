/** Batches: started from the explorer, looked after in a list. */
import * as vscode from 'vscode';
import type { JobRecord } from '../batch/index.ts';
import { t } from '../host/texts.ts';
import { asUri, asUris } from '../host/uris.ts';
import type { JobOrder } from '../runs/batches.ts';
import type { Recipe } from '../runs/recipe.ts';
import { ageText, jobCounts, jobState } from '../runs/batchList.ts';
import { SourceError, titleOf } from '../sources/index.ts';
import type { Services } from '../services.ts';
import { chooseFiles, chooseFolder } from './chooseFiles.ts';
import type { Command } from './command.ts';

export const summarizeInBatch: Command = {
  id: 'precis.summarizeInBatch',
  async execute(services, ...args) {
    const selected = asUris(args[1]);
    const clicked = asUri(args[0]);
    const uris = selected.length ? selected : clicked ? [clicked] : [];
    // a menu hands over what is selected as well; another extension one URI
    const interactive = args.length !== 1;
    if (uris.length) return submit(services, await recipeOf(uris), uris, interactive);
    const folder = await chooseFolder();
    const chosen = folder && (await chooseFiles(folder));
    if (!chosen) return undefined;
    return submit(services, { kind: 'items', uris: [folder.toString()], ...chosen }, [folder], true);
  },
};

async function recipeOf(uris: readonly vscode.Uri[]): Promise<Recipe> {
  const [first] = uris;
  if (!first) throw new SourceError(t('There is nothing to summarize.'));
  const stat = await vscode.workspace.fs.stat(first).then(undefined, () => undefined);
  const isFile = uris.length === 1 && stat !== undefined && !(stat.type & vscode.FileType.Directory);
  return isFile ? { kind: 'file', uri: first.toString() } : { kind: 'items', uris: uris.map(String) };
}

function submit(
  services: Services,
  recipe: Recipe,
  uris: readonly vscode.Uri[],
  interactive: boolean,
): Promise<string | undefined> {
  const [first] = uris;
  const title =
    uris.length === 1 && first ? titleOf(first) || first.path.split('/').pop()! : t('{0} items', uris.length);
  return services.batches.submit({ recipe, title, ...(first ? { scope: first } : {}), interactive });
}

interface JobItem extends vscode.QuickPickItem {
  readonly job?: JobRecord;
}
interface JobButton extends vscode.QuickInputButton {
  readonly order: JobOrder | 'remove';
}

const button = (icon: string, tooltip: string, order: JobButton['order']): JobButton => ({
  iconPath: new vscode.ThemeIcon(icon),
  tooltip,
  order,
});

export const showBatchJobs: Command = {
  id: 'precis.showBatchJobs',
  async execute(services) {
    const pick = vscode.window.createQuickPick<JobItem>();
    pick.title = t('Batch jobs');
    pick.placeholder = t('Choose one to see its summary');
    pick.matchOnDescription = true;
    pick.busy = true;
    const draw = async (): Promise<void> => {
      const jobs = await services.batches.jobs();
      pick.busy = false;
      pick.items = jobs.length
        ? jobs.map(itemOf)
        : [{ label: t('$(add) Summarize a folder in batch, at half the price…'), alwaysShow: true }];
    };
    const news = services.batches.onDidChange(() => void draw());
    pick.onDidHide(() => {
      news.dispose();
      pick.dispose();
    });
    pick.onDidAccept(() => {
      const [chosen] = pick.selectedItems;
      pick.hide();
      if (!chosen?.job) return void vscode.commands.executeCommand('precis.summarizeInBatch');
      services.batches.open(chosen.job).catch((error: unknown) => told(services, error));
    });
    pick.onDidTriggerItemButton(({ item, button: pressed }) => {
      if (!item.job) return;
      act(services, item.job, (pressed as JobButton).order).catch((error: unknown) => told(services, error));
    });
    pick.show();
    await draw();
  },
};

function told(services: Services, error: unknown): void {
  services.log.error('batch job', error);
  void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
}

async function act(services: Services, job: JobRecord, order: JobButton['order']): Promise<void> {
  if (order !== 'remove') return services.batches.tell(job.id, order);
  const yes = t('Delete');
  const detail = t('Requests and results are deleted at {0} as well. A summary that is finished stays.', job.host);
  const answer = await vscode.window.showWarningMessage(
    t('Delete the batch job of “{0}”?', job.title),
    { modal: true, detail },
    yes,
  );
  if (answer === yes) await services.batches.remove(job.id);
}

function itemOf(job: JobRecord): JobItem {
  const state = jobState(job);
  const { lost } = jobCounts(job);
  const live = !state.over;
  const buttons = [
    ...(live ? [button('debug-stop', t('Cancel'), 'stop' as const)] : []),
    ...(live || state.failed ? [button('play', t('Finish now: what is missing is asked live'), 'finish-anyway')] : []),
    ...(lost > 0 || state.failed ? [button('refresh', t('Ask what failed in a new batch'), 'again')] : []),
    button('trash', t('Delete, also at the provider'), 'remove'),
  ];
  return {
    label: `$(${state.icon}) ${job.title}`,
    description: `${state.text} · ${ageText(job.createdAt)}`,
    detail: state.detail,
    buttons,
    job,
  };
}
