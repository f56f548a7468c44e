import * as vscode from 'vscode';
import type { JobRecord } from '../batch/index.ts';
import { t } from '../host/l10n.ts';
import { toPlainText } from '../host/plainText.ts';
import { formatAge, listJobCommands, describeJob, describePart } from '../runs/batch/batchList.ts';

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
export function createNodes(jobs: readonly JobRecord[], summarizing: ReadonlySet<string>): BatchNode[] {
  return jobs.map((job) => createJobNode(job, summarizing.has(job.id)));
}

function createJobNode(job: JobRecord, summarizing: boolean): BatchNode {
  const several = job.parts.length > 1;
  const { Collapsed, None } = vscode.TreeItemCollapsibleState;
  const item = new vscode.TreeItem(toPlainText(job.title), several ? Collapsed : None);
  const words = describeJob(job, summarizing);
  const facts = [words.state, words.counts, formatAge(job.createdAt), words.price].filter((text) => text !== '');
  item.id = job.id;
  item.iconPath = new vscode.ThemeIcon(words.icon);
  item.description = toPlainText(facts.join(' · '));
  const lines = [job.title, facts.join(' · '), `${job.host} · ${job.mapModel}`, words.left, words.problem];
  item.tooltip = toPlainText(lines.filter((text) => text !== '').join('\n'));
  item.contextValue = ['job', ...(summarizing ? [] : listJobCommands(job))].join(' ');
  item.command = { command: 'precis.batch.open', title: t('Open the Summary'), arguments: [job.id] };
  item.accessibilityInformation = { label: [job.title, ...facts, words.left].filter((text) => text !== '').join(', ') };
  const node: BatchNode = { job, item, children: [] };
  return several ? { ...node, children: job.parts.map((_, index) => createPartNode(node, index)) } : node;
}

function createPartNode(parent: BatchNode, index: number): BatchNode {
  const { job } = parent;
  const part = job.parts[index]!;
  const words = describePart(job, part);
  const item = new vscode.TreeItem(t('Batch {0} of {1}', index + 1, job.parts.length));
  const facts = [words.state, words.counts].filter((text) => text !== '');
  item.id = part.key;
  item.iconPath = new vscode.ThemeIcon(words.icon);
  item.description = facts.join(' · ');
  item.tooltip = toPlainText([facts.join(' · '), words.problem].filter((text) => text !== '').join('\n'));
  item.contextValue = 'part';
  item.accessibilityInformation = { label: [String(item.label), ...facts].join(', ') };
  return { job, item, parent, children: [] };
}
