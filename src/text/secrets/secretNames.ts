/**
 * Finds secrets by name: `DB_PASS=…`, `"apiKey": "…"`, `setPassword("…")`, `<password>…</password>`, `ENV TOKEN …`.
 * Bounded linear scans
 * from each key word.
 */
import type { Finding } from './secretPatterns.ts';
import { isSecretValue, type Strength } from './secretValues.ts';

/** Key words, also inside longer names; longer first. */
const keyWord =
  /pass(?:word|wort|wd|phrase|code|key|e(?![a-z]))?|pwd|psw|(?<=(?<![a-z])(?:bind|root|admin|user|db|ldap|smtp|ftp|proxy))pw|(?<![a-z])(?:pw|psk|pat|mdp|otp|auth|salt|ordine)(?![a-z])|secret|token|(?:(?:api|access|secret|private|license|master|account|encryption) )key|(?<=[a-z0-9_-])key|credential|mnemonic|kennwort|geheim|contrase[nñ]a|senha|clave|segredo|jeton|parola|wachtwoord|has[lł]o|heslo|jelsz[oó]|[sş]ifre|l[oö]senord|adgangskode|salasana|парол[ьяюаи]|секрет|κωδικ[όο]ς(?: πρόσβασης)?|كلمة (?:المرور|السر)|رمز عبور|گذرواژه|סיסמ[הא]|पासवर्ड|รหัสผ่าน|mật khẩu|kata sandi|lozinka|geslo|parool|slaptažodis|contrasenya|pasahitza|패스워드|密[码碼]|口令|暗号|パスワード|비밀번호|암호/giu;

