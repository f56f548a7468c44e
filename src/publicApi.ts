/** The API for other extensions: a text or a document in, a cited summary out; nothing is shown, nothing asked below the limit. */
import * as vscode from 'vscode';
import type { SummaryOptions, SummaryRequest, SummaryResult, RunEvent } from './api.ts';
import { t } from './host/l10n.ts';
import { isKeyFile, rangePart, SourceError, titleOf } from './sources/index.ts';
import type { Source } from './engine/source.ts';
import type { Services } from './services.ts';
import { toTargetRange } from './runs/resolve.ts';
import type { SummaryTarget } from './runs/target.ts';
import type { StartRequest } from './runs/types.ts';

/** Serves the API, tools and agents. See `PrecisApi.summarize`. */
export async function summarize(
  services: Services,
  request: SummaryRequest,
  options: SummaryOptions | undefined,
  token: vscode.CancellationToken | undefined,
  onEvent: ((event: RunEvent) => void) | undefined,
  { isFolder, ...more }: Pick<StartRequest, 'question' | 'agreed' | 'forAgent'> & { readonly isFolder?: boolean } = {},
): Promise<SummaryResult> {
  const { text, uri, range } = request;
  if (text === undefined && !uri) throw new SourceError(t('There is nothing to summarize: give a text or a URI.'));
  const title = request.title ?? (uri ? titleOf(uri) : t('Text'));
  const target: SummaryTarget =
    text !== undefined || !uri
      ? { kind: 'text' }
      : isFolder
        ? { kind: 'items', uris: [uri.toString()] }
        : { kind: 'file', uri: uri.toString(), ...(range ? { range: toTargetRange(range) } : {}) };
  const read = async (signal: AbortSignal): Promise<Source> => {
    if (text !== undefined) return textSource(text, title, request);
    const document = range && uri && (await openDocument(uri));
    return document ? ranged(document, range, title) : services.resolve(target, signal);
  };
  return services.runs.start({
    title,
    target,
    read,
    ...(uri ? { scope: uri } : {}),
    ...(options ? { options } : {}),
    ...more,
    interactive: false,
    show: false,
    ...(token ? { token } : {}),
    ...(onEvent ? { onEvent: guarded(onEvent, services) } : {}),
  });
}

/** A listener's fault is its own: what was paid for goes on. It is told once. */
function guarded(listener: (event: RunEvent) => void, { log }: Services): (event: RunEvent) => void {
  let told = false;
  return (event) => {
    try {
      listener(event);
    } catch (error) {
      if (!told) log.warn(`a listener of the API failed: ${error instanceof Error ? error.name : typeof error}`);
      told = true;
    }
  };
}

function textSource(text: string, title: string, request: SummaryRequest): Source {
  if (!/\S/.test(text)) throw new SourceError(t('There is no text to summarize.'));
  const { uri, range, languageId } = request;
  return {
    title,
    parts: [
      {
        ...(uri ? { uri: uri.toString() } : {}),
        title,
        ...(languageId ? { languageId } : {}),
        ...(uri && isKeyFile(uri.path) ? { keyFile: true } : {}),
        startLine: (range?.start.line ?? 0) + 1,
        text,
      },
    ],
    skipped: [],
    shape: 'text',
  };
}

/** Undefined for what VS Code opens as no document: it is read as a file, which says why it cannot be. */
async function openDocument(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  return vscode.workspace.openTextDocument(uri).then(
    (document) => document,
    () => undefined,
  );
}

async function ranged(document: vscode.TextDocument, range: vscode.Range, title: string): Promise<Source> {
  const part = await rangePart(document, document.validateRange(range), title);
  if (!/\S/.test(part.text as string)) throw new SourceError(t('There is no text to summarize.'));
  return { title, parts: [part], skipped: [], shape: 'text' };
}
