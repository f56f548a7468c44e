/** One worker thread, started on demand and ended when idle. */
import type { Transferable } from 'node:worker_threads';
import type { ErrorCode } from '../engine/messages.ts';
import { ModelError } from '../engine/model.ts';
import { TransientMap } from '../engine/stages/transientMap.ts';

/** The used members of `worker_threads.Worker`. */
export interface WorkerThread {
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'exit', listener: (code: number) => void): unknown;
  terminate(): Promise<unknown>;
  ref(): void;
  unref(): void;
}

/** `id` identifies a job while it runs. */
export type ToWorker =
  | { readonly id: number; readonly type: 'start'; readonly job: string; readonly input: unknown }
  | { readonly id: number; readonly type: 'data'; readonly data: unknown }
  | { readonly id: number; readonly type: 'cancel' };
/** Any number of `data`, then `done` or `failed`. */
export type FromWorker =
  | { readonly id: number; readonly type: 'data'; readonly data: unknown }
  | { readonly id: number; readonly type: 'done'; readonly result: unknown }
  | { readonly id: number; readonly type: 'failed'; readonly message: string; readonly code?: ErrorCode };

interface JobHandlers {
  /** Called with data that the job sends before its result. */
  readonly onData?: (data: unknown, send: (data: unknown, transfer?: readonly Transferable[]) => void) => void;
}

/** Runs jobs off the main thread. */
export interface TextWorker {
  /** Rejects with the signal's reason, after stopping the worker. */
  run(job: string, input: unknown, signal?: AbortSignal, handlers?: JobHandlers): Promise<unknown>;
  dispose(): void;
}

interface Job {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onData: (data: unknown) => void;
}

function toError({ message, code }: { readonly message: string; readonly code?: ErrorCode }): Error {
  return code === undefined ? new Error(message) : new ModelError({ kind: 'bad-request', code });
}

/** A large nursery would only hold more garbage, because texts are short-lived. */
export const textWorkerOptions = { resourceLimits: { maxYoungGenerationSizeMb: 16 } } as const;

/** @param idleMs time without jobs before the thread ends */
export function createTextWorker(factory: () => WorkerThread, idleMs = 60_000): TextWorker {
  const jobs = new TransientMap<number, Job>();
  let thread: WorkerThread | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  let last = 0;

  const end = (): void => {
    clearTimeout(idle);
    void thread?.terminate();
    thread = undefined;
    failAll(new Error('the text worker was ended'));
  };
  const failAll = (error: Error): void => {
    for (const id of jobs.keys()) take(id)?.reject(error);
  };
  const fail = (which: WorkerThread, error: Error): void => {
    if (thread !== which) return;
    thread = undefined;
    clearTimeout(idle);
    failAll(error);
  };
  const take = (id: number): Job | undefined => {
    const job = jobs.get(id);
    jobs.delete(id);
    return job;
  };
  const finish = (id: number): Job | undefined => {
    const job = take(id);
    if (jobs.size === 0) {
      clearTimeout(idle);
      idle = setTimeout(end, idleMs);
      idle.unref();
      // an idle thread must not keep the process running
      thread?.unref();
    }
    return job;
  };
  const receive = (message: FromWorker): void => {
    switch (message.type) {
      case 'data':
        return jobs.get(message.id)?.onData(message.data);
      case 'done':
        return finish(message.id)?.resolve(message.result);
      case 'failed':
        return finish(message.id)?.reject(toError(message));
    }
  };
  const start = (): WorkerThread => {
    const started = factory();
    started.on('message', (message) => receive(message as FromWorker));
    started.on('error', (error) => fail(started, error));
    started.on('exit', () => fail(started, new Error('the text worker ended')));
    return started;
  };

  /** Returns a function that stops listening. Holds only the job's number, because a signal keeps removed listeners in memory. */
  const cancelWith = (signal: AbortSignal, id: number): (() => void) => {
    const cancel = (): void => {
      if (jobs.has(id)) thread?.postMessage({ id, type: 'cancel' } satisfies ToWorker);
      finish(id)?.reject(signal.reason);
    };
    signal.addEventListener('abort', cancel, { once: true });
    return () => signal.removeEventListener('abort', cancel);
  };

  return {
    run: (job, input, signal, handlers) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) {
          reject(signal.reason as Error);
          return;
        }
        clearTimeout(idle);
        thread ??= start();
        const to = thread;
        to.ref();
        const id = ++last;
        const send = (data: unknown, transfer?: readonly Transferable[]): void =>
          to.postMessage({ id, type: 'data', data } satisfies ToWorker, transfer);
        const listening = signal && cancelWith(signal, id);
        const settled =
          <T>(next: (value: T) => void) =>
          (value: T): void => {
            listening?.();
            next(value);
          };
        jobs.set(id, {
          resolve: settled(resolve),
          reject: settled(reject),
          onData: (data) => handlers?.onData?.(data, send),
        });
        to.postMessage({ id, type: 'start', job, input } satisfies ToWorker);
      }),
    dispose: end,
  };
}
