#!/usr/bin/env node
/** The `precis` command: parses arguments, runs a summary or the MCP server, sets the exit code. */
import { setMaxListeners } from 'node:events';
import { readFile } from 'node:fs/promises';
import { ModelError } from '../engine/model.ts';
import type { PlanReady } from '../engine/events.ts';
import { parseCommand, usage, UsageError, type BatchCommand, type McpCommand, type SummarizeCommand } from './args.ts';
import { confirmSize, refuseKeyFiles } from './confirm.ts';
import { getExitCode, exitCodes, type ExitCode } from './exitCodes.ts';
import { InputError } from './inputs.ts';
import { ConsentError } from './models.ts';
import { describeModelError, estimateText, RunPrinter } from './output.ts';
import { loadSettings, logLine, openSession } from './open.ts';
import type { Session } from './session.ts';

const workerFile = new URL('./worker.js', import.meta.url);

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
      return cancellable((signal) => summarize(command, signal));
    case 'batch-submit':
    case 'batch-job':
      return cancellable((signal) => batch(command, signal));
  }
}

async function readVersion(): Promise<string> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  return manifest.version;
}

async function serve({ options }: McpCommand): Promise<ExitCode> {
  const session = await openSession(await loadSettings(options), { workerFile });
  const { serveMcp } = await import('../mcp/server.ts');
  await serveMcp(session, await readVersion());
  await session.close();
  return exitCodes.complete;
}

/** Time for cancelled work to store what was paid for. */
const maxCancelMs = 5_000;

/** Runs cancellable work. The first Ctrl+C ends it; the second, or a slow end, ends the process. */
async function cancellable(work: (signal: AbortSignal) => Promise<ExitCode>): Promise<ExitCode> {
  const abort = new AbortController();
  const cancel = (): void => {
    abort.abort(new ModelError({ kind: 'cancelled', message: 'Cancelled.' }));
    setTimeout(() => process.exit(exitCodes.cancelled), maxCancelMs).unref();
  };
  process.once('SIGINT', cancel);
  process.once('SIGTERM', cancel);
  try {
    return await work(abort.signal);
  } catch (error) {
    if (abort.signal.aborted) return exitCodes.cancelled;
    throw error;
  } finally {
    process.off('SIGINT', cancel);
    process.off('SIGTERM', cancel);
  }
}

async function batch(command: BatchCommand, signal: AbortSignal): Promise<ExitCode> {
  const { runBatch } = await import('./batch.ts');
  return runBatch(command, workerFile, signal);
}

async function summarize(command: SummarizeCommand, signal: AbortSignal): Promise<ExitCode> {
  const printer = new RunPrinter({ stdout: process.stdout, stderr: process.stderr });
  const session = await openSession(await loadSettings(command.options), {
    workerFile,
    log: (line) => printer.note(line),
  });
  try {
    return await summarizeWith(session, command, printer, signal);
  } finally {
    await session.close();
  }
}

async function summarizeWith(
  session: Session,
  command: SummarizeCommand,
  printer: RunPrinter,
  signal: AbortSignal,
): Promise<ExitCode> {
  const inputs = await session.read(command.paths, signal);
  const models = await session.models(signal);
  if (!models && !session.settings.providerNamed) {
    printer.note('Offline summary. Use --provider for one written by a model.');
  }
  if (!models && session.settings.language !== '')
    printer.note('Offline, --language has no effect: quotes stay in the language of the text, headings are English.');
  refuseKeyFiles(inputs, models, command.includeKeyFiles);
  let estimated: PlanReady | undefined;
  const result = await session.summarize(
    {
      source: inputs.source,
      signal,
      ...(command.ask ? { question: command.ask } : {}),
      onEvent: (event) => {
        if (event.type === 'plan') estimated = event;
        if (!command.json && !command.estimate) printer.event(event);
      },
      confirm: (plan) =>
        command.estimate
          ? Promise.resolve(false)
          : confirmSize(estimateText(plan), plan.estimate.inputTokens, session.settings.maxTokens, signal),
    },
    models,
  );
  if (command.estimate && estimated) {
    process.stdout.write(command.json ? `${JSON.stringify(estimated.estimate)}\n` : `${estimateText(estimated)}\n`);
    return exitCodes.complete;
  }
  if (command.json) process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
  else if (result.status !== 'cancelled') printer.finish(result, process.cwd());
  if (result.status === 'cancelled') {
    printer.note(session.keepsAnswers ? 'Cancelled. Finished parts are cached.' : 'Cancelled.');
  }
  return getExitCode(result);
}

/** Our own errors show their message; all others a stack trace. */
function toMessage(error: unknown): string {
  if (ModelError.is(error)) return describeModelError(error);
  const isOwn = error instanceof InputError || error instanceof ConsentError || error instanceof UsageError;
  if (isOwn) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

let outputFailed: ExitCode | undefined;

function handleOutputError({ code, message }: NodeJS.ErrnoException): void {
  // the reader closed the pipe (`precis big.log | head`): the run still ends, so that its answers are kept
  if (code === 'EPIPE' || outputFailed !== undefined) return;
  outputFailed = exitCodes.error;
  process.exitCode = outputFailed;
  logLine(`The result could not be written: ${message}.`);
}

// All requests share one signal; Node warns from the eleventh listener.
setMaxListeners(0);

process.stdout.on('error', handleOutputError);
process.stderr.on('error', () => undefined);

try {
  const code = await main(process.argv.slice(2));
  process.exitCode = outputFailed ?? code;
} catch (error) {
  logLine(toMessage(error));
  if (error instanceof UsageError) process.stderr.write('Try precis --help.\n');
  process.exitCode = error instanceof UsageError ? exitCodes.usage : exitCodes.error;
}
