/** Async queue with one reader. */
export interface Channel<T> extends AsyncIterable<T> {
  push(value: T): void;
  end(): void;
  fail(error: unknown): void;
}

/** @param onReturn called when reading ends */
export function createChannel<T>(onReturn: () => void): Channel<T> {
  let queue: T[] = [];
  let closed = false;
  let failure: { error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    wake?.();
    wake = undefined;
  };
  return {
    push(value) {
      if (closed) return;
      queue.push(value);
      notify();
    },
    end() {
      closed = true;
      notify();
    },
    fail(error) {
      failure = { error };
      closed = true;
      notify();
    },
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          const ready = queue;
          queue = [];
          for (const value of ready) yield value;
          if (queue.length) continue;
          if (failure) throw failure.error;
          if (closed) return;
          await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        onReturn();
      }
    },
  };
}
