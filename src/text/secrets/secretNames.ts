/**
 * Finds secrets by name: `DB_PASS=…`, `"apiKey": "…"`, `setPassword("…")`, `<password>…</password>`, `ENV TOKEN …`.
 * Bounded linear scans
 * from each key word.
 */
import type { Finding } from './secretPatterns.ts';
import { isSecretValue, type Strength } from './secretValues.ts';

/** Key words, also inside longer names; longer first. */
const keyWord =
  /pass(?:word|wort|wd|phrase|code|key|e(?![a-z]))?|pwd|psw|(?<![a-z])(?:pw|psk|pat|mdp|otp|auth|salt|ordine)(?![a-z])|secret|token|(?<=[a-z_-])key|credential|mnemonic|kennwort|geheim|contrase[nñ]a|senha|clave|segredo|jeton|parola|wachtwoord|has[lł]o|heslo|jelsz[oó]|[sş]ifre|l[oö]senord|adgangskode|salasana|парол[ьяю]|секрет|密[码碼]|口令|暗号|パスワード|비밀번호|암호/giu;

const passwordWords = new Set(
  'pass passe ordine password passwort passwd passphrase passcode passkey pwd psw pw psk otp mdp mnemonic kennwort geheim geheimnis contraseña contrasena senha clave segredo parola wachtwoord hasło haslo heslo jelszó jelszo şifre sifre lösenord losenord adgangskode salasana пароль пароля паролю 密码 密碼 口令 暗号 パスワード 비밀번호 암호'.split(
    ' ',
  ),
);
const secretWords = new Set(
  'secret token salt apikey authkey secretkey accesskey privatekey credential jeton секрет pat'.split(' '),
);
const plurals = new Set(['passwords', 'secrets', 'credentials', 'passwds', 'passphrases']);
/** `key` counts only after these. */
const keyKinds = new Set(
  'api access account auth encryption signing sign master private secret shared x service admin client app consumer storage session crypto hmac jwt subscription deploy webhook license aes cipher decryption primary secondary api_v1 application'.split(
    ' ',
  ),
);
/** May follow in a secret's own name. */
const suffixes = new Set(
  'base value val hash hashed base64 b64 prod production prd dev development test testing staging stage qa uat live old new current previous default plain plaintext clear raw text txt string str env var key keys id primary secondary encoded enc encrypted main master admin root local backup confirm confirmation again repeat repeated data content sha256 md5 bcrypt digest salt user db database'.split(
    ' ',
  ),
);
/** Before the key word they name something else. */
const otherThings = new Set(
  'next page cancellation cancel max min num total prompt completion input output css color colour design eos bos pad unk sep cls mask special stop window binder parse parser lexer syntax unexpected expected public existing pull forgot forgotten show hide toggle is has no wrong missing require requires required needs need invalid cursor json number count sort primary cached reasoning thinking'.split(
    ' ',
  ),
);

interface Name {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly strength: Strength;
}

const maxName = 80;
const nameCharacter = /[\p{L}\p{N}_$.-]/u;

/** Names of secrets, in order. */
export function* findNames(text: string): Generator<Name> {
  keyWord.lastIndex = 0;
  for (let match = keyWord.exec(text); match; match = keyWord.exec(text)) {
    let start = match.index;
    for (; start > 0 && match.index - start < maxName && nameCharacter.test(text[start - 1]!); start--);
    let end = match.index + match[0].length;
    for (const limit = end + maxName; end < text.length && end < limit && nameCharacter.test(text[end]!); end++);
    // a sentence's full stop, an option's dashes
    for (; end > start && /[.-]/.test(text[end - 1]!); end--);
    for (; start < match.index && /[.$-]/.test(text[start]!); start++);
    const name = text.slice(start, end);
    const strength = strengthOf(name);
    keyWord.lastIndex = Math.max(end, match.index + 1);
    if (strength) yield { start, end, text: name, strength };
  }
}

/** How surely a name is a secret's; undefined for others. */
export function strengthOf(name: string): Strength | undefined {
  const words = wordsOf(name);
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i]!;
    const strength = strengthOfWord(word, words[i - 1]);
    if (!strength) continue;
    const [before, after] = [words.slice(0, i), words.slice(i + 1)];
    if (
      before.some(
        (one) =>
          otherThings.has(one) &&
          !(strength === 'password' && /^(?:page|public|window|mask|sort|primary|json|input|output)$/.test(one)),
      )
    )
      return undefined;
    if (!after.every((one) => suffixes.has(one) || /^\d+$/.test(one))) return undefined;
    return strength;
  }
  return undefined;
}

function strengthOfWord(word: string, previous: string | undefined): Strength | undefined {
  if (passwordWords.has(word) || /(?:password|passwd|passwort|passphrase|kennwort|pwd)$/.test(word)) return 'password';
  if (/^(?:db|user|smtp|mail|my|admin|root|sql|ftp|ssh|redis|http|proxy|ldap|key|store)pass$/.test(word))
    return 'password';
  if (secretWords.has(word) || /(?:secret|token|apikey|accesskey|secretkey)$/.test(word)) return 'secret';
  if (word === 'key' && previous !== undefined && keyKinds.has(previous)) return 'secret';
  if (word === 'auth' || word === 'authorization') return 'auth';
  return plurals.has(word) ? 'secret' : undefined;
}

