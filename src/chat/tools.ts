/** Tools for agents: a file of any size is read in full and costs the agent a page instead of a cut-off file. */
import * as vscode from 'vscode';
import * as v from 'valibot';
import type { toolNames } from '../contributions.ts';
import type { SummaryResult } from '../engine/events.ts';
import { number } from '../host/plural.ts';
import { readSettings } from '../host/settings.ts';
import { plainText } from '../host/plainText.ts';
import { t } from '../host/l10n.ts';
import type { Services } from '../services.ts';
import { estimateFileTokens } from '../sources/classify.ts';
import { isInside } from '../sources/platform.ts';
import { summarize } from '../publicApi.ts';
import { priceOf } from '../runs/confirm.ts';
import { recipeUri } from '../runs/target.ts';
import { readPart } from '../sources/index.ts';
import { inert } from './output.ts';

const line = v.pipe(v.number(), v.integer(), v.minValue(1));
const summarizeInput = v.object({
  path: v.optional(v.string()),
  uri: v.optional(v.string()),
  startLine: v.optional(line),
  endLine: v.optional(line),
  question: v.optional(v.pipe(v.string(), v.maxLength(2000))),
  length: v.optional(v.picklist(['brief', 'standard', 'detailed'])),
});
const readInput = v.object({ path: v.optional(v.string()), uri: v.optional(v.string()), citation: line });

type SummarizeInput = v.InferOutput<typeof summarizeInput>;
type ReadInput = v.InferOutput<typeof readInput>;

/** Input is checked here: VS Code does not hold it against the schema. */
export function createTools(
  services: Services,
): Readonly<Record<(typeof toolNames)[number], vscode.LanguageModelTool<object>>> {
  /** Calls that VS Code shows a confirmation of: whoever invokes one has agreed to it, and is not asked again. */
  const shown = new Set<string>();
  return {
    precis_summarize: {
      async prepareInvocation({ input }) {
        const parsed = v.safeParse(summarizeInput, input);
        const name = parsed.success ? (parsed.output.path ?? parsed.output.uri ?? '') : '';
        const invocationMessage = plainText(t('Summarizing {0}', name));
        const confirmation = parsed.success ? await confirmationOf(services, parsed.output) : undefined;
        if (confirmation) shown.add(JSON.stringify(input));
        else shown.delete(JSON.stringify(input));
        return { invocationMessage, ...(confirmation ? { confirmationMessages: confirmation } : {}) };
      },
      invoke: ({ input }, token) => {
        const agreed = shown.delete(JSON.stringify(input));
        return guarded(() => summarizeFor(services, check(summarizeInput, input), agreed, token));
      },
    },
    precis_read: {
      prepareInvocation: () => ({ invocationMessage: t('Reading the cited lines') }),
      invoke: ({ input }) => guarded(() => readFor(services, check(readInput, input))),
    },
  };
}

/** An agent is told what went wrong and what to try, never a stack. */
async function guarded(work: () => Promise<string>): Promise<vscode.LanguageModelToolResult> {
  try {
    return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(await work())]);
  } catch (error) {
    if (error instanceof vscode.CancellationError) throw error;
    throw new Error(
      error instanceof Error ? error.message : t('Something went wrong inside Précis. The log has the details.'),
    );
  }
}

function check<S extends v.GenericSchema>(schema: S, input: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, input);
  if (parsed.success) return parsed.output;
  const issue = parsed.issues[0];
  throw new Error(
    `The input is not valid: ${v.getDotPath(issue) ?? 'input'}: ${issue.message}. Give "path" (relative to the workspace) or "uri".`,
  );
}

/** Only what lies in the workspace, links followed. */
async function inWorkspace(input: { path?: string; uri?: string }): Promise<vscode.Uri> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (!folders.length) throw new Error('No folder is open: only files of the workspace can be summarized.');
  const uri = await locate(input, folders);
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const outside =
    !folder || (uri.scheme === 'file' && !(await isInside(folder.uri.fsPath, uri.fsPath).catch(() => false)));
  if (outside)
    throw new Error(
      'That file does not exist in the workspace or lies outside it; only files of the workspace can be summarized.',
    );
  return uri;
}

async function locate(
  input: { path?: string; uri?: string },
  folders: readonly vscode.WorkspaceFolder[],
): Promise<vscode.Uri> {
  if (input.uri) {
    if (!URL.canParse(input.uri)) throw new Error('"uri" is not a URI. Give "path" instead.');
    return vscode.Uri.parse(input.uri, true);
  }
  const path = input.path?.trim();
  if (!path) throw new Error('Give "path" (relative to the workspace) or "uri".');
  if (/^(?:[a-zA-Z]:[\\/]|[\\/])/.test(path)) return folders[0]!.uri.with({ path: vscode.Uri.file(path).path });
  for (const folder of folders) {
    const uri = vscode.Uri.joinPath(folder.uri, path);
    const found = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (found) return uri;
  }
  return vscode.Uri.joinPath(folders[0]!.uri, path);
}

