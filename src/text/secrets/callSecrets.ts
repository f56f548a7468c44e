/** Finds secrets among arguments of calls that sign, log in or connect: `auth("svc", "…")`, `sign(data, "…")`. */
import type { Finding } from './patternChecks.ts';
import { isSecretValue } from './secretValues.ts';

const head =
  /(?:[aA]uth(?:entication|enticate|Handler|Provider)?(?:Token)?|AUTH|[cC]redentials?(?:\.basic)?|[lL]ogin|Sequelize|[hH]mac(?:\.[nN]ew)?|jwt\.[a-z]{1,10}|ipheriv|AES\.(?:en|de)crypt|mysqli(?:_connect)?|mysql_connect|oci_connect|odbc_connect|PDO|->connect|(?:WiFi|wifi)\.begin|[fF]ernet|[cC]ookieParser|[iI]nitialize|getConnection|dbConnect)["']?[ \t]{0,4}(?:[:=][ \t]{0,4})?[([{]/g;
const needs = [
  'uth',
  'AUTH',
  'redential',
  'ogin',
  'equelize',
  'mac',
  'jwt',
  'AES',
  'ipheriv',
  'mysql',
  'PDO',
  'onnect',
  'iFi',
  'ifi',
  'ernet',
  'ookieParser',
  'nitialize',
];
/** Calls whose first argument is secret too, if it is random. */
const firstIsSecret =
  /(?:[hH]mac\.[nN]ew|[fF]ernet|[cC]ookieParser|[lL]ogin|[aA]uthenticate|[iI]nitialize|[cC]redentials?)["']?[ \t]{0,4}\($/;
const algorithm = /^(?:sha[-_]?\d+|md5|[hrep]s\d{3}|eddsa|aes[-\w]*|utf-?8|base64(?:url)?|hex|latin1|none|pkcs\w*)$/i;
const host = /^[\w-]+(?:\.[\w-]+)+(?::\d+)?$/;
const context = { name: '', strength: 'password', quoted: true, loud: false, strict: true } as const;
const maxCall = 400;

/** Finds quoted arguments after the first that look like secrets. */
export function findInCalls(text: string): Finding[] {
  const findings: Finding[] = [];
  if (!needs.some((need) => text.includes(need))) return findings;
  head.lastIndex = 0;
  for (let match = head.exec(text); match; match = head.exec(text)) {
    const first = firstIsSecret.test(match[0]);
    for (const { start, end } of laterArguments(text, head.lastIndex, first)) {
      const value = text.slice(start, end);
      if (!algorithm.test(value) && !host.test(value) && isSecretValue(value, context)) findings.push({ start, end });
    }
  }
  return findings;
}

/** Finds strings after the first comma up to the closing bracket, the line's end or a limit; skips keys of objects. */
function laterArguments(text: string, from: number, withFirst: boolean): Finding[] {
  const found: Finding[] = [];
  const limit = Math.min(text.length, from + maxCall);
  let depth = 1;
  let later = withFirst;
  for (let i = from; i < limit; i++) {
    const char = text[i]!;
    if (char === '\n') break;
    if (char === ',') later = true;
    if (char === '(' || char === '[' || char === '{') depth++;
    if ((char === ')' || char === ']' || char === '}') && --depth === 0) break;
    if (char !== '"' && char !== "'") continue;
    const start = i + 1;
    for (i = start; i < limit && text[i] !== char && text[i] !== '\n'; i++) if (text[i] === '\\') i++;
    if (i >= limit || text[i] !== char) break;
    if (later && text[i + 1] !== ':') found.push({ start, end: i });
  }
  return found;
}
