/** Batch commands, run from the explorer and the batch view. */
import * as vscode from 'vscode';
import type { JobRecord } from '../batch/index.ts';
import { batchViewType, type CommandId } from '../contributions.ts';
import { t } from '../host/l10n.ts';
import { askModal } from '../host/notify.ts';
import { asUri, asUris } from '../host/uris.ts';
import type { SummaryTarget } from '../runs/target.ts';
import { SourceError, titleOf } from '../sources/index.ts';
import type { Services } from '../services.ts';
import { chooseFiles, chooseFolder } from '../runs/chooseFiles.ts';
import type { Command } from './command.ts';

/** Takes clicked or selected items, else a chosen folder. */
export const summarizeInBatch: Command = {
  id: 'precis.summarizeInBatch',
  async execute(services, ...args) {
    const selected = asUris(args[1]);
    const clicked = asUri(args[0]);
    const uris = selected.length ? selected : clicked ? [clicked] : [];
    // a menu also passes the selection; extensions pass one URI
    const interactive = args.length !== 1;
    if (uris.length) return submit(services, await toTarget(uris), uris, interactive);
    const folder = await chooseFolder();
    const chosen = folder && (await chooseFiles([folder]));
    if (!chosen) return undefined;
    return submit(services, { kind: 'items', uris: [folder.toString()], ...chosen }, [folder], true, true);
  },
};

async function toTarget(uris: readonly vscode.Uri[]): Promise<SummaryTarget> {
  const [first] = uris;
  if (!first) throw new SourceError(t('There is nothing to summarize.'));
  const stat = await vscode.workspace.fs.stat(first).then(undefined, () => undefined);
  const isFile = uris.length === 1 && stat !== undefined && !(stat.type & vscode.FileType.Directory);
  return isFile ? { kind: 'file', uri: first.toString() } : { kind: 'items', uris: uris.map(String) };
}

function submit(
  services: Services,
  target: SummaryTarget,
  uris: readonly vscode.Uri[],
  interactive: boolean,
  always = false,
): Promise<string | undefined> {
  const [first] = uris;
  const title =
    uris.length === 1 && first ? titleOf(first) || first.path.split('/').pop()! : t('{0} items', uris.length);
  return services.batches.submit({ target, title, ...(first ? { scope: first } : {}), interactive, always });
}

/** Focuses the view. */
export const showBatchJobs: Command = {
  id: 'precis.showBatchJobs',
  async execute() {
    await vscode.commands.executeCommand(`${batchViewType}.focus`);
  },
};

/** Command on one job, given as a view item or an id. */
function jobCommand(id: CommandId, work: (services: Services, job: JobRecord) => Promise<void>): Command {
  return {
    id,
    async execute(services, ...args) {
      const wanted = toJobId(args[0]);
      const job = (await services.batches.jobs()).find((one) => one.id === wanted);
      if (!job) throw new SourceError(t('This batch job is gone.'));
      await work(services, job);
    },
  };
}

function toJobId(argument: unknown): unknown {
  if (typeof argument !== 'object' || argument === null || !('job' in argument)) return argument;
  return (argument.job as { id?: unknown } | undefined)?.id;
}

async function remove(services: Services, job: JobRecord): Promise<void> {
  const yes = t('Delete');
  const detail = t('Requests and results are deleted at {0} as well. A summary that is finished stays.', job.host);
  if ((await askModal(t('Delete the batch job of “{0}”?', job.title), detail, yes)) === yes)
    await services.batches.remove(job.id);
}

/** Each takes a row of the view, or a job's id. */
export const batchCommands: readonly Command[] = [
  jobCommand('precis.batch.open', ({ batches }, job) => batches.open(job)),
  jobCommand('precis.batch.cancel', ({ batches }, job) => batches.order(job.id, 'stop')),
  jobCommand('precis.batch.finish', ({ batches }, job) => batches.order(job.id, 'finish-anyway')),
  jobCommand('precis.batch.again', ({ batches }, job) => batches.order(job.id, 'again')),
  jobCommand('precis.batch.delete', remove),
];
