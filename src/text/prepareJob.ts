import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { PreparedPart, SourcePart } from '../engine/source.ts';
import { fold } from '../engine/read/fold/index.ts';
import { prepare } from '../engine/read/prepare.ts';
import { findFormat } from './formats/index.ts';
import { TransientMap } from '../engine/stages/transientMap.ts';
import { chunksAtOnce, type FromJob, type PrepareInput, type PrepareOutput, type ToJob } from './protocol.ts';
import { createMasker, createSecretNamer } from './secrets/secrets.ts';
import type { JobPort } from './worker.ts';

/** Job of `worker.ts`: takes `PrepareInput`, returns `PrepareOutput`; sends chunks before. */
export async function prepareJob(input: unknown, port: JobPort): Promise<PrepareOutput> {
  const { part, salt } = input as PrepareInput;
  const send = (message: FromJob): void => port.send(message);
  const name = createSecretNamer(salt, (text) => createHash('sha256').update(text, 'utf8').digest('hex'));
  const ports = {
    fold,
    findFormat,
    mask: () => createMasker(name),
    yield: async () => {
      // lets a cancel message arrive
      await setImmediate();
      port.signal.throwIfAborted();
    },
  };
  const source: SourcePart = { ...part, text: pulled(port, send) };
  const prepared = await prepare(source, ports, port.signal, (length) => send({ type: 'progress', length }));
  return handOver(prepared, send);
}

async function handOver(prepared: PreparedPart, send: (message: FromJob) => void): Promise<PrepareOutput> {
  const { chunks, ...rest } = prepared;
  for (let at = 0; at < chunks.length; at += chunksAtOnce) {
    send({ type: 'chunks', chunks: chunks.slice(at, at + chunksAtOnce) });
    await setImmediate();
  }
  return rest;
}

/** Yields pieces, requested one by one. */
function pulled(port: JobPort, send: (message: FromJob) => void): () => AsyncIterable<string> {
  const waiting = new TransientMap<number, (message: ToJob) => void>();
  port.onData((data) => {
    const message = data as ToJob;
    waiting.get(message.reading)?.(message);
  });
  const pull = (reading: number): Promise<ToJob> =>
    new Promise((resolve, reject) => {
      const stopped = (): void => reject(port.signal.reason as Error);
      port.signal.addEventListener('abort', stopped, { once: true });
      waiting.set(reading, (message) => {
        port.signal.removeEventListener('abort', stopped);
        waiting.delete(reading);
        resolve(message);
      });
      send({ type: 'pull', reading });
    });
  let last = 0;
  return async function* () {
    const reading = ++last;
    try {
      // the next piece is requested meanwhile
      for (let next = pull(reading); ;) {
        const message = await next;
        if (message.type === 'end') return;
        if (message.type === 'broken') throw new Error('the text cannot be read on');
        next = pull(reading);
        next.catch(() => undefined);
        yield message.piece;
      }
    } finally {
      send({ type: 'stop', reading });
      waiting.delete(reading);
    }
  };
}
