/** What the server keeps between requests, and what one request is made of. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { LimitFunction } from 'p-limit';
import type { FaultList } from './faults.ts';
import type { PromptCache } from './promptCache.ts';
import type { RateState } from './limits.ts';
import type { JournalEntry, ProviderOptions, WireId } from './types.ts';
import type { BatchJob, BatchRow, StoredFile } from './batch/store.ts';

export interface ServerState {
  options: ProviderOptions;
  url: string;
  journal: JournalEntry[];
  open: number;
  openCalls: number;
  peak: number;
  faults: FaultList;
  rate: RateState;
  /** Undefined: no queue. */
  slots: LimitFunction | undefined;
  /** How often the same request came, by its hash. */
  repeats: Map<number, number>;
  promptCache: PromptCache;
  files: Map<string, StoredFile>;
  jobs: Map<string, BatchJob>;
  /** Rows of batches that were answered. */
  rows: BatchRow[];
  nextId: number;
  closing: AbortController;
}

export interface Exchange {
  readonly state: ServerState;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly entry: JournalEntry;
  /** Without the query, Gemini's prefix for OpenAI's wire taken off. */
  readonly path: string;
  readonly bytes: Buffer;
  readonly body: Record<string, unknown> | undefined;
  readonly signal: AbortSignal;
}

export function normalPath(url: string): string {
  const path = new URL(url, 'http://local').pathname;
  return path.replace(/^\/v1beta\/openai\//, '/v1/').replace(/(.)\/$/, '$1');
}

export function wireOf(method: string, path: string): WireId {
  if (method !== 'POST') return isBatch(path) ? 'batch' : 'other';
  if (path === '/v1/chat/completions') return 'chat';
  if (path === '/v1/responses') return 'responses';
  if (path === '/v1/messages') return 'messages';
  if (path === '/api/chat') return 'ollama';
  return isBatch(path) ? 'batch' : 'other';
}

function isBatch(path: string): boolean {
  return /^\/v1\/(?:files|batches|messages\/batches)\b|^\/v1beta\/(?:batches\b|models\/[^/]+:batchGenerateContent)/.test(
    path,
  );
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
