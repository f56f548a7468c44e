/** Commands on existing summaries: show, copy, save, insert, keep, ask. */
import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { askText, showInformation } from '../host/notify.ts';
import { asComment, getCommentMarks, findCommentPlace } from '../shared/comments.ts';
import { toDocument, toMarkdown } from '../shared/exportText.ts';
import { confirmExport } from '../runs/confirm.ts';
import { toTargetUri } from '../runs/target.ts';
import type { ActiveRun } from '../runs/activeRun.ts';
import type { Services } from '../services.ts';
import { asUri } from '../host/uris.ts';
import { wrapMarkdown } from '../shared/wrap.ts';
import type { Command } from './command.ts';
import { storeChanged } from './summaryTree.ts';

const toPath = (uri: string): string => vscode.workspace.asRelativePath(vscode.Uri.parse(uri));

/** Summary of the panel that has, or last had, the focus; else the document's last. */
export async function currentRun(services: Services): Promise<ActiveRun> {
  const active = services.panels.active();
  const run =
    (active && (await services.runs.get(active.id))) ??
    (await services.runs.last(vscode.window.activeTextEditor?.document.uri));
  if (!run) throw new Error(t('There is no summary yet. Summarize a file first.'));
  return run;
}

function writeMarkdown(run: ActiveRun): string {
  return toMarkdown(run.readable(), toPath);
}

/** @param target file to contain it; links are relative to its folder, else the workspace */
function writeDocument(run: ActiveRun, target?: vscode.Uri): string {
  const { state } = run;
  const view = run.readable();
  const uri = toTargetUri(state.target);
  const facts = {
    title: state.title,
    source: uri ? toPath(uri) : '',
    date: new Date(state.startedAt).toLocaleString(vscode.env.language, { dateStyle: 'long', timeStyle: 'short' }),
    model: view.strategy === 'offline' ? t('Offline (no model)') : view.model,
    questions: state.questions,
  };
  return toDocument(view, facts, toPath, (cited) => toLink(vscode.Uri.parse(cited), target));
}

/** Path relative to the target's folder; undefined if a link cannot open it. */
function toLink(uri: vscode.Uri, target: vscode.Uri | undefined): string | undefined {
  if (!['file', 'vscode-remote', 'vscode-vfs'].includes(uri.scheme)) return undefined;
  if (target === undefined) return vscode.workspace.asRelativePath(uri, false);
  if (target.scheme !== uri.scheme || target.authority !== uri.authority) return undefined;
  const from = target.path.split('/').slice(0, -1);
  const to = uri.path.split('/');
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}

/** Resolves to Markdown; undefined without a summary. */
export const showSummary: Command = {
  id: 'precis.showSummary',
  async execute(services, ...args) {
    const run = await services.runs.last(asUri(args[0]) ?? vscode.window.activeTextEditor?.document.uri);
    if (!run) {
      services.panels.showEmpty();
      return undefined;
    }
    services.panels.show(run, { focus: true });
    return run.view().markdown;
  },
};

/** Copies Markdown with its sources. */
export const copySummary: Command = {
  id: 'precis.copySummary',
  async execute(services) {
    const run = await currentRun(services);
    if (!(await confirmExport(run.state))) return;
    await vscode.env.clipboard.writeText(writeMarkdown(run));
    run.copied();
  },
};

/** Opens an untitled Markdown document. */
export const openSummary: Command = {
  id: 'precis.openSummary',
  async execute(services) {
    const run = await currentRun(services);
    if (!(await confirmExport(run.state))) return;
    const document = await vscode.workspace.openTextDocument({ language: 'markdown', content: writeDocument(run) });
    await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.Active });
  },
};

/** Links are relative to the saved file. */
export const saveSummary: Command = {
  id: 'precis.saveSummary',
  async execute(services) {
    const run = await currentRun(services);
    if (!(await confirmExport(run.state))) return;
    const uri = toTargetUri(run.state.target);
    const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `${
      run.state.title
        .replace(/[^\p{L}\p{N}._-]+/gu, '-')
        .replace(/^[-.]+|(?<![-.])[-.]+$/g, '')
        .slice(0, 80) || 'summary'
    }.summary.md`;
    const near =
      uri && vscode.Uri.parse(uri).scheme === 'file'
        ? vscode.Uri.joinPath(vscode.Uri.parse(uri), '..', name)
        : folder && vscode.Uri.joinPath(folder, name);
    const target = await vscode.window.showSaveDialog({
      ...(near ? { defaultUri: near } : {}),
      filters: { Markdown: ['md'] },
    });
    if (!target) return;
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(writeDocument(run, target)));
  },
};

