/** The only rules on base URLs: host, whether it is this machine, whether it may be used. */

export interface BaseUrl {
  /** Address as typed, without a slash at the end. */
  readonly url: string;
  readonly origin: string;
  /** Path without a slash at the end; '' for none. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Host and unusual port, for display. */
  readonly host: string;
  readonly hostname: string;
  /** Whether it is an address of this machine. */
  readonly loopback: boolean;
  /** Whether it is this machine or in a local network. */
  readonly local: boolean;
  /** Whether it is plain HTTP to another machine. */
  readonly unencrypted: boolean;
  /** Whether it is plain HTTP beyond the local network, which may carry neither text nor keys. */
  readonly exposed: boolean;
}

/** Codes of `errorMessages`. */
type BaseUrlProblem = 'no-address' | 'secret-address';

/** Private IPv4 and IPv6 ranges, names of local networks, names without a dot. */
const localHost =
  /^(?:10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[789]\d|1[01]\d|12[0-7])\.|169\.254\.)\d+(?:\.\d+)*$|^\[f(?:[cd]|e[89ab])|\.(?:local|lan|home|internal|home\.arpa)$|^[^.:]+$/i;

/** Refuses other schemes than http(s), and URLs with a password or fragment. */
export function parseBaseUrl(text: string): BaseUrl | { readonly problem: BaseUrlProblem } {
  const trimmed = text.trim();
  const url = URL.canParse(trimmed) ? new URL(trimmed) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return { problem: 'no-address' };
  if (url.username || url.password || url.hash) return { problem: 'secret-address' };
  const { hostname } = url;
  const plain = url.protocol === 'http:';
  const loopback = isLoopback(hostname);
  const local = loopback || localHost.test(hostname);
  return {
    url: withoutSlash(trimmed),
    origin: url.origin,
    path: withoutSlash(url.pathname),
    query: Object.fromEntries(url.searchParams),
    host: url.host,
    hostname,
    loopback,
    local,
    unencrypted: plain && !loopback,
    exposed: plain && !local,
  };
}

function withoutSlash(path: string): string {
  return path.replace(/(?<!\/)\/+$/, '');
}

/** Whether it is a name or address of this machine; 0.0.0.0 listens on all of its addresses. */
function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|0\.0\.0\.0|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/i.test(
    hostname,
  );
}

/** Host and unusual port of an address, for display; the text itself if it is none. */
export function toHost(url: string): string {
  const parsed = parseBaseUrl(url);
  return 'problem' in parsed ? url : parsed.host;
}
