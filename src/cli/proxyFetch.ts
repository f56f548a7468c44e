/**
 * A fetch through the environment's proxy: `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, except hosts in `NO_PROXY`. Node itself
 * reads `NODE_EXTRA_CA_CERTS`, but no proxy before version 24.
 */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';

type Environment = Readonly<Record<string, string | undefined>>;
type Callback = (error: Error | null, socket: Socket | null) => void;
interface Target {
  readonly protocol: string;
  readonly hostname: string;
  readonly port: string;
  readonly servername?: string;
}
type AgentClass = new (options: { readonly connect: (target: Target, callback: Callback) => void }) => object;

const connectTimeoutMs = 30_000;

/** Returns the proxy for an address; undefined for a direct connection. */
export function findProxy(url: URL, env: Environment): URL | undefined {
  const read = (name: string): string | undefined => (env[name.toLowerCase()] || env[name])?.trim() || undefined;
  if (isLocal(url.hostname) || isExcepted(url, read('NO_PROXY') ?? '')) return undefined;
  const named = read(url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY') ?? read('ALL_PROXY');
  if (named === undefined) return undefined;
  const address = named.includes('://') ? named : `http://${named}`;
  const proxy = URL.canParse(address) ? new URL(address) : undefined;
  return proxy !== undefined && /^https?:$/.test(proxy.protocol) ? proxy : undefined;
}

function isLocal(hostname: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i.test(hostname);
}

/** `NO_PROXY`: names with optional leading dot and port, including subdomains; `*` for all. */
function isExcepted(url: URL, list: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return list.split(/[\s,]+/).some((entry) => {
    if (entry === '*') return true;
    const [, name = '', only] = /^\*?\.?([^:]+)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    const host = url.hostname.toLowerCase();
    return name !== '' && (only === undefined || only === port) && (host === name || host.endsWith(`.${name}`));
  });
}

/**
 * Creates the fetch of a process outside VS Code.
 * @param fetch the runtime's own; used as is without a proxy, or if the runtime reads the environment
 */
export function createProxyFetch(
  env: Environment,
  fetch: typeof globalThis.fetch = globalThis.fetch,
): typeof globalThis.fetch {
  if (env['NODE_USE_ENV_PROXY'] === '1') return fetch;
  const agents = new Map<string, object>();
  return (input, init) => {
    const proxy = findProxy(new URL(input instanceof Request ? input.url : input), env);
    const Agent = proxy === undefined ? undefined : findAgentClass();
    if (proxy === undefined || Agent === undefined) return fetch(input, init);
    const agent =
      agents.get(proxy.href) ?? new Agent({ connect: (target, callback) => connectThrough(proxy, target, callback) });
    agents.set(proxy.href, agent);
    return fetch(input, { ...init, dispatcher: agent } as RequestInit);
  };
}

/** Dispatcher class of the runtime; its fetch accepts no other. */
function findAgentClass(): AgentClass | undefined {
  // loads the runtime's fetch
  void new Response();
  const dispatcher = (globalThis as unknown as Record<symbol, { readonly constructor: AgentClass } | undefined>)[
    Symbol.for('undici.globalDispatcher.1')
  ];
  return dispatcher?.constructor.name === 'Agent' ? dispatcher.constructor : undefined;
}

/** Opens a `CONNECT` tunnel and TLS through it. */
function connectThrough(proxy: URL, target: Target, callback: Callback): void {
  const isTls = target.protocol === 'https:';
  const authority = `${target.hostname}:${target.port || (isTls ? '443' : '80')}`;
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
  const options: RequestOptions = {
    method: 'CONNECT',
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: proxy.port || (proxy.protocol === 'https:' ? 443 : 80),
    path: authority,
    headers: { host: authority, ...(proxy.username === '' ? {} : { 'proxy-authorization': authorization }) },
    timeout: connectTimeoutMs,
    agent: false,
  };
  const request = proxy.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
  request.once('connect', (response, socket) => {
    if (response.statusCode !== 200) {
      socket.destroy();
      callback(new Error(`The proxy ${proxy.host} refused the connection (HTTP ${response.statusCode ?? 0}).`), null);
      return;
    }
    if (!isTls) {
      callback(null, socket);
      return;
    }
    const servername = target.servername || target.hostname;
    const secure = tlsConnect({ socket, servername, ALPNProtocols: ['http/1.1'] });
    secure.once('secureConnect', () => callback(null, secure));
    secure.once('error', (error) => callback(error, null));
  });
  request.once('timeout', () => request.destroy(new Error(`The proxy ${proxy.host} does not answer.`)));
  request.once('error', (error) => callback(error, null));
  request.end();
}
