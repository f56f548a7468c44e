/** Tree items of batch jobs and their parts. */
import * as vscode from 'vscode';
import type { JobRecord } from '../batch/index.ts';
import { t } from '../host/l10n.ts';
import { plainText } from '../host/plainText.ts';
import { ageText, jobCommands, jobWords, partWords } from '../runs/batch/batchList.ts';

/** Item of the batch view. */
export interface BatchNode {
  readonly job: JobRecord;
  readonly item: vscode.TreeItem;
  readonly parent?: BatchNode;
  readonly children: readonly BatchNode[];
}

/**
 * Returns one node per job, with its parts below if several.
 * @param summarizing ids of complete jobs whose summary is running
 */
export function nodesOf(jobs: readonly JobRecord[], summarizing: ReadonlySet<string>): BatchNode[] {
  return jobs.map((job) => jobNode(job, summarizing.has(job.id)));
}

function jobNode(job: JobRecord, summarizing: boolean): BatchNode {
  const several = job.parts.length > 1;
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(plainText(job.title), several ? Collapsed : None);
  const words = jobWords(job, summarizing);
  const facts = [words.state, words.counts, ageText(job.createdAt), words.price].filter((text) => text !== '');
  item.id = job.id;
  item.iconPath = new vscode.ThemeIcon(words.icon);
  item.description = plainText(facts.join(' · '));
  const lines = [job.title, facts.join(' · '), `${job.host} · ${job.mapModel}`, words.left, words.problem];
  item.tooltip = plainText(lines.filter((text) => text !== '').join('\n'));
  item.contextValue = ['job', ...(summarizing ? [] : jobCommands(job))].join(' ');
  item.command = { command: 'precis.batch.open', title: t('Open the Summary'), arguments: [job.id] };
  item.accessibilityInformation = { label: [job.title, ...facts, words.left].filter((text) => text !== '').join(', ') };
  const node: BatchNode = { job, item, children: [] };
  return several ? { ...node, children: job.parts.map((_, index) => partNode(node, index)) } : node;
}

function partNode(parent: BatchNode, index: number): BatchNode {
  const { job } = parent;
  const part = job.parts[index]!;
  const words = partWords(job, part);
  const item = new vscode.TreeItem(t('Batch {0} of {1}', index + 1, job.parts.length));
  const facts = [words.state, words.counts].filter((text) => text !== '');
  item.id = part.key;
  item.iconPath = new vscode.ThemeIcon(words.icon);
  item.description = facts.join(' · ');
  item.tooltip = plainText([facts.join(' · '), words.problem].filter((text) => text !== '').join('\n'));
  item.contextValue = 'part';
  item.accessibilityInformation = { label: [String(item.label), ...facts].join(', ') };
  return { job, item, parent, children: [] };
}
