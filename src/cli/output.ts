import type { Citation, PlanReady, RunEvent, SummaryResult } from '../engine/events.ts';
import { describeFailure, type ModelError } from '../engine/model.ts';
import { createErrorView } from '../host/errors.ts';
import { fileURLToPath } from 'node:url';
import { relative } from 'node:path';
import { translate } from './messages.ts';
import { leadsOut } from '../sources/platform.ts';
import { reasons, type Reason } from '../sources/reasons.ts';

/** Standard output and error. */
export interface Streams {
  readonly stdout: { write(text: string): unknown; readonly isTTY?: boolean };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

const maxNamedSkips = 5;

/** Control characters but tab and line end, and marks that reorder text. */
const active = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** Removes what a terminal would execute; names, answers and servers' sentences are untrusted. */
export const terminalText = (text: string): string => text.replace(active, '');

/** Formats a citation as `file:line` or `file:first-last`, relative to `cwd`; terminals link it. */
export function formatPlace({ uri, startLine, endLine }: Omit<Citation, 'id'>, cwd: string): string {
  const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
  if (!uri) return `line ${lines}`;
  return `${formatPath(uri, cwd)}:${lines}`;
}

/** Formats a file's address as a path, relative to `cwd` if inside. */
export function formatPath(uri: string, cwd: string): string {
  const path = uri.startsWith('file:') ? fileURLToPath(uri) : uri;
  const inner = relative(cwd, path);
  return inner && !leadsOut(inner) ? inner : path;
}

/** Reasons that are failures, unlike the rules for folders. */
const failures: readonly Reason[] = ['missing', 'no-permission', 'unreadable', 'too-many', 'too-large', 'damaged'];
const failureSentences: ReadonlySet<string> = new Set(failures.map((reason) => reasons[reason]));

/** Returns the result as `partial` if a file could not be read. */
export function withUnreadFiles(result: SummaryResult): SummaryResult {
  if (result.status !== 'complete') return result;
  const isUnread = result.coverage.filesSkipped?.some(({ reason }) => failureSentences.has(reason));
  return isUnread ? { ...result, status: 'partial' } : result;
}

/** Lists the cited places; '' if there are none. */
function formatSources(result: SummaryResult, cwd: string): string {
  if (result.citations.length === 0) return '';
  const list = result.citations.map((citation) => `[${citation.id}] ${formatPlace(citation, cwd)}`);
  return `\nSources:\n${list.join('\n')}\n`;
}

/** Kinds whose hint names the log, which the command does not have. */
const logged: ReadonlySet<ModelError['kind']> = new Set(['bad-request', 'unknown']);

/** What failed, what to do, and the server's own sentence where it said one. */
export function describeModelError(error: ModelError): string {
  const sentence = logged.has(error.kind)
    ? describeFailure(error, translate)
    : createErrorView(error, translate).message;
  return error.said === undefined ? sentence : `${sentence} The server says: “${error.said}”`;
}

/** `1 request`, `2 requests`. */
export const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** Formats USD; undefined means unknown. */
export function priceText(usd: number | undefined): string {
  return usd === undefined ? 'price not known' : `about $${usd.toFixed(usd < 1 ? 4 : 2)}`;
}

/** One line for a plan: requests, tokens, price and time. */
export function estimateText({ estimate, host, model, mapModel, strategy }: PlanReady): string {
  if (!host) return 'Offline: nothing is sent.';
  const models =
    strategy === 'map-reduce' && mapModel !== model ? `read with ${mapModel}, written with ${model}` : model;
  return `${models} at ${host}: ${plural(estimate.calls, 'request')}, about ${Math.round(estimate.inputTokens)} tokens in and ${Math.round(estimate.outputTokens)} out, ${priceText(estimate.costUsd)}, about ${Math.max(1, Math.round(estimate.seconds))} s`;
}

/**
 * Prints a run's events. A terminal gets the streaming summary, a pipe or file the final one. Progress is one
 * line on standard error, only on a terminal.
 */
export class RunPrinter {
  readonly #streams: Streams;
  readonly #live: boolean;
  #streamed = '';
  #total = 0;
  #done = 0;
  #progress = false;
  #host = '';

  constructor(streams: Streams) {
    this.#streams = streams;
    this.#live = streams.stdout.isTTY === true;
  }

  event(event: RunEvent): void {
    switch (event.type) {
      case 'plan':
        this.#total = event.map + event.collapse + 1;
        this.#host = event.host;
        return;
      case 'call-start':
        // not before the plan, whose question may be on this line
        if (this.#done === 0) this.#showProgress(`Sending to ${this.#host} …`);
        return;
      case 'replan':
        this.#total = event.map + event.collapse + 1;
        return;
      case 'call-end':
        this.#done += 1;
        this.#showProgress(`${Math.min(this.#done, this.#total)} of ${this.#total} requests`);
        return;
      case 'wait':
        if (event.waitMs > 2_000) this.#showProgress(`Waiting ${Math.round(event.waitMs / 1000)} s (${event.reason})`);
        return;
      case 'notice':
        this.note(event.message);
        return;
      case 'delta':
        this.#clearProgress();
        this.#streamed += event.text;
        if (this.#live) this.#streams.stdout.write(terminalText(event.text));
        return;
      case 'restart':
        if (this.#streamed && this.#live) this.#streams.stdout.write('\n\n');
        if (this.#streamed) this.note('The answer was interrupted and starts again.');
        this.#streamed = '';
        return;
      default:
        return;
    }
  }

  /** Prints the rest of a finished run: unstreamed text, sources, gaps. */
  finish(result: SummaryResult, cwd: string): void {
    this.#clearProgress();
    if (!this.#live) this.#streams.stdout.write(terminalText(result.markdown));
    if (!result.markdown.endsWith('\n')) this.#streams.stdout.write('\n');
    this.#streams.stdout.write(terminalText(formatSources(result, cwd)));
    for (const gap of result.gaps) this.note(`Not read: ${formatPlace(gap, cwd)} (${gap.reason})`);
    const skipped = result.coverage.filesSkipped ?? [];
    for (const { uri, reason } of skipped.slice(0, maxNamedSkips)) {
      this.note(`Left out: ${uri === '' ? 'some files' : formatPath(uri, cwd)} (${reason})`);
    }
    const more = skipped.length - maxNamedSkips;
    if (more > 0) this.note(`Left out: ${plural(more, 'more file')}; --json lists them.`);
  }

  note(message: string): void {
    this.#clearProgress();
    this.#streams.stderr.write(`precis: ${terminalText(message)}\n`);
  }

  #showProgress(text: string): void {
    if (this.#streams.stderr.isTTY !== true || this.#streamed) return;
    this.#progress = true;
    this.#streams.stderr.write(`\r\u001b[K${terminalText(text)}`);
  }

  #clearProgress(): void {
    if (!this.#progress) return;
    this.#progress = false;
    this.#streams.stderr.write('\r\u001b[K');
  }
}
