/** OpenAI's files: uploads, and the results of batches. */
import { refuseCall } from '../calls.ts';
import { sendJson, type Exchange, type ServerState } from '../state.ts';
import { formParts } from './multipart.ts';
import { seconds, type StoredFile } from './store.ts';

export function notFound(exchange: Exchange): void {
  refuseCall(exchange, { id: 'chat' }, { kind: 'not-found', path: `${exchange.entry.method} ${exchange.path}` });
}

export function answerFiles(exchange: Exchange, id: string | undefined, content: boolean): void {
  const { state, response, entry } = exchange;
  if (id === undefined)
    return entry.method === 'POST'
      ? upload(exchange)
      : sendJson(response, 200, { object: 'list', data: [...state.files.values()].map(fileView), has_more: false });
  const file = state.files.get(id);
  if (file === undefined) return notFound(exchange);
  if (content) {
    if (state.options.batch?.gone) return notFound(exchange);
    response.writeHead(200, { 'content-type': 'application/octet-stream' });
    response.end(file.content);
    return;
  }
  if (entry.method !== 'DELETE') return sendJson(response, 200, fileView(file));
  state.files.delete(id);
  sendJson(response, 200, { id, object: 'file', deleted: true });
}

function fileView(file: StoredFile): unknown {
  const { id, filename, purpose, createdAt, expiresAt, content } = file;
  return {
    id,
    object: 'file',
    bytes: content.length,
    created_at: createdAt,
    expires_at: expiresAt ?? null,
    filename,
    purpose,
    status: 'processed',
  };
}

function upload(exchange: Exchange): void {
  const { state, response } = exchange;
  const parts = formParts(String(exchange.request.headers['content-type'] ?? ''), exchange.bytes);
  const file = parts.find((part) => part.name === 'file');
  const textOf = (name: string): string | undefined =>
    parts.find((part) => part.name === name)?.content.toString('utf8');
  const purpose = textOf('purpose');
  if (file === undefined || purpose === undefined)
    return refuseCall(
      exchange,
      { id: 'chat' },
      { kind: 'invalid', message: "Missing required parameter: 'file' or 'purpose'." },
    );
  const expiry = textOf('expires_after[seconds]');
  const now = seconds(Date.now());
  const stored = addFile(
    state,
    file.filename ?? 'file.jsonl',
    purpose,
    file.content,
    expiry === undefined ? undefined : now + Number(expiry),
  );
  sendJson(response, 200, fileView(stored));
}

export function addFile(
  state: ServerState,
  filename: string,
  purpose: string,
  content: Buffer,
  expiresAt?: number,
): StoredFile {
  const file: StoredFile = {
    id: `file-sim${state.nextId++}`,
    filename,
    purpose,
    content,
    createdAt: seconds(Date.now()),
    expiresAt,
  };
  state.files.set(file.id, file);
  return file;
}
