/** Implements `Prepare`: in slices on this thread for small texts, in the worker for large ones. */
import type { Hash, Yield } from '../engine/ports.ts';
import type { Prepare } from '../engine/request.ts';
import type { PreparedPart, SourcePart } from '../engine/source.ts';
import { pieceLength, type FromJob, type PrepareInput, type PrepareOutput, type ToJob } from './protocol.ts';
import type { TextWorker } from './textWorker.ts';

interface PrepareOptions {
  /** Salt of this installation, which keeps names of secrets stable. */
  readonly salt: string;
  readonly hash: Hash;
  readonly yield: Yield;
  /** Absent in a browser. */
  readonly worker?: Pick<TextWorker, 'run'>;
  /** Minimum size for the worker, UTF-16 units or bytes. */
  readonly workerAbove?: number;
}

/** Uses the worker above 256 Ki characters. */
export function createPrepare(options: PrepareOptions): Prepare {
  const limit = options.workerAbove ?? 256 * 1024;
  return (part, signal, onProgress) => {
    const large = typeof part.text !== 'string' || part.text.length > limit;
    return large && options.worker
      ? prepareThere(options.worker, options.salt, part, signal, onProgress)
      : prepareHere(options, part, signal, onProgress);
  };
}

async function prepareHere(
  options: PrepareOptions,
  part: SourcePart,
  signal: AbortSignal,
  onProgress: (length: number) => void,
): Promise<PreparedPart> {
  const [{ prepare }, { fold }, { findFormat }, { createMasker, createSecretNamer: secretNamer }] = await Promise.all([
    import('../engine/read/prepare.ts'),
    import('../engine/read/fold/index.ts'),
    import('./formats/index.ts'),
    import('./secrets/secrets.ts'),
  ]);
  signal.throwIfAborted();
  const name = secretNamer(options.salt, options.hash);
  const breathe = async (): Promise<void> => {
    await options.yield();
    signal.throwIfAborted();
  };
  return prepare(part, { fold, findFormat, mask: () => createMasker(name), yield: breathe }, signal, onProgress);
}

async function prepareThere(
  worker: Pick<TextWorker, 'run'>,
  salt: string,
  part: SourcePart,
  signal: AbortSignal,
  onProgress: (length: number) => void,
): Promise<PreparedPart> {
  const { text, places: _, ...rest } = part;
  const chunks: PreparedPart['chunks'][number][] = [];
  const readings = new Map<number, AsyncIterator<string>>();
  let broken: { readonly error: unknown } | undefined;

  const answer = async (reading: number): Promise<ToJob> => {
    try {
      const iterator = readings.get(reading) ?? readPieces(text)[Symbol.asyncIterator]();
      readings.set(reading, iterator);
      const next = await iterator.next();
      return next.done ? { type: 'end', reading } : { type: 'piece', reading, piece: next.value };
    } catch (error) {
      // errors cannot always be transferred, so they are thrown on this side
      broken ??= { error };
      return { type: 'broken', reading };
    }
  };
  const stop = (reading: number): void => {
    const iterator = readings.get(reading);
    readings.delete(reading);
    void iterator?.return?.().then(undefined, () => undefined);
  };
  const onData = (data: unknown, send: (message: unknown) => void): void => {
    const message = data as FromJob;
    if (message.type === 'chunks') chunks.push(...message.chunks);
    else if (message.type === 'progress') onProgress(message.length);
    else if (message.type === 'stop') stop(message.reading);
    else if (!signal.aborted) void answer(message.reading).then(send);
  };
  try {
    const input: PrepareInput = { part: rest, salt };
    const output = (await worker.run('prepare', input, signal, { onData })) as PrepareOutput;
    return { ...output, chunks };
  } catch (error) {
    throw broken && !signal.aborted ? broken.error : error;
  } finally {
    for (const reading of [...readings.keys()]) stop(reading);
  }
}

async function* readPieces(text: SourcePart['text']): AsyncGenerator<string> {
  if (typeof text !== 'string') {
    for await (const piece of text()) {
      for (let at = 0; at < piece.length; at += pieceLength) yield piece.slice(at, at + pieceLength);
    }
    return;
  }
  for (let at = 0; at < text.length; at += pieceLength) yield text.slice(at, at + pieceLength);
}
