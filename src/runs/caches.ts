/** Opens the cache in the workspace's storage, or in a space of this window. */
import * as vscode from 'vscode';
import { realClock } from '../host/clock.ts';
import { getWorkspaceStorage } from '../host/storage.ts';
import type { AnswerCache } from '../engine/ports.ts';
import type { ClosableCache } from '../cache/cache.ts';
import type { Log } from '../host/log.ts';
import type { Settings } from '../host/settings.ts';
import { createWindowId, isAlive } from '../host/windowId.ts';

/** Caches of this window. */
export interface Caches {
  /** @param enabled false to share only pending answers */
  of(enabled: boolean, settings: Settings): Promise<AnswerCache>;
  /** Clears all levels; resolves to the entries and bytes freed. */
  clear(): Promise<{ entries: number; bytes: number }>;
  dispose(): Promise<void>;
}

interface CachesPorts {
  readonly context: vscode.ExtensionContext;
  readonly log: Log;
}

interface Limits {
  ttlMs: number;
  maxBytes: number;
}

const sharedFolder = 'cache-without-folder';

/** Opens each cache at first use. */
export function createCaches(ports: CachesPorts): Caches {
  const { context, log } = ports;
  const window = createWindowId();
  /** Read for each answer, so that settings apply at once. */
  const limits: Limits = { ttlMs: 168 * 3_600_000, maxBytes: 64 * 1024 * 1024 };
  const open = new Map<string, Promise<ClosableCache>>();
  let none: Promise<AnswerCache> | undefined;

  const load = async (place: vscode.Uri | undefined): Promise<ClosableCache> => {
    const [{ createAnswerCache }, { nodeFs }] = await Promise.all([
      import('../cache/cache.ts'),
      import('../cache/fileSystem.ts'),
    ]);
    const started = realClock.now();
    const cache = await createAnswerCache({
      ...(place ? { files: { fs: nodeFs(place.fsPath), alive: (other) => isAlive(other, window) } } : {}),
      memento: {
        get: (key) => context.workspaceState.get(key),
        update: (key, value) => context.workspaceState.update(key, value),
      },
      window,
      clock: realClock,
      now: Date.now,
      limits: () => limits,
      log: (line) => log.warn(line),
    });
    const { files, inState } = cache.stats();
    log.info(
      files && place
        ? `Cache: ${place.fsPath}, ${files.entries} answers, ${Math.ceil(files.bytes / 1024)} KB, opened in ${Math.round(realClock.now() - started)} ms${files.damaged ? `, ${files.damaged} damaged records skipped` : ''}`
        : `Cache: in memory only, ${inState} answers from the workspace's state`,
    );
    return cache;
  };
  const opened = (place: vscode.Uri | undefined): Promise<ClosableCache> => {
    const key = place?.toString() ?? '';
    let cache = open.get(key);
    if (!cache) {
      cache = load(place);
      cache.catch(() => open.delete(key));
      open.set(key, cache);
    }
    return cache;
  };
  const places = (withoutFolder: boolean): vscode.Uri | undefined => {
    const workspace = getWorkspaceStorage(context);
    const place = workspace
      ? vscode.Uri.joinPath(workspace, 'cache')
      : withoutFolder
        ? vscode.Uri.joinPath(context.globalStorageUri, sharedFolder)
        : undefined;
    return place?.scheme === 'file' ? place : undefined;
  };

  const dispose = async (): Promise<void> => {
    const all = [...open.values()];
    open.clear();
    await Promise.allSettled(all.map(async (cache) => (await cache).close()));
  };
  context.subscriptions.push({ dispose: () => void dispose() });

  return {
    of(enabled, settings) {
      if (!enabled) return (none ??= import('../cache/cache.ts').then(({ createNoCache }) => createNoCache()));
      limits.ttlMs = settings['precis.cache.ttlHours'] * 3_600_000;
      limits.maxBytes = settings['precis.cache.maxMegabytes'] * 1024 * 1024;
      return opened(places(settings['precis.cache.withoutFolder']));
    },
    async clear() {
      await opened(places(true));
      const freed = await Promise.all([...open.values()].map(async (cache) => (await cache).clear()));
      return {
        entries: Math.max(0, ...freed.map(({ entries }) => entries)),
        bytes: freed.reduce((sum, { bytes }) => sum + bytes, 0),
      };
    },
    dispose,
  };
}
