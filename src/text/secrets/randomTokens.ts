import type { Finding } from './patternChecks.ts';

const token = /[A-Za-z0-9_+/~.:-]{20,2000}={0,2}/g;
const cue =
  /key|token|secret|passw|credential|\bauth|bearer|log_?in|client\(|webhook|\bapi\b|\bpat\b|sdk|hook|new [A-Z]|[a-z]\.[A-Z]|init(?:ialize)?\(|connect\(|nuget|heroku|cohere|mistral|stripe|twilio|slack|discord|telegram|github|gitlab|datadog|sentry|openai|anthropic|unseal/i;
/** Words directly before tokens of one case. */
const nearCue = /(?:key|token|secret|pat|hooks?|auth|password)["'`]?[ \t]{0,3}[:=(/ ][ \t]{0,3}["'`]?$/i;
/** Paths that end in a token. */
const inPath = /\/(?:t|tokens?|hooks?|webhooks?|services|invite|share|magic|verify|reset|unsubscribe)\/$/i;
/** Words directly before values that are no secret. */
const otherThing =
  /(?:integrity|sha-?\d{1,3}|md5|hash|digest|checksum|etag|finger-?print|signature|uuid|\b(?:id|ids|sid|tid|pid)|[a-z]Id|_id|_ID|ID|nonce|cursor|commit|revision|version|trace|request|span|message|(?:page|next|continuation|sync|resume)[ _-]?token|(?:cache|sort|primary|partition|foreign|public|object|routing|idempotency|dedup\w{0,10}|host)[ _-]?keys?|ssh-\w{1,10}|ecdsa[\w-]{0,20}|pub(?:lic)?|cert\w{0,10}|file|path|url|image|img|src|data|class|model|name)["'`)\]]{0,2}\s{0,3}(?:is\s)?[:=@(/-]{0,2}\s{0,3}["'`(]?$/i;
/** A short prefix, a separator, random characters: the form of most vendors' keys. */
const vendorForm =
  /^(?!sha\d|md5|req|msg|resp|chatcmpl|toolu|call|run|evt|evnt|cus|thread|asst|file|batch)[A-Za-z][A-Za-z0-9]{0,9}[_-](?:[A-Za-z0-9]{1,10}[_-])?(?=[A-Za-z0-9_-]{28,300}$)/i;
const maxBefore = 64;

/** Finds random tokens after a key word, and tokens in the form of vendors' keys. */
export function findRandomTokens(text: string): Finding[] {
  const findings: Finding[] = [];
  token.lastIndex = 0;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const lead = /^[^A-Za-z0-9]*/.exec(match[0])![0].length;
    const value = match[0].slice(lead).replace(/(?<![.:~])[.:~]{1,3}$/, '');
    const start = match.index + lead;
    if (value.length < 20) continue;
    const before = text.slice(Math.max(0, start - maxBefore), start);
    const line = before.slice(before.lastIndexOf('\n') + 1);
    if (otherThing.test(line)) continue;
    if (isToken(value, line)) findings.push({ start, end: start + value.length });
    else if (value.includes('/')) findInSegments(value, start, line, findings);
  }
  return findings;
}

function findInSegments(path: string, offset: number, before: string, findings: Finding[]): void {
  let at = 0;
  for (const segment of path.split('/')) {
    if (segment.length >= 20 && isToken(segment, before + path.slice(0, at)))
      findings.push({ start: offset + at, end: offset + at + segment.length });
    at += segment.length + 1;
  }
}

function isToken(value: string, before: string): boolean {
  const form = vendorForm.exec(value);
  const rest = form ? value.slice(form[0].length) : value;
  if (isDisordered(rest) && (form !== null || cue.test(before) || isSetLoudly(value, before) || inPath.test(before)))
    return true;
  return (
    isDense(rest) &&
    (form !== null ? rest.length >= 32 : value.length >= 24 && (nearCue.test(before) || inPath.test(before)))
  );
}

/** `FAUNADB=…`: a variable of the environment that no other rule knows. */
function isSetLoudly(value: string, before: string): boolean {
  return value.length >= 32 && /(?:^|[\s"'])[A-Z][A-Z0-9_]{2,60}=["']?$/.test(before);
}

/** Whether upper case, lower case and digits alternate more often than in words, paths, hosts or names. */
function isDisordered(value: string): boolean {
  if (/^[0-9a-f-]+$/i.test(value) || /\/\/|::|\.\.|:\d+$/.test(value)) return false;
  if (!/[A-Z]/.test(value) || !/[a-z]/.test(value) || (value.match(/\d/g)?.length ?? 0) < 2) return false;
  // random characters seldom contain a word of six letters
  const words = value.match(/[a-z]{5,}|[A-Z]{6,}/g)?.join('').length ?? 0;
  if (words > value.length * 0.2) return false;
  let changes = 0;
  for (let i = 1; i < value.length; i++) if (classOf(value, i) !== classOf(value, i - 1)) changes++;
  return changes >= value.length * 0.4;
}

/** Whether digits and letters of one case mix, as in base 32 or 36. */
function isDense(value: string): boolean {
  if (/^[0-9a-f-]+$/i.test(value) || !/^(?:[a-z0-9]+|[A-Z0-9]+)$/.test(value)) return false;
  const digits = value.match(/\d/g)?.length ?? 0;
  return digits >= value.length * 0.12 && digits <= value.length * 0.6 && !/[a-z]{14}|[A-Z]{14}|\d{9}/.test(value);
}

function classOf(value: string, index: number): number {
  const code = value.charCodeAt(index);
  return code < 58 ? 0 : code < 91 ? 1 : 2;
}
