import type { LogOutputChannel } from 'vscode';

/** The output channel, which users paste into reports: contains no document text, key or home path. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string, error?: unknown): void;
  hide(value: string): void;
  show(): void;
}

const longest = 600;
const keyLike =
  /\b(?:sk|pk|rk|ghp|gho|xox[a-z]|glpat|hf|AIza)[-_A-Za-z0-9]{12,}|\b(?:bearer|basic|token)\s+[A-Za-z0-9._~+/=-]{12,}|("?(?:api[-_]?key|authorization|password|secret)"?\s*[:=]\s*(?:bearer\s+|basic\s+|token\s+)?)"?[^\s",;]{6,}/gi;

/** Writes to VS Code's channel; paths in `home` are shortened. */
export function createLog(
  channel: Pick<LogOutputChannel, 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'show'>,
  home?: string,
): Log {
  const hidden = new Set<string>();
  const clean = (message: string): string => scrub(message, hidden, home);
  return {
    trace: (message) => channel.trace(clean(message)),
    debug: (message) => channel.debug(clean(message)),
    info: (message) => channel.info(clean(message)),
    warn: (message) => channel.warn(clean(message)),
    error: (message, error) => channel.error(clean(error === undefined ? message : `${message}: ${told(error)}`)),
    hide: (value) => {
      if (value.length >= 6) hidden.add(value);
    },
    show: () => channel.show(true),
  };
}

/** Returns one line of up to 600 characters, without keys and home folder. */
export function scrub(message: string, hidden: ReadonlySet<string>, home?: string): string {
  let out = message.slice(0, longest * 4).replace(/[\r\n\t]+/g, ' ');
  for (const value of hidden) for (const form of listEncodedForms(value)) out = out.replaceAll(form, '***');
  if (home && home.length > 2) {
    out = out.replaceAll(home, '~').replaceAll(home.replaceAll('\\', '/'), '~').replaceAll(encodeURI(home), '~');
  }
  out = out.replace(keyLike, (_, label?: string) => `${label ?? ''}***`);
  return out.length > longest ? `${out.slice(0, longest)}…` : out;
}

/** Plain, percent-encoded, and in base64 at any offset. */
function listEncodedForms(value: string): string[] {
  const bytes = new TextEncoder().encode(value);
  const forms = [value, encodeURIComponent(value), encodeURI(value)];
  for (let shift = 0; shift < 3; shift++) {
    const text = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes));
    const inner = text.slice(shift === 0 ? 0 : shift + 1, Math.floor(((shift + bytes.length) * 8) / 6));
    if (inner.length >= 6) forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'));
  }
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

/** Name and place of an error; its message only if it is ours, because others may quote the text. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const own = error.name === 'ModelError' || error.name === 'SourceError';
  const place = /\n[^\S\n]*at (?:async )?([^\s(]+)/.exec(error.stack ?? '')?.[1];
  return own ? error.message : `${error.name}${place ? ` in ${place.split(/[\\/]/).pop()}` : ''}`;
}
