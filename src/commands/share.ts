/** Takes summaries beyond the panel: continues in chat, opens saved files in the panel. */
import * as vscode from 'vscode';
import type { CitationReady } from '../engine/events.ts';
import { hash } from '../host/hash.ts';
import { t } from '../host/l10n.ts';
import { asUri } from '../host/uris.ts';
import { confirmExport } from '../runs/confirm.ts';
import { emptyView, savedProvider, type RunView } from '../shared/runView.ts';
import { parseDocument, type SavedCitation, type SavedPart } from '../shared/savedDocument.ts';
import { isKeyFile, SourceError } from '../sources/index.ts';
import type { Command } from './command.ts';
import { currentRun } from './summaries.ts';

const openChat = 'workbench.action.chat.open';
const maxSummary = 12_000;
const maxAttached = 20;

/** Opens the chat with summary, last question and cited lines as context; the person writes and sends the message. */
export const continueInChat: Command = {
  id: 'precis.continueInChat',
  async execute(services) {
    const run = await currentRun(services);
    if (!(await vscode.commands.getCommands(true)).includes(openChat))
      throw new Error(t('Chat is not available in this window.'));
    if (!(await confirmExport(run.state))) return;
    const view = run.readable();
    const last = run.state.questions.findLast((one) => one.view.markdown !== '');
    const about = t('Summary of {0}:', run.state.title);
    const parts = [about, plain(view.markdown), ...(last ? [last.question, plain(last.view.markdown)] : [])];
    await vscode.commands.executeCommand(openChat, {
      query: `${parts.join('\n\n').slice(0, maxSummary)}\n\n`,
      isPartialQuery: true,
      attachFiles: citedRanges([...view.citations, ...(last?.view.citations ?? [])]),
    });
  },
};

/** Returns one range for each file, from its first cited line to its last, because the chat takes only one. */
function citedRanges(citations: readonly CitationReady[]): readonly { uri: vscode.Uri; range: object }[] {
  const byFile = new Map<string, { first: number; last: number }>();
  for (const { uri, startLine, endLine } of citations) {
    if (uri === undefined) continue;
    const { first, last } = byFile.get(uri) ?? { first: startLine, last: endLine };
    byFile.set(uri, { first: Math.min(first, startLine), last: Math.max(last, endLine) });
  }
  return [...byFile].slice(0, maxAttached).map(([uri, { first, last }]) => ({
    uri: vscode.Uri.parse(uri),
    range: { startLineNumber: first, startColumn: 1, endLineNumber: last, endColumn: 1_000 },
  }));
}

/** Removes marks, which have no target in the chat's input. */
function plain(markdown: string): string {
  return markdown.replace(/\s?\[\d{1,4}\]/g, '').trim();
}

/** Shows a saved summary in the panel, with marks that open their lines. */
export const openSaved: Command = {
  id: 'precis.openSaved',
  async execute(services, ...args) {
    const uri = asUri(args[0]) ?? vscode.window.activeTextEditor?.document.uri;
    if (!uri) return;
    const text = await readSavedText(uri);
    const saved = parseDocument(text);
    if (!saved) throw new SourceError(t('This file is no summary that Précis saved.'));
    const facts = saved.facts.split(' · ');
    const model = facts.at(-1) ?? '';
    const view = await createSavedView(saved, uri, saved.title, model);
    const questions = await Promise.all(
      saved.questions.map(async (one, index) => ({
        id: `q${index + 1}`,
        question: one.question,
        view: await createSavedView(one, uri, saved.title, model),
      })),
    );
    const run = services.runs.open({
      id: `saved${hash(uri.toString()).slice(0, 16)}`,
      target: { kind: 'text' },
      title: saved.title,
      read: () => Promise.reject(new SourceError(t('A saved summary holds no text to read again.'), 'none')),
      interactive: true,
      show: false,
    });
    Object.assign(run.state, { view, questions, startedAt: await writtenAt(uri) });
    services.panels.show(run, { focus: true });
    await services.store.save(run.record());
  },
};

async function readSavedText(uri: vscode.Uri): Promise<string> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  return open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

async function writtenAt(uri: vscode.Uri): Promise<number> {
  return Promise.resolve(vscode.workspace.fs.stat(uri)).then(
    ({ mtime }) => mtime,
    () => Date.now(),
  );
}

async function createSavedView(part: SavedPart, document: vscode.Uri, title: string, model: string): Promise<RunView> {
  const isOffline = model === t('Offline (no model)');
  const citations = await Promise.all(part.citations.map((citation) => resolveCitation(citation, document)));
  return {
    ...emptyView,
    phase: 'done',
    title,
    provider: savedProvider,
    model: isOffline ? '' : model,
    strategy: isOffline ? 'offline' : 'single',
    markdown: part.markdown,
    citations,
  };
}

/** Links out of the workspace and the document's folder open nothing. */
async function resolveCitation(
  { id, path, startLine, endLine }: SavedCitation,
  document: vscode.Uri,
): Promise<CitationReady> {
  const folder = vscode.Uri.joinPath(document, '..');
  const target = path === undefined ? undefined : vscode.Uri.joinPath(folder, path);
  const isInside =
    target !== undefined &&
    (target.path.startsWith(`${folder.path}/`) || vscode.workspace.getWorkspaceFolder(target) !== undefined);
  const lines = { id, startLine, endLine: Math.max(startLine, endLine), chunk: 0, approximate: false };
  if (!target || !isInside) return { type: 'citation', ...lines, excerpt: '' };
  return { type: 'citation', ...lines, uri: target.toString(), excerpt: await readExcerpt(target, startLine, endLine) };
}

const maxExcerpt = 1_200;
const maxBytes = 4_000_000;

/** Returns the current lines; '' if they cannot or should not be read. */
async function readExcerpt(uri: vscode.Uri, startLine: number, endLine: number): Promise<string> {
  if (isKeyFile(uri.path)) return '';
  try {
    if ((await vscode.workspace.fs.stat(uri)).size > maxBytes) return '';
    return (await readSavedText(uri))
      .split(/\r?\n/)
      .slice(startLine - 1, endLine)
      .join('\n')
      .slice(0, maxExcerpt);
  } catch {
    return '';
  }
}
