import type { AnswerCache, CacheNamespace } from '../../src/engine/ports.ts';

/** A cache in memory that keeps everything and lets concurrent runs share answers. */
export function memoryCache(): AnswerCache {
  const values = new Map<string, string>();
  const inFlight = new Map<string, Promise<string | undefined>>();
  const name = (namespace: CacheNamespace, key: string): string => `${namespace} ${key}`;
  return {
    get: (namespace, key) => Promise.resolve(values.get(name(namespace, key))),
    set(namespace, key, value) {
      values.set(name(namespace, key), value);
      return Promise.resolve();
    },
    claim: (namespace, keys) =>
      Promise.resolve(
        keys.map((key) => {
          const id = name(namespace, key);
          const value = values.get(id);
          if (value !== undefined) return { state: 'hit', value };
          const flight = inFlight.get(id);
          if (flight !== undefined) return { state: 'theirs', wait: () => flight };
          let resolveFlight: (value: string | undefined) => void = () => undefined;
          inFlight.set(id, new Promise((resolve) => (resolveFlight = resolve)));
          const settle = (made: string | undefined): Promise<void> => {
            if (made !== undefined) values.set(id, made);
            inFlight.delete(id);
            resolveFlight(made);
            return Promise.resolve();
          };
          return { state: 'ours', settle };
        }),
      ),
  };
}
