/** Who produces an answer within this window: the first that asks, for all that ask meanwhile. */
export interface Flight {
  /** Resolves with undefined when its producer gave up. */
  readonly answer: Promise<string | undefined>;
  /** Ends the flight; only the first call counts. */
  land(value: string | undefined): void;
}

export interface Flights {
  get(id: string): Flight | undefined;
  /** There must be none of this id. */
  start(id: string): Flight;
  readonly size: number;
}

export function createFlights(): Flights {
  const flights = new Map<string, Flight>();
  return {
    get: (id) => flights.get(id),
    start(id) {
      let resolve!: (value: string | undefined) => void;
      const answer = new Promise<string | undefined>((r) => (resolve = r));
      const flight: Flight = {
        answer,
        land(value) {
          if (flights.get(id) === flight) flights.delete(id);
          resolve(value);
        },
      };
      flights.set(id, flight);
      return flight;
    },
    get size() {
      return flights.size;
    },
  };
}

/** The promise's value, or a rejection with the signal's reason as soon as it is aborted. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
