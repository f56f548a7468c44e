import { parentPort } from 'node:worker_threads';
import type { ErrorCode } from '../engine/messages.ts';
import { ModelError } from '../engine/model.ts';
import { TransientMap } from '../engine/stages/transientMap.ts';
import type { FromWorker, ToWorker } from './textWorker.ts';

/** Channel of a running job. */
export interface JobPort {
  readonly signal: AbortSignal;
  /** Sends something before the result. */
  send(data: unknown): void;
  /** Listens to the other side's messages, in order. */
  onData(listener: (data: unknown) => void): void;
}
/** Resolves to the result. */
export type Job = (input: unknown, port: JobPort) => Promise<unknown>;

let counter: Promise<import('./countTokens.ts').ExactCounter> | undefined;

const jobs: Readonly<Record<string, Job>> = {
  async count(input, { signal }) {
    counter ??= import('./countTokens.ts').then(({ createExactCounter }) => createExactCounter());
    const exact = await counter;
    const counts: number[] = [];
    for (const text of input as readonly string[]) {
      // lets a cancel message in between texts
      await new Promise(setImmediate);
      signal.throwIfAborted();
      counts.push(exact.count(text));
    }
    return counts;
  },
  prepare: async (input, port) => (await import('./prepareJob.ts')).prepareJob(input, port),
  document: async (input) => (await import('./documents.ts')).documentJob(input),
};

interface Running {
  readonly controller: AbortController;
  readonly held: unknown[];
  listener?: (data: unknown) => void;
}
const running = new TransientMap<number, Running>();

function post(message: FromWorker): void {
  parentPort?.postMessage(message);
}

async function start(id: number, name: string, input: unknown): Promise<void> {
  const controller = new AbortController();
  const job: Running = { controller, held: [] };
  running.set(id, job);
  const port: JobPort = {
    signal: controller.signal,
    send: (data) => post({ id, type: 'data', data }),
    onData(listener) {
      job.listener = listener;
      job.held.splice(0).forEach(listener);
    },
  };
  try {
    const work = jobs[name];
    if (work === undefined) {
      throw new Error(`no job is called ${name}`);
    }
    post({ id, type: 'done', result: await work(input, port) });
  } catch (error) {
    post({ id, type: 'failed', ...toFailure(error) });
  } finally {
    running.delete(id);
  }
}

/** Keeps the code of a `ModelError`, because classes are lost between threads. */
function toFailure(error: unknown): { message: string; code?: ErrorCode } {
  const message = error instanceof Error ? error.message : String(error);
  return ModelError.is(error) && error.code !== undefined ? { message, code: error.code } : { message };
}

function receive(message: ToWorker): void {
  const job = running.get(message.id);
  switch (message.type) {
    case 'start':
      void start(message.id, message.job, message.input);
      return;
    case 'data':
      if (job?.listener === undefined) {
        job?.held.push(message.data);
      } else {
        job.listener(message.data);
      }
      return;
    case 'cancel':
      job?.controller.abort();
  }
}

parentPort?.on('message', (message: ToWorker) => receive(message));
