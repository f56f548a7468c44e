import type { Translate } from '../engine/messages.ts';

export interface BaseUrl {
  /** Without a slash at the end. */
  readonly url: string;
  /** Name and port, as people read it. */
  readonly host: string;
  readonly loopback: boolean;
  /** Plain HTTP to another machine. */
  readonly exposed: boolean;
}

/** Reads an address, or says why it cannot be used. */
export function parseBaseUrl(text: string, t: Translate): BaseUrl | { readonly problem: string } {
  const trimmed = text.trim();
  if (!URL.canParse(trimmed)) return { problem: t('The address “{0}” is not a URL.', trimmed.slice(0, 80)) };
  const url = new URL(trimmed);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    return { problem: t('The address must begin with https:// or http://.') };
  if (url.username || url.password)
    return { problem: t('The address must not hold a user name or password; store the key with “Set API Key”.') };
  if (url.hash || url.search) return { problem: t('The address must not have a “?” or “#” part.') };
  const loopback = isLoopback(url.hostname);
  return {
    url: trimmed.replace(/(?<!\/)\/+$/, ''),
    host: url.host,
    loopback,
    exposed: url.protocol === 'http:' && !loopback,
  };
}

/** Names and addresses of this machine. */
export function isLoopback(hostname: string): boolean {
  const name = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  return (
    /^(?:.+\.)?localhost$|^127(?:\.\d{1,3}){3}$|^::1$|^::ffff:7f[\da-f]{2}:/.test(name) ||
    // listeners on every address, meaning this machine
    name === '0.0.0.0'
  );
}
