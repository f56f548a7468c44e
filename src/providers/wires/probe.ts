/**
 * Queries a server about itself, once an address and session. A loading or busy server is queried again before planning; a
 * wrong key ends the queries.
 */
import { ModelError } from '../../engine/model.ts';
import { briefly, createCachedQuery, Unanswered, type CachedQuery } from '../cachedQuery.ts';
import type { Endpoint } from '../endpoint.ts';
import { createCancelledError } from '../errors.ts';
import { sendJson, type Fetch, type Json } from '../http.ts';
import type { ProviderConfig, ProviderMemory } from '../provider.ts';

interface ProbeAccess {
  readonly at: Endpoint;
  readonly fetch: Fetch;
}

/** `status` if refused; `silent` without an answer in time. */
type ProbeResult = { readonly json: Json } | { readonly status: number; readonly error?: ModelError } | 'silent';

interface Session {
  readonly queries: Map<string, CachedQuery<ProbeResult>>;
  /** Accounts whose key was refused. */
  readonly locked: Set<string>;
}

const sessions = new WeakMap<ProviderMemory, Session>();

/** For a local server that loads a model. */
const loadingMs = 60_000;
/** For a hosted server. */
const busyMs = 3000;
const pauseMs = 500;

/**
 * Queries one address.
 * @param path below the endpoint's root, or a URL
 * @throws ModelError if unreachable, or on abort
 */
export function probe(
  config: ProviderConfig,
  access: ProbeAccess,
  path: string,
  signal: AbortSignal,
  body?: Json,
): Promise<ProbeResult> {
  const session = sessions.get(config.memory) ?? { queries: new Map(), locked: new Set() };
  sessions.set(config.memory, session);
  const url = path.startsWith('http') ? path : access.at.root + path;
  const account = `${config.account} ${access.at.base}`;
  const key = `${account} ${url} ${body === undefined ? '' : JSON.stringify(body)}`;
  const query =
    session.queries.get(key) ??
    createCachedQuery(
      (own) => ask(config, access, url, body, own, session, account),
      (answer) => answer !== 'silent' && !('status' in answer && isLoading(answer.status)),
    );
  session.queries.set(key, query);
  return query.get(signal);
}

/** Returns undefined without an answer; throws on abort. */
export async function probeQuietly(
  config: ProviderConfig,
  access: ProbeAccess,
  path: string,
  signal: AbortSignal,
  body?: Json,
): Promise<Json | undefined> {
  try {
    const result = await probe(config, access, path, signal, body);
    return typeof result === 'object' && 'json' in result ? result.json : undefined;
  } catch (error) {
    if (signal.aborted) throw error;
    return undefined;
  }
}

/** Forgets the session's answers, for a newly chosen model or server. */
export function forgetProbes(memory: ProviderMemory): void {
  sessions.delete(memory);
}

async function ask(
  config: ProviderConfig,
  access: ProbeAccess,
  url: string,
  body: Json | undefined,
  signal: AbortSignal,
  session: Session,
  account: string,
): Promise<ProbeResult> {
  const { host, local } = access.at;
  const until = Date.now() + (local ? loadingMs : busyMs);
  for (let silences = 0; ;) {
    if (session.locked.has(account)) return { status: 401 };
    try {
      return {
        json: await briefly(host, signal, (brief) => sendJson({ fetch: access.fetch, host, url, body, signal: brief })),
      };
    } catch (error) {
      if (signal.aborted || !(error instanceof ModelError)) throw error;
      const silent = error instanceof Unanswered;
      silences += Number(silent);
      if (silent && silences > 1) return 'silent';
      const status = error.status ?? (silent ? 503 : 0);
      if (status === 0) throw error;
      if (status === 401) session.locked.add(account);
      if (!isLoading(status) || Date.now() > until) return { status, error };
      config.log?.(
        `${host} is not ready (${silent ? 'no answer' : `HTTP ${status}`}); asking again before the work is planned`,
      );
      await pause(signal);
    }
  }
}

function isLoading(status: number): boolean {
  return status === 503 || status === 502 || status === 504 || status === 429;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(createCancelledError(signal.reason));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, pauseMs);
    signal.addEventListener('abort', stop, { once: true });
  });
}