/** Inserts a comment into the summarized document. */
export const insertSummary: Command = {
  id: 'precis.insertSummary',
  async execute(services) {
    const run = await currentRun(services);
    const uri = toTargetUri(run.state.target);
    if (!uri) throw new Error(t('This summary covers several files. Use Copy instead.'));
    const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(uri, true));
    const { target } = run.state;
    const wanted = target.kind === 'selection' ? Math.min(target.ranges[0]?.startLine ?? 0, document.lineCount - 1) : 0;
    const summary = run.view().markdown.replace(/\s?\[\d+\](?!\()/g, '');
    const { languageId } = document;
    const lines = document.getText().split(/\r?\n/);
    const place = findCommentPlace(lines, languageId, wanted);
    const indent = place === wanted ? (document.lineAt(place).text.match(/^\s*/)?.[0] ?? '') : '';
    const marks = getCommentMarks(languageId)?.line ?? '> ';
    const width = getRuler(document) - indent.length - marks.length - 1;
    const comment = asComment(wrapMarkdown(summary, width), languageId);
    if (!comment || place === undefined) return offerCopy(run, languageId);
    if (!(await confirmExport(run.state))) return;
    const text = comment.map((line) => `${indent}${line}\n`).join('');
    const edit = new vscode.WorkspaceEdit();
    const after = place >= document.lineCount;
    const position = after ? document.lineAt(document.lineCount - 1).range.end : new vscode.Position(place, 0);
    // Go compiles a comment directly above `import "C"` as C
    const apart = /^\s*import\b/.test(lines[place] ?? '') ? '\n' : '';
    const inserted = `${after ? '\n' : ''}${text}${apart}`;
    edit.insert(document.uri, position, inserted);
    // the summary's own comment does not make it stale
    run.state.inserted = inserted;
    await vscode.workspace.applyEdit(edit);
    const selection = new vscode.Range(position, position);
    const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One, selection });
    editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    await services.store.save(run.record());
  },
};

const defaultRuler = 80;

/** The first ruler of the editor for this document, else column 80. */
function getRuler(document: vscode.TextDocument): number {
  const rulers = vscode.workspace.getConfiguration('editor', document).get<readonly unknown[]>('rulers', []);
  const [first] = rulers.map((ruler) => (typeof ruler === 'number' ? ruler : (ruler as { column?: unknown }).column));
  return typeof first === 'number' && first > 0 ? first : defaultRuler;
}

async function offerCopy(run: ActiveRun, languageId: string): Promise<void> {
  const copy = t('Copy');
  const sentence = t(
    'A summary cannot be inserted safely into a file of this kind ({0}). Copy it instead.',
    languageId,
  );
  if ((await showInformation(sentence, copy)) !== copy || !(await confirmExport(run.state))) return;
  await vscode.env.clipboard.writeText(writeMarkdown(run));
  run.copied();
}

/** Keeps panel and stored summary. */
export const pinSummary: Command = {
  id: 'precis.pinSummary',
  execute: (services) => pin(services, true),
};

/** Reverses `pinSummary`. */
export const unpinSummary: Command = {
  id: 'precis.unpinSummary',
  execute: (services) => pin(services, false),
};

async function pin(services: Services, pinned: boolean): Promise<void> {
  const run = await currentRun(services);
  run.state.pinned = pinned;
  services.panels.setPinned(run.id, pinned);
  run.changed();
  await services.store.save(run.record());
}

/** New runs open another panel. */
export const lockPanel: Command = {
  id: 'precis.lockPanel',
  execute: ({ panels }) => Promise.resolve(panels.setLocked(true)),
};

/** New runs reuse the panel. */
export const unlockPanel: Command = {
  id: 'precis.unlockPanel',
  execute: ({ panels }) => Promise.resolve(panels.setLocked(false)),
};

function toRunId(argument: unknown): string {
  const item = (argument as { readonly item?: { readonly id?: unknown } } | undefined)?.item?.id;
  return String(item ?? argument).replace(/^running /, '');
}

/** Takes a row of the view, or an id. */
export const openStored: Command = {
  id: 'precis.summary.open',
  async execute(services, ...args) {
    const run = await services.runs.get(toRunId(args[0]));
    if (run) services.panels.show(run, { focus: true });
  },
};

/** Offers to undo. */
export const deleteStored: Command = {
  id: 'precis.summary.delete',
  async execute(services, ...args) {
    const record = await services.store.load(toRunId(args[0]));
    if (!record) return;
    await services.store.remove(record.id);
    storeChanged();
    const undo = t('Undo');
    if ((await showInformation(t('The summary of {0} was deleted.', record.title), undo)) !== undo) return;
    await services.store.save(record);
    storeChanged();
  },
};

/** Takes a question; asks for it if missing. */
export const ask: Command = {
  id: 'precis.ask',
  async execute(services, ...args) {
    const run = await currentRun(services);
    const question =
      typeof args[0] === 'string'
        ? args[0]
        : await askText({
            title: t('Ask about {0}', run.state.title),
            placeHolder: t('What does it say about …?'),
          });
    if (!question?.trim()) return undefined;
    services.panels.show(run, {});
    return services.runs.ask(run, question);
  },
};