/** Asked only above the limit: what would be sent at most, where, and for how much. */
async function confirmationOf(
  services: Services,
  input: SummarizeInput,
): Promise<vscode.LanguageModelToolConfirmationMessages | undefined> {
  const limit = readSettings()['precis.confirmAboveTokens'];
  if (!limit) return undefined;
  try {
    const uri = await inWorkspace(input);
    const { size } = await vscode.workspace.fs.stat(uri);
    const tokens = estimateFileTokens(uri.path, size);
    if (tokens <= limit) return undefined;
    const { model, mapPrice } = await services.models.choose(readSettings(uri), {}, uri, false);
    if (!model) return undefined;
    return {
      title: plainText(t('Summarize {0} with Précis?', uri.path.split('/').pop() ?? '')),
      message: plainText(
        t(
          'At most about {0} tokens would be sent to {1} ({2}), {3}.',
          number(tokens),
          model.host || model.provider,
          model.model,
          priceOf(mapPrice && (tokens / 1e6) * mapPrice.input),
        ),
      ),
    };
  } catch {
    // the call itself says what is wrong
    return undefined;
  }
}

async function summarizeFor(
  services: Services,
  input: SummarizeInput,
  agreed: boolean,
  token: vscode.CancellationToken,
): Promise<string> {
  const uri = await inWorkspace(input);
  const { startLine, endLine } = input;
  if (startLine !== undefined && endLine !== undefined && endLine < startLine)
    throw new Error('"endLine" is before "startLine".');
  const range =
    startLine !== undefined || endLine !== undefined
      ? new vscode.Range((startLine ?? 1) - 1, 0, endLine ?? Number.MAX_SAFE_INTEGER, 0)
      : undefined;
  const options = { length: input.length ?? 'standard' };
  const result = await summarize(services, { uri, ...(range ? { range } : {}) }, options, token, undefined, {
    agreed,
    ...(input.question ? { question: input.question } : {}),
  });
  if (result.status === 'cancelled') throw new vscode.CancellationError();
  return textOf(result, uri);
}

function textOf(result: SummaryResult, uri: vscode.Uri): string {
  const path = vscode.workspace.asRelativePath(uri);
  const { coverage } = result;
  const lines = result.citations.map(
    (c) =>
      `[${c.id}] ${c.uri && c.uri !== uri.toString() ? vscode.workspace.asRelativePath(vscode.Uri.parse(c.uri)) : path}:${c.startLine}-${c.endLine}`,
  );
  const gaps = result.gaps
    .filter((gap) => gap.reason !== 'budget')
    .map((gap) => `- lines ${gap.startLine}-${gap.endLine}: ${gap.reason}`);
  const folded = coverage.folded ? ` ${coverage.folded} lines were repeats, told as exact counts.` : '';
  const verified = result.verification
    ? ` ${result.verification.supported} of ${result.verification.claims} checkable claims were found in the cited lines.`
    : '';
  return [
    inert(result.markdown.trim()),
    `\nRead ${coverage.linesRead} of ${coverage.lines} lines of ${path}.${folded}${verified}`,
    gaps.length ? `\nNot read by any model:\n${gaps.join('\n')}` : '',
    lines.length ? `\nMarks:\n${lines.join('\n')}` : '',
    `\nTo see the lines behind a mark call precis_read with { "path": ${JSON.stringify(path)}, "citation": n }; to ask more call precis_summarize with "question".`,
  ]
    .filter(Boolean)
    .join('\n');
}

const mostLines = 60;
/** Characters of a line. */
const longestLine = 2_000;
/** What a file without line ends is read of. */
const mostCharacters = 1_000_000;

async function readFor(services: Services, input: ReadInput): Promise<string> {
  const uri = await inWorkspace(input);
  const last = await services.runs.last(uri);
  // where this file has no summary, that is another's
  const run = last && recipeUri(last.state.recipe) === uri.toString() ? last : undefined;
  const view = run?.view();
  const citation = view?.citations.find((c) => c.id === input.citation);
  if (!run || !view || !citation)
    throw new Error(`There is no summary of that file with a mark [${input.citation}]. Call precis_summarize first.`);
  const place = citation.uri ? vscode.Uri.parse(citation.uri, true) : uri;
  const first = Math.max(1, citation.startLine - 3);
  const lines = await linesOf(place, first, Math.min(citation.endLine + 3, first + mostLines));
  const text = (await services.mask(lines.join('\n'))).split('\n').map((one, i) => `${first + i}: ${one}`);
  const note = view.notes[citation.chunk]?.text;
  return [
    `Lines ${first}-${first + lines.length - 1} of ${vscode.workspace.asRelativePath(place)}:`,
    text.join('\n'),
    note ? `\nNote taken of this passage:\n${note}` : '',
  ]
    .filter(Boolean)
    .join('\n');
}

/** As the summary read them: of a file too large for a document, of a PDF's text. Lines from 1, inclusive. */
async function linesOf(uri: vscode.Uri, first: number, last: number): Promise<string[]> {
  const outcome = await readPart(uri, { lines: { first, last } });
  if ('reason' in outcome) throw new Error(outcome.reason);
  let text = '';
  if (typeof outcome.part.text === 'string') text = outcome.part.text;
  else
    for await (const piece of outcome.part.text()) {
      text += piece;
      if (text.length > mostCharacters) break;
    }
  return text
    .replace(/\r?\n$/, '')
    .split(/\r?\n/)
    .map((one) => one.slice(0, longestLine));
}
