/**
 * Finds secrets by name: `DB_PASS=…`, `"apiKey": "…"`, `setPassword("…")`, `<password>…</password>`, `ENV TOKEN …`.
 * Bounded linear scans
 * from each key word.
 */
import type { Finding } from './patternChecks.ts';
import { findNames, type Name } from './secretWords.ts';
import { isCaseNoise, isPlainPassphrase, isSecretValue } from './secretValues.ts';

/** Syntaxes that attach a value, tried in turn. */
const quoteClosing = `["'\`\\])*]{0,3}`;
const valueKey = `(?:value|Value|val|string|default|data)["']?`;
const attachments: readonly (readonly [kind: Attachment, expression: RegExp])[] = [
  [
    'assigned',
    new RegExp(
      `${quoteClosing}[ \\t]{0,16}(?:(?::|[ \\t]As[ \\t])[ \\t]{0,4}[&A-Za-z<>_?|'.[\\]]{1,40}[ \\t]{0,4}=(?![>=])|=>|->|:=|[!=]==?|::(?=[ \\t])|[:=：](?!:)(?:\\*\\*|__|</b>|</strong>)?)[ \\t]{0,16}(?:&[\\w-]{1,30}[ \\t]{1,4}|!!str[ \\t]{1,4}|\\[\\s{0,20}(?=["']))?`,
      'y',
    ),
  ],
  [
    'paired',
    new RegExp(
      `["',:\\s+>|{]{1,60}${valueKey}[ \\t]{0,4}[:=][ \\t]{0,4}|</\\w{1,30}>[\\s+>|"',]{0,60}<(?:value|string)>`,
      'y',
    ),
  ],
  [
    'element',
    /["']?(?:[ \t]{1,4}[\w:.-]{1,40}=(?:"[^"<>\r\n]{0,200}"|'[^'<>\r\n]{0,200}')){0,4}[ \t]{0,4}>(?:[\s+>|"',]{0,60}<(?:value|string|plaintext)>)?(?:<!\[CDATA\[)?/iy,
  ],
  ['argument', /\]?["'][ \t]{0,4},[ \t]{0,16}|\([ \t]{0,4}|[ \t]{0,2},[ \t]{0,2}(?=["'])/y],
  ['cell', /[`"*]{0,2}[ \t]{0,40}[|,][ \t]{0,20}[`"]?/y],
  [
    'nextLine',
    /["']?[ \t]{0,4}[:=]?[ \t]{0,4}(?:[|>][-+]?|<<[-~]?["']?\w{1,20}["']?|=>)?[ \t]{0,4}\r?\n["',\s+>|#*-]{0,60}/y,
  ],
  ['said', /["'*]{0,2} (?:is|was|lautet|ist|est|es|é|è|are)(?: now| set to| jetzt)?[ \t]{0,3}[:=]?[ \t]{1,3}/y],
  [
    'said',
    /["'*]{0,2} (?:for|of|to|on|für|zum|zur|der|des|de|del|di|pour|para|per|do|da)(?: [\p{L}\p{N}._@()-]{1,30}){1,5}(?: (?:is|lautet|ist|est|es|é|è)[:=]?[ \t]{1,3}|[:=]\s{1,4})/uy,
  ],
  ['said', /["'*]{0,2}(?: \p{Ll}[\p{L}\p{N}._@()-]{0,30}){1,4}[:：][ \t]{1,4}/uy],
  ['said', / to (?=["'])/y],
  ['said', /(?:는|은|は|が|：|是)[ \t]{0,3}(?=[\x21-\x7e]{4})/y],
  ['dumped', /["'\]]{1,3}[ \t]{0,4}=>\s{1,40}string\(\d{1,6}\)[ \t](?=")/y],
  ['said', / (?:is|was|has been) (?:generated|set|created|changed|reset)(?: (?:for|to|as|by) \S{1,60})?:[ \t]{1,3}/y],
  ['said', /[是は为為](?:[:：])?[ \t]{0,3}(?=[「『"“']?[\x21-\x7e]{4})/y],
  [
    'said',
    / (?:temporaire|provisoire|initial|temporal|inicial|nueva|temporanea|provvisoria|actuel|actual|atual) ?[:=][ \t]{1,3}/y,
  ],
  ['spaced', /["']?[ \t]{1,8}/y],
];
type Attachment = 'dumped' | 'assigned' | 'paired' | 'element' | 'argument' | 'cell' | 'nextLine' | 'said' | 'spaced';

/** Values of secrets, in order. */
export function findNamedSecrets(text: string): Finding[] {
  const out: Finding[] = [];
  for (const name of findNames(text)) {
    const finding = findValue(text, name);
    if (finding) out.push(finding);
  }
  return out;
}

function findValue(text: string, name: Name): Finding | undefined {
  fallback.lastIndex = name.end;
  if (fallback.test(text)) {
    const value = readValue(text, fallback.lastIndex, 'assigned', false);
    const isDefault = text[fallback.lastIndex - 1] === '-' && text[value?.end ?? 0] === '}';
    if (value && (value.quoted || isDefault) && accepts(text, name, value.quoted ? 'assigned' : 'said', value))
      return { start: value.start, end: value.end };
  }
  for (const [kind, expression] of attachments) {
    expression.lastIndex = name.end;
    if (!expression.test(text)) continue;
    const from = kind === 'nextLine' ? skipPrefix(text, name.start, expression.lastIndex) : expression.lastIndex;
    const value = readValue(text, from, kind, startsLine(text, name.start));
    if (!value) continue;
    if (kind === 'said' || kind === 'assigned') {
      const end = endOfPassphrase(text, name, value);
      if (end !== undefined) return { start: value.start, end };
    }
    if (accepts(text, name, kind, value)) return { start: value.start, end: value.end };
    if (kind !== 'assigned') continue;
    const inner = readWrapped(text, from) ?? readDefault(text, from);
    if (inner && accepts(text, name, 'argument', inner)) return { start: inner.start, end: inner.end };
    fallback.lastIndex = value.end;
    const other =
      value.end > value.start && fallback.test(text) ? readValue(text, fallback.lastIndex, kind, false) : undefined;
    if (other?.quoted && accepts(text, name, kind, other)) return { start: other.start, end: other.end };
    // `password: string = "…"` includes its type; `password:` may continue on the next line
    if (value.end > value.start) return undefined;
  }
  return undefined;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

function readWrapped(text: string, from: number): Value | undefined {
  wrapper.lastIndex = from;
  if (!wrapper.test(text)) return undefined;
  return readValue(text, wrapper.lastIndex, 'argument', false);
}

const templateDefault = /\$\{\{?[^}"'`\r\n]{1,80}(?:\|\||\?\?|:-)[ \t]{0,4}(?=["'])/y;

/** The fallback in `${{ secrets.X || '…' }}`. */
function readDefault(text: string, from: number): Value | undefined {
  templateDefault.lastIndex = from;
  return templateDefault.test(text) ? readValue(text, templateDefault.lastIndex, 'argument', false) : undefined;
}

const plainWords = /[\p{L}\d]{1,16}(?: [\p{L}\d]{1,16}){2,23}(?=[ \t]{0,4}(?:$|[\r\n"'\\#<.,;)]))/uy;

/** End of an unquoted passphrase of several words; undefined if it is none. */
function endOfPassphrase(text: string, name: Name, value: Value): number | undefined {
  if (value.quoted || name.strength !== 'password' || name.text.toLowerCase() === 'pass') return undefined;
  plainWords.lastIndex = value.start;
  const words = plainWords.exec(text)?.[0];
  return words !== undefined && isPlainPassphrase(words, name.text) ? value.start + words.length : undefined;
}

const opening = /(?:[bfurLNE@$]{0,2})("""|'''|["'`“„«「『])/y;
const closings: Readonly<Record<string, string>> = { '“': '”', '„': '“”', '«': '»', '「': '」', '『': '』' };
const bare = /[^\s"'`,;()<>{}[\]|&\\]{1,1000}/y;
/** A value up to the next space, on a line of an env file. */
const bareLine = /[^\s"'`]{1,1000}/y;
/** A value that is the only word up to the line's end. */
const wholeLine = /(?![|>])[^\s"'`{}[\](),]{1,1000}(?=[ \t]*(?:$|[\r\n]))/y;
/** A fallback value: `settings.secret || "…"`. */
const fallback = /["'\])]{0,2}[ \t]{0,4}(?:\|\||\?\?|\?:|:-|\bor\b)[ \t]{0,4}/y;
/** A call around a value: `pack "…"`, `env('APP_PASS', '…')`. */
const wrapper =
  /[A-Za-z_$][\w$.:<>]{0,60}!?(?:\(|[ \t](?=["']))[^"'`\r\n()]{0,40}(?:["'][\w.-]{1,60}["'][ \t]{0,4},[ \t]{0,4})?(?=["'`])/y;
const maxQuoted = 1000;

function readValue(text: string, start: number, kind: Attachment, ownLine: boolean): Value | undefined {
  opening.lastIndex = start;
  const quote = opening.exec(text)?.[1];
  if (quote !== undefined) {
    const from = opening.lastIndex;
    const end = endOfQuote(text, from, closings[quote] ?? quote);
    return end === undefined ? undefined : { start: from, end, quoted: true };
  }
  if (kind === 'argument') return undefined;
  if (kind === 'element') {
    const end = text.indexOf('<', start);
    return end > start && end - start <= maxQuoted ? { start, end, quoted: true } : undefined;
  }
  wholeLine.lastIndex = start;
  const expression =
    kind !== 'assigned' || !ownLine
      ? bare
      : text[start - 1] === '='
        ? bareLine
        : wholeLine.test(text)
          ? wholeLine
          : bare;
  expression.lastIndex = start;
  if (!expression.test(text)) return { start, end: start, quoted: false };
  let { lastIndex: end } = expression;
  if (/[.:,;]/.test(text[end - 1]!) && /\s|$/.test(text[end] ?? '')) end--;
  return { start, end, quoted: false };
}

function endOfQuote(text: string, from: number, closing: string): number | undefined {
  if (closing.length === 3) {
    const end = text.indexOf(closing, from);
    return end > from && end - from <= maxQuoted ? end : undefined;
  }
  const limit = Math.min(text.length, from + maxQuoted);
  for (let i = from; i < limit; i++) {
    const char = text[i]!;
    if (char === '\n' || char === '\r') return undefined;
    if (char === '\\') i++;
    else if (closing.includes(char)) return i > from ? i : undefined;
  }
  return undefined;
}

const maxPrefix = 120;

/** If the next line begins like the name's own, as in a log, the end of that prefix. */
function skipPrefix(text: string, name: number, from: number): number {
  const own = text.slice(text.lastIndexOf('\n', name - 1) + 1, name);
  const next = text.lastIndexOf('\n', from - 1) + 1;
  if (own.trim() === '' || own.length > maxPrefix) return from;
  const form = (prefix: string): string => prefix.replace(/\d/g, '0').trimEnd();
  const wanted = form(own);
  if (form(text.slice(next, next + wanted.length)) !== wanted) return from;
  const at = next + wanted.length;
  return at + (/^[ \t]*/.exec(text.slice(at, at + 20))?.[0].length ?? 0);
}

const lineBegin = /(?:^|[\r\n])[ \t]*(?:[-+>|#*][ \t]*)?(?:(?:export|set|env)[ \t]+)?["']?$/;

function startsLine(text: string, start: number): boolean {
  let end = start;
  while (text[end - 1] === ' ') end--;
  return lineBegin.test(text.slice(Math.max(0, end - 40), end));
}

/** `man/pt_BR/man1/*`. */
function isRelativePath(value: string): boolean {
  const parts = value.split('/');
  return (
    parts.length > 1 &&
    parts.every((part) => /^(?:[a-z][a-z.]{0,11}\d?|[a-z]{2}_[A-Z]{2}|\*|[\w-]{1,30}\.\w{1,4})$/.test(part))
  );
}

/** Up to four words of a configuration line. */
function isDirective(before: string): boolean {
  return /^[ \t]{0,20}(?:[\w.:/-]{1,40}[ \t]{1,8}){1,4}$/.test(before.slice(before.lastIndexOf('\n') + 1));
}

/** Unlike in words and options. */
function hasMixedNoise(value: string): boolean {
  return /[A-Za-z]\d+[A-Za-z]/.test(value) || isCaseNoise(value) || (/\d/.test(value) && /[!#$%&*@]/.test(value));
}

const shouted = /^[A-Z][A-Z0-9_]*$/;

function accepts(text: string, name: Name, kind: Attachment, { start, end, quoted }: Value): boolean {
  const value = text.slice(start, end);
  const before = text.slice(Math.max(0, name.start - 80), name.start);
  const after = text.slice(end, end + 3);
  const gap = text.slice(name.end, start);
  const loud = shouted.test(name.text) && (name.text.includes('_') || kind === 'assigned');
  const context = { name: name.text, strength: name.strength, quoted, loud, comparison: /[!=]=/.test(gap) };
  const judge = (how: 'plain' | 'strict'): boolean => isSecretValue(value, { ...context, strict: how === 'strict' });
  switch (kind) {
    case 'assigned': {
      if (quoted) return judge('plain');
      if (/^[([]/.test(after) || context.comparison) return false;
      // a word alone, not followed by syntax
      const tight = /^["']?=$/.test(gap) && (loud || /^(?:\s|["'<&;]|$)/.test(after)) && !/^\s*[(.]/.test(after);
      const alone = startsLine(text, name.start) && /^[ \t]*(?:$|[\r\n]|#)/.test(after) && !gap.includes(':=');
      return isSecretValue(value, { ...context, strict: !(tight || alone || /[^\x00-\x7f]/.test(name.text)) });
    }
    case 'paired':
    case 'dumped':
    case 'element':
      return judge('plain');
    case 'argument':
      // the name of a variable
      if (/^[A-Z][A-Z0-9_]*$/.test(value)) return false;
      // a list of names has commas too
      return judge(
        gap.includes('(') &&
          name.text !== 'Token' &&
          /^(?:set|with|add|put|use)?[A-Z_]?\w*(?:pass|pwd|secret|token|key)/i.test(name.text)
          ? 'plain'
          : 'strict',
      );
    case 'cell':
      // a name and its value in a table of two columns
      if (gap.includes(',') && !(shouted.test(name.text) && startsLine(text, name.start))) return false;
      return /^[`"]?[ \t]*(?:\||,|$|[\r\n])/.test(after) && judge('strict');
    case 'nextLine':
      return (
        !/^@|^\w{1,60}[=(]/.test(value) &&
        !isRelativePath(value) &&
        /^[ \t]*(?:$|[\r\n"'<\\])/.test(after) &&
        judge('strict')
      );
    case 'said':
      return judge('strict');
    case 'spaced': {
      if (/(?:^|\s)--?$/.test(before)) return !value.startsWith('-') && judge('plain');
      if (
        /\b(?:ENV|ARG|setx|setenv|set -\w{1,4}|(?:configure|config|secrets?|env|variables?) set|config|CONFIG SET|user-secrets set|kv put|etcdctl put)[ \t]+["']?(?:\S{0,60}[/:])?$/i.test(
          before,
        )
      )
        return judge('plain');
      if (/\b(?:login|user|machine|account)[ \t]+\S{1,60}[ \t]+(?:(?:and|und|et|y|e|with|mit)[ \t]+)?$/.test(before))
        return judge('plain');
      if (quoted && (shouted.test(name.text) || /[-_:(]$|^[:(]/.test(before.slice(-1)))) return judge('strict');
      if (quoted && name.strength === 'secret' && value.length >= 20) return /\d/.test(value) && judge('strict');
      if (name.strength !== 'password' || /["'][^]/.test(gap) || value.startsWith('-')) return false;
      // a directive: `storePassword 'a-b1'`, `bindpw a-b`
      if (quoted) return name.text !== 'pass' && (/\d/.test(value) || isCaseNoise(value)) && judge('strict');
      // `neighbor 10.0.0.1 password …` ends its line
      if (isDirective(before) && /^[ \t]*(?:$|[\r\n"'<\\])/.test(after) && hasMixedNoise(value) && judge('strict'))
        return true;
      if (!startsLine(text, name.start) || !/^[ \t]*(?:$|[\r\n"'<\\])/.test(after)) return false;
      return judge(/^[a-z]+(?:pw|pass)$|^[a-z]+Password$/.test(name.text) ? 'plain' : 'strict');
    }
  }
}
