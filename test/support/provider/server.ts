/** A language model provider on this machine: real HTTP, real wires, a model that repeats all it is given. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import pLimit from 'p-limit';
import { answerCall } from './calls.ts';
import { answerBatch } from './batch/index.ts';
import { guessStage } from './compose.ts';
import { answerEndpoint } from './endpoints.ts';
import { createFaults } from './faults.ts';
import { createRate } from './limits.ts';
import { playBefore } from './before.ts';
import { refuse } from './errors.ts';
import { PromptCache } from './promptCache.ts';
import { normalPath, wireOf, type Exchange, type ServerState } from './state.ts';
import type { JournalEntry, ProviderOptions, SimulatedProvider, WireId } from './types.ts';
import { chatWire } from './wires/chat.ts';
import { messagesWire } from './wires/messages.ts';
import { ollamaWire } from './wires/ollama.ts';
import { responsesWire } from './wires/responses.ts';
import type { Wire } from './types.ts';

const wires: Partial<Record<WireId, Wire>> = {
  chat: chatWire,
  responses: responsesWire,
  messages: messagesWire,
  ollama: ollamaWire,
};

export async function startProvider(initial: ProviderOptions = {}): Promise<SimulatedProvider> {
  const state = createState(initial);
  const listener = (request: IncomingMessage, response: ServerResponse): void => void serve(state, request, response);
  const server = initial.tls ? createSecureServer(initial.tls, listener) : createServer(listener);
  // Node's own limits on headers and requests would end a slow test's connection.
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(initial.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  state.url = `http${initial.tls ? 's' : ''}://127.0.0.1:${port}`;
  return {
    url: state.url,
    port,
    get journal() {
      return state.journal;
    },
    get calls() {
      return state.journal.filter((entry) => entry.wire in wires);
    },
    get batchRows() {
      return state.rows;
    },
    get files() {
      return [...state.files.values()].map(({ id, filename, purpose, expiresAt }) => ({
        id,
        filename,
        purpose,
        expiresAt,
      }));
    },
    get batches() {
      return [...state.jobs.values()].map(({ id, vendor, state: now }) => ({ id, vendor, state: now }));
    },
    get openRequests() {
      return state.open;
    },
    get peakRequests() {
      return state.peak;
    },
    reset(options = {}) {
      const { url } = state;
      Object.assign(state, createState({ ...state.options, ...options }), {
        url,
        open: state.open,
        openCalls: state.openCalls,
      });
    },
    async close() {
      state.closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function createState(options: ProviderOptions): ServerState {
  return {
    options,
    url: '',
    journal: [],
    open: 0,
    openCalls: 0,
    peak: 0,
    faults: createFaults(options.faults ?? []),
    rate: createRate(options.rate ?? {}, performance.now()),
    slots: options.slots === undefined ? undefined : pLimit(options.slots),
    repeats: new Map(),
    promptCache: new PromptCache(),
    files: new Map(),
    jobs: new Map(),
    rows: [],
    nextId: 1,
    closing: new AbortController(),
  };
}

async function serve(state: ServerState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startedAt = performance.now();
  const abort = new AbortController();
  const onClosing = (): void => abort.abort();
  state.closing.signal.addEventListener('abort', onClosing, { once: true });
  state.open++;
  const path = normalPath(request.url ?? '/');
  const wireId = wireOf(request.method ?? 'GET', path);
  const isCall = wireId in wires;
  if (isCall) state.peak = Math.max(state.peak, ++state.openCalls);
  const entry = entryOf(state, request, path, wireId, startedAt);
  response.on('error', () => undefined);
  response.on('close', () => {
    state.open--;
    if (isCall) state.openCalls--;
    entry.endedAt = performance.now();
    entry.status ??= response.headersSent ? response.statusCode : undefined;
    entry.clientClosed =
      !response.writableEnded && entry.fault !== 'reset-midway' && entry.fault !== 'reset-before-headers';
    state.closing.signal.removeEventListener('abort', onClosing);
    abort.abort();
  });
  try {
    const bytes = await bodyOf(request);
    const exchange: Exchange = {
      state,
      request,
      response,
      entry,
      path,
      bytes,
      body: parsed(bytes),
      signal: abort.signal,
    };
    if (state.options.keepBodies !== false) entry.body = exchange.body ?? bytes.toString('utf8');
    await route(exchange, wires[wireId]);
  } catch (error) {
    if (!abort.signal.aborted) fail(response, error);
  }
}

async function route(exchange: Exchange, wire: Wire | undefined): Promise<void> {
  const { state, path, entry, body } = exchange;
  const asked = wire !== undefined && body !== undefined ? wire.parse(body) : undefined;
  if (asked !== undefined) entry.stage = state.options.stageOf ? state.options.stageOf(asked) : guessStage(asked);
  const fault = state.faults.next({ path, method: entry.method, asked, stage: entry.stage });
  if (fault !== undefined) entry.fault = fault.kind;
  if (asked !== undefined) entry.model = asked.model;
  if (fault !== undefined && (await playBefore(exchange, fault, asked))) return;
  const key = state.options.apiKey;
  if (key !== undefined && !authorized(exchange, key))
    return exchange.response.destroyed ? undefined : sendRefused(exchange);
  if (wire !== undefined && asked !== undefined) return answerCall(exchange, wire, asked, fault);
  await (entry.wire === 'batch' ? answerBatch(exchange) : answerEndpoint(exchange));
}

function authorized({ request, state, entry }: Exchange, key: string): boolean {
  const bearer = request.headers.authorization === `Bearer ${key}`;
  const apiKey =
    request.headers['x-api-key'] === key ||
    request.headers['api-key'] === key ||
    request.headers['x-goog-api-key'] === key;
  if (entry.wire === 'messages' && state.options.anthropicAuth === 'x-api-key') return apiKey;
  return bearer || apiKey || entry.path === '/api/version';
}

function sendRefused({ state, response, entry, path }: Exchange): void {
  const wire: WireId =
    path.startsWith('/v1/messages') || entry.headers['anthropic-version'] !== undefined
      ? 'messages'
      : path.startsWith('/api/')
        ? 'ollama'
        : 'chat';
  const error = refuse({ kind: 'auth' }, state.options.flavour ?? 'cloud', wire, entry.number);
  response.writeHead(error.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(error.body));
}

const secretHeaders: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'api-key',
  'x-goog-api-key',
  'cookie',
]);

function entryOf(
  state: ServerState,
  request: IncomingMessage,
  path: string,
  wire: WireId,
  startedAt: number,
): JournalEntry {
  const { headers } = request;
  const kept = Object.entries(headers).filter(([name]) => !secretHeaders.has(name));
  const entry: JournalEntry = {
    number: state.journal.length + 1,
    wire,
    method: request.method ?? 'GET',
    path,
    headers: Object.fromEntries(kept.map(([name, value]) => [name, String(value)])),
    credential: headers.authorization?.startsWith('Bearer ')
      ? 'bearer'
      : headers['x-api-key'] !== undefined
        ? 'x-api-key'
        : headers.authorization !== undefined || headers['api-key'] !== undefined
          ? 'other'
          : 'none',
    body: undefined,
    stage: 'unknown',
    model: '',
    startedAt,
    promptTokens: 0,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    writtenTokens: 0,
    outputTokens: 0,
    clientClosed: false,
  };
  state.journal.push(entry);
  return entry;
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}

function parsed(bytes: Buffer): Record<string, unknown> | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

function fail(response: ServerResponse, error: unknown): void {
  if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
  response.end(
    `the simulated provider failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
  );
}