const passwordWords = new Set(
  'pass passe ordine password passwort passwd passphrase passcode passkey pwd psw pw psk otp mdp mnemonic kennwort geheim geheimnis contraseña contrasena senha clave segredo parola wachtwoord hasło haslo heslo jelszó jelszo şifre sifre lösenord losenord adgangskode salasana пароль пароля паролю парола пароли κωδικός κωδικος πρόσβασης المرور السر عبور گذرواژه סיסמה סיסמא पासवर्ड รหัสผ่าน khẩu sandi lozinka geslo parool slaptažodis contrasenya pasahitza 패스워드 密码 密碼 口令 暗号 パスワード 비밀번호 암호'.split(
    ' ',
  ),
);
const secretWords = new Set(
  'secret token salt apikey authkey secretkey accesskey privatekey credential jeton секрет pat'.split(' '),
);
const plurals = new Set(['passwords', 'secrets', 'credentials', 'passwds', 'passphrases']);
/** Words before `key` that make it a password. */
const networkKinds = new Set(['wpa', 'wpa2', 'wpa3', 'wifi', 'wlan', 'wep', 'network']);
/** Words before `key` that make it a secret. */
const keyKinds = new Set(
  'nuget stripe openai anthropic gemini google maps sendgrid mailgun mailchimp twilio azure aws gcp github gitlab datadog algolia sentry openrouter groq mistral deepseek huggingface pinecone cohere supabase firebase cloudflare heroku rollbar bugsnag segment amplitude mixpanel honeycomb tmdb giphy unsplash weather news steam riot discord slack telegram notion airtable shopify square paypal razorpay braintree adyen plaid coinbase binance kraken alchemy infura etherscan api access account auth encryption signing sign master private secret shared x service admin client app consumer storage session crypto hmac jwt subscription deploy webhook license aes cipher decryption validation primary secondary api_v1 application'.split(
    ' ',
  ),
);
/** Words that may follow in a secret's name. */
const suffixes = new Set(
  'base value val hash hashed base64 b64 prod production prd dev development test testing staging stage qa uat live old new current previous default plain plaintext clear raw text txt string str env var key keys id primary secondary encoded enc encrypted main master admin root local backup phrase confirm confirmation again repeat repeated data content sha256 md5 bcrypt pbkdf2 crypted reset again digest salt user db database'.split(
    ' ',
  ),
);
/** Words before the key word that make it something else. */
const otherThings = new Set(
  'next page cancellation cancel max min num total prompt completion input output css color colour design eos bos pad unk sep cls mask special stop window binder parse parser lexer syntax unexpected expected public existing pull forgot forgotten show hide toggle is has no wrong missing require requires required needs need invalid cursor json number count sort primary cached reasoning thinking fast boarding season'.split(
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
const nameCharacter = /[\p{L}\p{M}\p{N}_$.-]/u;

/** Names of secrets, in order. */
export function* findNames(text: string): Generator<Name> {
  keyWord.lastIndex = 0;
  for (let match = keyWord.exec(text); match; match = keyWord.exec(text)) {
    let start = match.index;
    // scripts without spaces: only the word itself
    const isSpaceless = /[\p{sc=Han}\p{sc=Kana}\p{sc=Thai}]/u.test(match[0]);
    for (; !isSpaceless && start > 0 && match.index - start < maxName && nameCharacter.test(text[start - 1]!); start--);
    let end = match.index + match[0].length;
    for (
      const limit = isSpaceless ? 0 : end + maxName;
      end < text.length && end < limit && nameCharacter.test(text[end]!);
      end++
    );
    // the full stop of a sentence, the dashes of an option
    for (; end > start && /[.-]/.test(text[end - 1]!); end--);
    for (; start < match.index && /[.$-]/.test(text[start]!); start++);
    const name = text.slice(start, end);
    const strength = findStrength(name);
    keyWord.lastIndex = Math.max(end, match.index + 1);
    if (strength) yield { start, end, text: name, strength };
  }
}

/** How certainly a name is a secret's; undefined for others. */
export function findStrength(name: string): Strength | undefined {
  const words = splitName(name);
  for (let i = words.length - 1; i >= 0; i--) {
    const word = words[i]!;
    const strength = getWordStrength(word, words[i - 1]);
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

function getWordStrength(word: string, previous: string | undefined): Strength | undefined {
  if (passwordWords.has(word) || /(?:password|passwd|passwort|passphrase|kennwort|pwd)$/.test(word)) return 'password';
  if (/^(?:db|user|smtp|mail|my|admin|root|sql|ftp|ssh|redis|http|proxy|ldap|key|store|require|bind)pass$/.test(word))
    return 'password';
  if (/^(?:bind|root|admin|user|db|ldap|smtp|ftp|proxy)pw$/.test(word)) return 'password';
  if (secretWords.has(word) || /(?:secret|token|apikey|accesskey|secretkey)$/.test(word)) return 'secret';
  if (/^keys?$/.test(word) && previous !== undefined && keyKinds.has(previous)) return 'secret';
  if (word === 'key' && previous !== undefined && networkKinds.has(previous)) return 'password';
  // a key of any kind: only a random value counts
  if (word === 'key' && previous !== undefined) return 'auth';
  if (word === 'auth' || word === 'authorization' || word === 'tokens') return 'auth';
  return plurals.has(word) ? 'secret' : undefined;
}

function splitName(name: string): string[] {
  return name
    .replace(/([\p{Ll}\p{N}])(?=\p{Lu})|(\p{Lu})(?=\p{Lu}\p{Ll})/gu, '$1$2 ')
    .toLowerCase()
    .split(/[^\p{L}\p{M}\p{N}]+/u)
    .filter(Boolean);
}

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
    new RegExp(`["',\\s+>|{]{1,60}${valueKey}[ \\t]{0,4}[:=][ \\t]{0,4}|</\\w{1,30}>\\s{0,40}<(?:value|string)>`, 'y'),
  ],
  [
    'element',
    /["']?(?:[ \t]{1,4}[\w:.-]{1,40}=(?:"[^"<>\r\n]{0,200}"|'[^'<>\r\n]{0,200}')){0,4}[ \t]{0,4}>(?:\s{0,40}<(?:value|string|plaintext)>)?(?:<!\[CDATA\[)?/iy,
  ],
  ['argument', /\]?["'][ \t]{0,4},[ \t]{0,16}|\([ \t]{0,4}/y],
  ['cell', /[`"*]{0,2}[ \t]{0,40}[|,][ \t]{0,20}[`"]?/y],
  ['nextLine', /["']?[ \t]{0,4}[:=]?[ \t]{0,4}(?:[|>][-+]?)?[ \t]{0,4}\r?\n["',\s+>|#*-]{0,60}/y],
  ['said', /["'*]{0,2} (?:is|was|lautet|ist|est|es|é|è|are)(?: now| set to| jetzt)?[ \t]{0,3}[:=]?[ \t]{1,3}/y],
  [
    'said',
    /["'*]{0,2} (?:for|of|to|on|für|zum|zur|der|des|de|del|di|pour|para|per|do|da)(?: [\p{L}\p{N}._@()-]{1,30}){1,5}(?: (?:is|lautet|ist|est|es|é|è)[:=]?[ \t]{1,3}|[:=]\s{1,4})/uy,
  ],
  ['said', / (?:is|was|has been) (?:generated|set|created|changed|reset)(?: (?:for|to|as|by) \S{1,60})?:[ \t]{1,3}/y],
  ['said', /[是は为為](?:[:：])?[ \t]{0,3}(?=[「『"“']?[\x21-\x7e]{4})/y],
  [
    'said',
    / (?:temporaire|provisoire|initial|temporal|inicial|nueva|temporanea|provvisoria|actuel|actual|atual) ?[:=][ \t]{1,3}/y,
  ],
  ['spaced', /["']?[ \t]{1,8}/y],
];
type Attachment = 'assigned' | 'paired' | 'element' | 'argument' | 'cell' | 'nextLine' | 'said' | 'spaced';

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
    const from = kind === 'nextLine' ? skipPrefix(text, name.start, expression.lastIndex) : expression.lastIndex;
    const value = readValue(text, from, kind, startsLine(text, name.start));
    if (!value) continue;
    if (accepts(text, name, kind, value)) return { start: value.start, end: value.end };
    if (kind !== 'assigned') continue;
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

const opening = /(?:[bfurL@$]{0,2})("""|'''|["'`“„«「『])/y;
const closings: Readonly<Record<string, string>> = { '“': '”', '„': '“”', '«': '»', '「': '」', '『': '』' };
const bare = /[^\s"'`,;()<>{}[\]|&\\]{1,1000}/y;
/** A value up to the next space, on a line of an env file. */
const bareLine = /[^\s"'`]{1,1000}/y;
/** A value that is the only word up to the line's end. */
const wholeLine = /(?![|>])[^\s"'`{}[\](),]{1,1000}(?=[ \t]*(?:$|[\r\n]))/y;
/** A fallback value: `settings.secret || "…"`. */
const fallback = /[ \t]{0,4}(?:\|\||\?\?|\bor\b)[ \t]{0,4}/y;
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
      // the name of a variable
      if (/^[A-Z][A-Z0-9_]*$/.test(value)) return false;
      // a list of names has commas too
      return judge(
        gap.includes('(') && /^(?:set|with|add|put|use)?[A-Z_]?\w*(?:pass|pwd|secret|token|key)/i.test(name.text)
          ? 'plain'
          : 'strict',
      );
    case 'cell':
      // a name and its value in a table of two columns
      if (gap.includes(',') && !(shouted.test(name.text) && startsLine(text, name.start))) return false;
      return /^[`"]?[ \t]*(?:\||,|$|[\r\n])/.test(after) && judge('strict');
    case 'nextLine':
      return !/^@|^\w{1,60}[=(]/.test(value) && /^[ \t]*(?:$|[\r\n"'])/.test(after) && judge('strict');
    case 'said':
      return judge('strict');
    case 'spaced': {
      if (/(?:^|\s)--?$/.test(before)) return !value.startsWith('-') && judge('plain');
      if (
        /\b(?:ENV|ARG|setx|setenv|configure set|user-secrets set|kv put|etcdctl put)[ \t]+["']?(?:\S{0,60}[/:])?$/i.test(
          before,
        )
      )
        return judge('plain');
      if (/\b(?:login|user|machine|account)[ \t]+\S{1,60}[ \t]+(?:(?:and|und|et|y|e|with|mit)[ \t]+)?$/.test(before))
        return judge('plain');
      if (quoted && shouted.test(name.text)) return judge('plain');
      if (name.strength !== 'password' || /["'][^]/.test(gap) || value.startsWith('-')) return false;
      // a directive: `storePassword 'a-b1'`, `bindpw a-b`
      if (quoted) return name.text !== 'pass' && /\d/.test(value) && judge('strict');
      if (!startsLine(text, name.start) || !/^[ \t]*(?:$|[\r\n])/.test(after)) return false;
      return judge(/^[a-z]+(?:pw|pass)$|^[a-z]+Password$/.test(name.text) ? 'plain' : 'strict');
    }
  }
}