function wordsOf(name: string): string[] {
  return name
    .replace(/([\p{Ll}\p{N}])(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$2 ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Syntaxes that attach a value, tried in turn. */
const quoteClosing = `["'\`\\])*]{0,3}`;
const valueKey = `(?:value|Value|val|string|default|data)["']?`;
const attachments: readonly (readonly [kind: Attachment, expression: RegExp])[] = [
  [
    'assigned',
    new RegExp(
      `${quoteClosing}[ \\t]{0,16}(?::[ \\t]{0,4}[&A-Za-z<>_?|'.[\\]]{1,40}[ \\t]{0,4}=(?![>=])|=>|->|:=|[!=]==?|[:=：](?!:))[ \\t]{0,16}`,
      'y',
    ),
  ],
  [
    'paired',
    new RegExp(`["',\\s+>|{]{1,60}${valueKey}[ \\t]{0,4}[:=][ \\t]{0,4}|</\\w{1,30}>\\s{0,40}<(?:value|string)>`, 'y'),
  ],
  ['element', /["']?[ \t]{0,4}>(?:<!\[CDATA\[)?/y],
  ['argument', /["'][ \t]{0,4},[ \t]{0,16}|\([ \t]{0,4}/y],
  ['nextLine', /["']?[ \t]{0,4}[:=]?[ \t]{0,4}(?:[|>][-+]?)?[ \t]{0,4}\r?\n["',\s+>|#*]{0,60}/y],
  ['said', /["'*]{0,2} (?:is|was|lautet|ist|est|es|é|are)(?: now| set to| jetzt)?[ \t]{0,3}[:=]?[ \t]{1,3}/y],
  ['spaced', /["']?[ \t]{1,8}/y],
];
type Attachment = 'assigned' | 'paired' | 'element' | 'argument' | 'nextLine' | 'said' | 'spaced';

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
  for (const [kind, expression] of attachments) {
    expression.lastIndex = name.end;
    if (!expression.test(text)) continue;
    const value = readValue(text, expression.lastIndex, kind, startsLine(text, name.start));
    if (!value) continue;
    if (accepts(text, name, kind, value)) return { start: value.start, end: value.end };
    if (kind !== 'assigned') continue;
    // `password: string = "…"` has its type; `password:` may continue on the next line
    if (value.end > value.start) return undefined;
  }
  return undefined;
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
}

const opening = /(?:[bfurL@$]{0,2})(["'`“„«])/y;
const closings: Readonly<Record<string, string>> = { '“': '”', '„': '“”', '«': '»' };
const bare = /[^\s"'`,;()<>{}[\]|&\\]{1,1000}/y;
/** A whole line, as in an env file: up to the next space. */
const bareLine = /[^\s"'`]{1,1000}/y;
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
  const expression = kind === 'assigned' && ownLine && text[start - 1] === '=' ? bareLine : bare;
  expression.lastIndex = start;
  if (!expression.test(text)) return { start, end: start, quoted: false };
  let { lastIndex: end } = expression;
  if (/[.:,;]/.test(text[end - 1]!) && /\s|$/.test(text[end] ?? '')) end--;
  return { start, end, quoted: false };
}

function endOfQuote(text: string, from: number, closing: string): number | undefined {
  const limit = Math.min(text.length, from + maxQuoted);
  for (let i = from; i < limit; i++) {
    const char = text[i]!;
    if (char === '\n' || char === '\r') return undefined;
    if (char === '\\') i++;
    else if (closing.includes(char)) return i > from ? i : undefined;
  }
  return undefined;
}

const lineBegin = /(?:^|[\r\n])[ \t]*(?:[-+>|#*][ \t]*)?(?:(?:export|set|env)[ \t]+)?["']?$/;

function startsLine(text: string, start: number): boolean {
  return lineBegin.test(text.slice(Math.max(0, start - 40), start));
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
      const tight = /^["']?=$/.test(gap) && (loud || /^(?:\s|&|;|$)/.test(after)) && !/^\s*[(.]/.test(after);
      const alone = startsLine(text, name.start) && /^[ \t]*(?:$|[\r\n]|#)/.test(after) && !gap.includes(':=');
      return isSecretValue(value, { ...context, strict: !(tight || alone || /[^\x00-\x7f]/.test(name.text)) });
    }
    case 'paired':
    case 'element':
      return judge('plain');
    case 'argument':
      // a list of names has commas too
      return judge(
        gap.includes('(') && /^(?:set|with|add|put|use)?[A-Z_]?\w*(?:pass|pwd|secret|token|key)/i.test(name.text)
          ? 'plain'
          : 'strict',
      );
    case 'nextLine':
      return /^[ \t]*(?:$|[\r\n"'])/.test(after) && judge('strict');
    case 'said':
      return judge('strict');
    case 'spaced': {
      if (/(?:^|\s)--?$/.test(before)) return !value.startsWith('-') && judge('plain');
      if (/\b(?:ENV|ARG|setx|setenv)[ \t]+$/i.test(before)) return judge('plain');
      if (/\b(?:login|user|machine|account)[ \t]+\S{1,60}[ \t]+$/.test(before)) return judge('plain');
      return quoted && shouted.test(name.text) ? judge('plain') : false;
    }
  }
}
