/** A server whose every answer a test decides, in the words of any wire: what other people's servers do, without their software. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Answer, Asked, Wire } from './provider/types.ts';
import { chatWire } from './provider/wires/chat.ts';
import { messagesWire } from './provider/wires/messages.ts';
import { ollamaWire } from './provider/wires/ollama.ts';
import { responsesWire } from './provider/wires/responses.ts';

export type OddWire = 'chat' | 'responses' | 'messages' | 'ollama';
export const oddWires: readonly OddWire[] = ['chat', 'responses', 'messages', 'ollama'];

const paths: Readonly<Record<OddWire, { readonly path: string; readonly wire: Wire }>> = {
  chat: { path: '/v1/chat/completions', wire: chatWire },
  responses: { path: '/v1/responses', wire: responsesWire },
  messages: { path: '/v1/messages', wire: messagesWire },
  ollama: { path: '/api/chat', wire: ollamaWire },
};

export interface Refuse {
  readonly status: number;
  readonly message: string;
  readonly code?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer, a refusal, a stream without a byte, or a connection that is closed. */
export type Reply =
  | ({ readonly text: string } & Partial<Omit<Answer, 'text'>>)
  | { readonly refuse: Refuse }
  | { readonly raw: string }
  | 'nothing'
  | 'hang-up';

export interface OddRequest extends Asked {
  readonly via: OddWire;
  /** 1 for the first request for an answer. */
  readonly number: number;
  /** Tokens of the prompt, as the server counts them. */
  readonly tokens: number;
  readonly at: number;
}

export interface OddOptions {
  readonly wires: readonly OddWire[];
  reply(asked: OddRequest): Reply;
  /** Answer to any other request: JSON, or a refusal; undefined: 404. */
  probe?(path: string): Refuse | Readonly<Record<string, unknown>> | undefined;
  /** Wait before the head of each answer. */
  readonly delayMs?: number;
}

export interface OddServer {
  readonly url: string;
  readonly asked: readonly OddRequest[];
  readonly probes: readonly string[];
  close(): Promise<void>;
}

/** Tokens of a prompt at four characters each. */
const countTokens = ({ system, user }: Asked): number => Math.ceil((system.length + user.length) / 4);

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
}

function sendJson(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** A refusal in the shape of a wire. */
function refuse(response: ServerResponse, via: OddWire | undefined, refusal: Refuse): void {
  const { status, message, code = 'error', headers } = refusal;
  const bodies = {
    ollama: { error: message },
    messages: { type: 'error', error: { type: code, message } },
    openai: { error: { message, type: code, param: null, code } },
  };
  sendJson(response, status, bodies[via === 'ollama' || via === 'messages' ? via : 'openai'], headers);
}

function completeAnswer(reply: Exclude<Reply, string> & { readonly text: string }, asked: OddRequest): Answer {
  return {
    reasoning: '',
    finish: 'stop',
    inputTokens: asked.tokens,
    cachedTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: Math.ceil(reply.text.length / 4),
    reasoningTokens: 0,
    usage: true,
    ...reply,
  };
}

function answer(response: ServerResponse, asked: OddRequest, reply: Reply): void {
  if (reply === 'hang-up') return void response.destroy();
  if (typeof reply !== 'string' && 'refuse' in reply) return refuse(response, asked.via, reply.refuse);
  const { wire } = paths[asked.via];
  if (typeof reply !== 'string' && 'text' in reply && !asked.stream)
    return sendJson(response, 200, wire.whole(asked, completeAnswer(reply, asked)));
  response.writeHead(200, { 'content-type': asked.via === 'ollama' ? 'application/x-ndjson' : 'text/event-stream' });
  if (reply === 'nothing') return void response.end();
  if ('raw' in reply) return void response.end(reply.raw);
  const frames = wire.frames(asked, completeAnswer(reply, asked));
  const pieces = reply.text.match(/\S*\s*/g)?.filter(Boolean) ?? [];
  const thought = reply.reasoning ? frames.reasoning(reply.reasoning) : '';
  response.end(
    frames.open() + thought + pieces.map((piece) => frames.text(piece)).join('') + frames.close() + frames.done,
  );
}

/** Starts it on a free port. */
export async function startOddServer(options: OddOptions): Promise<OddServer> {
  const asked: OddRequest[] = [];
  const probes: string[] = [];
  const wait = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, options.delayMs ?? 0));
  const server = createServer((request, response) => {
    void (async () => {
      const body = await readBody(request);
      const path = (request.url ?? '').split('?')[0] ?? '';
      const via = options.wires.find((name) => paths[name].path === path && request.method === 'POST');
      if (via === undefined) {
        probes.push(path);
        const told = options.probe?.(path);
        if (told === undefined) return sendJson(response, 404, { detail: 'Not Found' });
        return 'message' in told && 'status' in told
          ? refuse(response, undefined, told as unknown as Refuse)
          : sendJson(response, 200, told);
      }
      const parsed = paths[via].wire.parse(body);
      const one = { ...parsed, via, number: asked.length + 1, tokens: countTokens(parsed), at: performance.now() };
      asked.push(one);
      if (options.delayMs) await wait();
      answer(response, one, options.reply(one));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    probes,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
