#!/usr/bin/env node
/** The `precis` command: parses arguments, runs a summary or the MCP server, sets the exit code. */
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { ModelError } from '../engine/model.ts';
import type { PlanReady, SummaryResult } from '../engine/events.ts';
import { parseCommand, usage, UsageError, type McpCommand, type Options, type SummarizeCommand } from './args.ts';
import { platformFolders } from './folders.ts';
import { InputError } from './inputs.ts';
import { ConsentError } from './models.ts';
import { estimateText, RunPrinter } from './output.ts';
import { Session } from './session.ts';
import { environmentOptions, readConfig, resolveSettings } from './settings.ts';

/** Exit codes; 130 as after Ctrl+C. */
export const exitCodes = { complete: 0, error: 1, usage: 2, partial: 3, cancelled: 130 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

async function main(argv: readonly string[]): Promise<ExitCode> {
  const command = parseCommand(argv);
  switch (command.type) {
    case 'help':
      process.stdout.write(usage);
      return exitCodes.complete;
    case 'version':
      process.stdout.write(`${await readVersion()}\n`);
      return exitCodes.complete;
    case 'mcp':
      return serve(command);
    case 'summarize':
      return summarize(command);
  }
}

/** Version of the bundle's package. */
async function readVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

async function openSession(options: Options): Promise<Session> {
  const folders = platformFolders(process.env, process.platform);
  const settings = resolveSettings(options, environmentOptions(process.env), await readConfig(folders.config));
  return Session.open({
    settings,
    folders,
    env: process.env,
    cwd: process.cwd(),
    workerFile: new URL('./worker.js', import.meta.url),
  });
}

async function serve({ options }: McpCommand): Promise<ExitCode> {
  const session = await openSession(options);
  const { serveMcp } = await import('../mcp/server.ts');
  await serveMcp(session, await readVersion());
  await session.close();
  return exitCodes.complete;
}

async function summarize(command: SummarizeCommand): Promise<ExitCode> {
  const session = await openSession(command.options);
  const abort = new AbortController();
  const cancel = (): void => abort.abort(new ModelError({ kind: 'cancelled', message: 'Cancelled.' }));
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  try {
    return await summarizeWith(session, command, abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return exitCodes.cancelled;
    throw error;
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
    await session.close();
  }
}

async function summarizeWith(session: Session, command: SummarizeCommand, signal: AbortSignal): Promise<ExitCode> {
  const printer = new RunPrinter({ stdout: process.stdout, stderr: process.stderr });
  const { source, keyFiles } = await session.read(command.paths, signal);
  const models = await session.models(signal);
  if (!models && !session.settings.providerNamed) {
    printer.note('Offline summary. Use --provider for one written by a model.');
  }
  const [keyFile] = keyFiles;
  if (models && keyFile && !command.includeKeyFiles) {
    throw new ConsentError(
      `${keyFile} may hold keys or passwords. Send it with --include-key-files, or use --provider offline.`,
    );
  }
  let estimated: PlanReady | undefined;
  const result = await session.summarize(
    {
      source,
      signal,
      ...(command.ask ? { question: command.ask } : {}),
      onEvent: (event) => {
        if (event.type === 'plan') estimated = event;
        if (!command.json && !command.estimate) printer.event(event);
      },
      confirm: (plan) => (command.estimate ? Promise.resolve(false) : confirmSize(plan, session.settings.maxTokens)),
    },
    models,
  );
  if (command.estimate && estimated) {
    process.stdout.write(command.json ? `${JSON.stringify(estimated.estimate)}\n` : `${estimateText(estimated)}\n`);
    return exitCodes.complete;
  }
  if (command.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else if (result.status !== 'cancelled') printer.finish(result, process.cwd());
  if (result.status === 'cancelled') printer.note('Cancelled. Finished parts are cached.');
  return exitCodeOf(result);
}

function exitCodeOf({ status }: SummaryResult): ExitCode {
  if (status === 'complete') return exitCodes.complete;
  return status === 'partial' ? exitCodes.partial : exitCodes.cancelled;
}

/**
 * Runs above the limit need terminal confirmation or `--max-tokens`.
 * @throws ConsentError without a terminal
 */
async function confirmSize(plan: PlanReady, maxTokens: number): Promise<boolean> {
  const tokens = Math.round(plan.estimate.inputTokens);
  if (maxTokens === 0 || tokens <= maxTokens) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ConsentError(`${estimateText(plan)}. Allow it with --max-tokens ${Math.ceil(tokens / 1000) * 1000}.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question(`${estimateText(plan)}. Continue? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

/** Our own errors show their message, all others a stack trace. */
function messageOf(error: unknown): string {
  const isOwn =
    error instanceof InputError || error instanceof ConsentError || error instanceof UsageError || ModelError.is(error);
  if (isOwn) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

// All requests share one signal; Node warns from the eleventh listener.
setMaxListeners(0);

// Ends quietly when the reader closes the pipe (`precis big.log | head`).
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.complete);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`precis: ${messageOf(error)}\n`);
  if (error instanceof UsageError) process.stderr.write('Try precis --help.\n');
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.error;
}
