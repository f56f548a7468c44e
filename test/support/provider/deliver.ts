/** Writes an answer at its pace, with the faults that happen on the way. */
import type { ServerResponse } from 'node:http';
import type { Fault } from './faults.ts';
import { until, type Pace } from './latency.ts';
import { cutTokens } from './tokens.ts';
import type { Answer, Asked, JournalEntry, StreamFrames, Wire } from './types.ts';

export interface Delivery {
  readonly response: ServerResponse;
  readonly wire: Wire;
  readonly asked: Asked;
  readonly answer: Answer;
  readonly pace: Pace;
  readonly fault: Fault | undefined;
  readonly entry: JournalEntry;
  /** When work on it begins, ms of `performance.now()`. */
  readonly startedAt: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Aborted when the client went away or the server closes. */
  readonly signal: AbortSignal;
  /** Called before the first byte. */
  readonly onHead: () => void;
}

const midway: ReadonlySet<string> = new Set([
  'reset-midway',
  'end-early',
  'done-without-finish',
  'stall-midway',
  'error-event',
  'broken-json',
]);

export async function deliver(delivery: Delivery): Promise<void> {
  if (delivery.asked.stream && delivery.fault?.kind !== 'whole') await deliverStream(delivery);
  else await deliverWhole(delivery);
}

async function deliverWhole({
  response,
  wire,
  asked,
  answer,
  pace,
  fault,
  entry,
  startedAt,
  headers,
  signal,
  onHead,
}: Delivery): Promise<void> {
  const ready = startedAt + pace.firstMs + pace.perTokenMs * answer.outputTokens;
  if (!(await until(ready, signal))) return;
  const body = JSON.stringify(wire.whole(asked, answer));
  entry.firstTextAt = performance.now();
  entry.writtenTokens = answer.outputTokens;
  onHead();
  response.writeHead(200, { 'content-type': 'application/json', ...headers });
  const half = body.slice(0, Math.floor(body.length * (fault?.share ?? 0.5)));
  switch (fault?.kind) {
    case 'reset-midway':
      response.write(half, () => response.socket?.resetAndDestroy());
      return;
    case 'stall-midway':
      response.write(half);
      await until(performance.now() + (fault.ms ?? 86_400_000), signal);
      response.destroy();
      return;
    case 'end-early':
    case 'done-without-finish':
    case 'broken-json':
      response.end(half);
      return;
    default:
      response.end(body);
  }
}

async function deliverStream(delivery: Delivery): Promise<void> {
  const { response, wire, asked, answer, fault, entry, startedAt, headers, signal, onHead } = delivery;
  const frames = wire.frames(asked, answer);
  const pace = fault?.kind === 'slow' ? { ...delivery.pace, perTokenMs: fault.ms ?? 1000, group: 1 } : delivery.pace;
  const first = startedAt + pace.firstMs;
  if (!(await until(first, signal))) return;
  onHead();
  response.writeHead(200, { 'content-type': frames.contentType, 'cache-control': 'no-cache', ...headers });
  response.flushHeaders();
  const write = writerOf(response, fault);
  await write(frames.open());
  if (fault?.kind === 'keep-alive') await write(frames.keepAlive.repeat(3));
  if (answer.reasoning !== '')
    for (const piece of cutTokens(answer.reasoning, 4)) await write(frames.reasoning(piece.text));
  if (!(await writePieces(delivery, frames, pace, first, write))) return;
  if (!(await until(first + pace.perTokenMs * answer.outputTokens, signal))) return;
  entry.writtenTokens = answer.outputTokens;
  await write(frames.close());
  if (fault?.kind !== 'no-done') await write(frames.done);
  response.end();
}

/** False when the stream has ended before its time. */
async function writePieces(
  { response, answer, fault, entry, signal }: Delivery,
  frames: StreamFrames,
  pace: Pace,
  first: number,
  write: Write,
): Promise<boolean> {
  const pieces = piecesOf(answer, pace, fault);
  const breaksAt =
    fault !== undefined && midway.has(fault.kind) ? Math.max(1, Math.floor(pieces.length * (fault.share ?? 0.5))) : -1;
  let tokens = answer.reasoningTokens;
  for (const [index, piece] of pieces.entries()) {
    if (index === breaksAt && !(await breakStream(fault as Fault, response, frames, write, signal))) return false;
    // The first token comes at the law's first moment, each later event when its last token is written.
    const due = first + pace.perTokenMs * (index === 0 ? tokens : tokens + piece.tokens);
    tokens += piece.tokens;
    if (!(await until(due, signal))) return false;
    entry.firstTextAt ??= performance.now();
    entry.writtenTokens = Math.min(tokens, answer.outputTokens);
    const frame = frames.text(piece.text);
    await write(
      fault?.kind === 'finish-each' ? frame.replace('"finish_reason":null', '"finish_reason":"stop"') : frame,
    );
    if (fault?.kind === 'keep-alive') await write(frames.keepAlive);
  }
  if (breaksAt >= pieces.length) return breakStream(fault as Fault, response, frames, write, signal);
  return true;
}

function piecesOf(answer: Answer, pace: Pace, fault: Fault | undefined): { text: string; tokens: number }[] {
  const group =
    fault?.kind === 'huge'
      ? 4096
      : fault !== undefined && midway.has(fault.kind)
        ? Math.max(1, Math.min(pace.group, Math.floor(answer.text.length / 32)))
        : pace.group;
  return cutTokens(answer.text, group, pace.perTokenMs > 0 ? 1 : group);
}

/** True when the stream goes on all the same. */
async function breakStream(
  fault: Fault,
  response: ServerResponse,
  frames: StreamFrames,
  write: Write,
  signal: AbortSignal,
): Promise<boolean> {
  switch (fault.kind) {
    case 'reset-midway':
      // What was written must have left before the connection goes, or it never arrives.
      await new Promise((resolve) => setTimeout(resolve, 5));
      response.socket?.resetAndDestroy();
      return false;
    case 'end-early':
      response.end();
      return false;
    case 'done-without-finish':
      await write(frames.done);
      response.end();
      return false;
    case 'stall-midway':
      return until(performance.now() + (fault.ms ?? 86_400_000), signal);
    case 'error-event':
      await write(
        frames.error(fault.message ?? 'The server had an error while processing your request. Sorry about that!'),
      );
      response.end();
      return false;
    default:
      await write(frames.broken);
      return true;
  }
}

type Write = (frames: string) => Promise<void>;

function writerOf(response: ServerResponse, fault: Fault | undefined): Write {
  if (fault?.kind === 'crlf') return (text) => Promise.resolve(void response.write(text.replaceAll('\n', '\r\n')));
  if (fault?.kind === 'split-packets') return (text) => writeSplit(response, Buffer.from(text, 'utf8'));
  return (text) => Promise.resolve(void (text === '' || response.write(text)));
}

/** Three bytes a write, each its own chunk: an event, a line and a character are all cut. */
async function writeSplit(response: ServerResponse, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; at += 3) {
    response.write(bytes.subarray(at, at + 3));
    if (at % 30 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
