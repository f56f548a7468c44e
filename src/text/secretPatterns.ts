/**
 * Secrets that the maintained rule set does not find, or finds only in the shape that its vendor documents.
 * Every quantifier is bounded and no two neighbours match the same characters: a hostile text costs no more than an ordinary one.
 */

/** Characters `start` to `end` are secret. */
export interface Finding {
  readonly start: number;
  readonly end: number;
}

interface Pattern {
  /** Global; the group named `s` is the secret, else the whole match. */
  readonly regex: RegExp;
  /** At least one of these (lower case where `fold`) stands in a text that holds the secret: the cheap test before the pattern. */
  readonly needs: readonly string[];
  readonly accept?: (secret: string, match: RegExpExecArray) => boolean;
}

/** Vendors' tokens that are told by how they begin. */
const prefixed: readonly (readonly [prefixes: readonly string[], tail: string])[] = [
  [['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], '[A-Za-z0-9]{30,255}'],
  [['github_pat_'], '[A-Za-z0-9_]{22,255}'],
  [['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glsoat-', 'glcbt-'], '[A-Za-z0-9_.-]{16,255}'],
  [['sk-ant-', 'sk-proj-', 'sk-svcacct-', 'sk-admin-', 'sk-or-v1-'], '[A-Za-z0-9_-]{20,255}'],
  [['sk-'], '[A-Za-z0-9]{32,100}'],
  [['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'], '[A-Za-z0-9]{16,255}'],
  [['AIza'], '[A-Za-z0-9_-]{35}'],
  [['ya29.', 'GOCSPX-', '1//0'], '[A-Za-z0-9_-]{20,512}'],
  [['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-', 'xapp-', 'xoxe.xox'], '[A-Za-z0-9.-]{10,255}'],
  [
    [
      'npm_',
      'pypi-',
      'rubygems_',
      'hf_',
      'gsk_',
      'r8_',
      'nvapi-',
      'pplx-',
      'xai-',
      'lin_api_',
      'ntn_',
      'figd_',
      'sntrys_',
      'sntryu_',
      'dckr_pat_',
      'dckr_oat_',
      'vercel_',
    ],
    '[A-Za-z0-9_=-]{20,512}',
  ],
  [['hvs.', 'hvb.', 'hvr.', 's.'], '[A-Za-z0-9_-]{24,300}'],
  [['SG.'], '[A-Za-z0-9_-]{16,32}\\.[A-Za-z0-9_-]{16,64}'],
  [['shpat_', 'shpca_', 'shppa_', 'shpss_'], '[A-Fa-f0-9]{32}'],
  [['dop_v1_', 'doo_v1_', 'dor_v1_'], '[a-f0-9]{64}'],
  [['dapi'], '[a-f0-9]{32}(?:-\\d)?'],
  [['key-'], '[a-f0-9]{32}'],
  [['SK', 'AC'], '[a-f0-9]{32}'],
  [['xkeysib-', 'xsmtpsib-'], '[a-f0-9]{64}(?:-[A-Za-z0-9]{16})?'],
  [
    [
      'PMAK-',
      'NRAK-',
      'NRII-',
      'glsa_',
      'glc_',
      'AKCp',
      'ATATT3',
      'ATCTT3',
      'ATBB',
      'sq0csp-',
      'sq0atp-',
      'EAAC',
      'tskey-',
      'pul-',
      'age-secret-key-1',
      'AGE-SECRET-KEY-1',
      'ops_',
      'CFPAT-',
      'shippo_live_',
      'duffel_live_',
      'EZAK',
    ],
    '[A-Za-z0-9_=+/-]{20,1200}',
  ],
  [['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3TX'], '[A-Z0-9]{16}'],
  [['LTAI'], '[A-Za-z0-9]{12,24}'],
  [['AKID'], '[A-Za-z0-9]{32}'],
  [['pk.eyJ', 'sk.eyJ'], '[A-Za-z0-9_-]{20,300}\\.[A-Za-z0-9_-]{16,64}'],
];

const keyWords =
  'password|passwd|passwort|passphrase|passcode|pwd|secret|token|api[_-]?key|apikey|access[_-]?key|account[_-]?key|shared[_-]?access[_-]?key|auth[_-]?key|encryption[_-]?key|signing[_-]?key|master[_-]?key|private[_-]?key|credentials?|cookie[_-]?secret';

/** A name that ends in one of the words, with what may stand between name and value. */
const named = `(?<![A-Za-z0-9])(?<k>[A-Za-z0-9_.-]{0,60}?(?:${keyWords})(?:[_-]?(?:key|id|value|base64|hash|prod|dev|test|\\d)){0,2})`;

export const patterns: readonly Pattern[] = [
  ...prefixed.map(([prefixes, tail]): Pattern => {
    const starts = prefixes.map((prefix) => prefix.replace(/[.+/]/g, '\\$&')).join('|');
    return {
      regex: new RegExp(`(?<![A-Za-z0-9_])(?:${starts})${tail}(?![A-Za-z0-9])`, 'g'),
      needs: prefixes,
      accept: varied,
    };
  }),
  // JSON web tokens, signed or not
  {
    regex: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]{8,5500}\.[A-Za-z0-9_-]{0,1500}/g,
    needs: ['eyJ'],
  },
  // HTTP headers
  {
    regex:
      /\b(?:authorization|bearer|x-api-key|api-key|x-auth-token|private-token|proxy-authorization)["']?[ \t]{0,4}[:=]?[ \t]{0,4}["']?(?:(?:bearer|basic|token|digest|apikey)[ \t]{1,4})?(?<s>[A-Za-z0-9._~+/=-]{16,4000})/gi,
    needs: ['uthorization', 'UTHORIZATION', 'earer', 'EARER', 'pi-key', 'PI-KEY', 'pi-Key', 'oken', 'OKEN'],
    accept: (secret) => varied(secret) && /[0-9]|[A-Z].*[a-z]|[a-z].*[A-Z]|=$/.test(secret),
  },
  { regex: /\b(?:cookie|set-cookie)["']?:[ \t]{0,4}["']?(?<s>[^\s"'][^\r\n"']{11,4000})/gi, needs: ['ookie', 'OOKIE'] },
  // user:password@host in any scheme
  {
    regex: /\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s:/?#@"'<>]{0,100}:(?<s>[^\s/?#@"'<>]{1,200})@(?=[A-Za-z0-9[])/gi,
    needs: ['://'],
    accept: (secret) => !template(secret),
  },
  // signatures and keys in queries
  {
    regex:
      /[?&;](?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token|access_token|refresh_token|id_token|client_secret|api_?key|auth|key|token|code|password|pwd)=(?<s>[A-Za-z0-9._~+/%=-]{12,2000})/gi,
    needs: ['?', '&', ';'],
    accept: (secret) => varied(secret) && /\d/.test(secret),
  },
  // webhooks that are secrets as a whole
  {
    regex:
      /https:\/\/(?:hooks\.slack\.com\/(?:services|workflows|triggers)|(?:ptb\.|canary\.)?discord(?:app)?\.com\/api\/webhooks|[a-z0-9.-]{1,60}\.webhook\.office\.com\/webhookb2|outlook\.office\.com\/webhook)\/(?<s>[A-Za-z0-9_@/-]{16,300})/g,
    needs: ['hooks.slack.com', '/api/webhooks', 'webhook.office.com', 'office.com/webhook'],
  },
  // bots
  { regex: /(?<![A-Za-z0-9])\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])/g, needs: [':AA'] },
  {
    regex: /(?<![A-Za-z0-9])[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}(?![A-Za-z0-9_-])/g,
    needs: ['.'],
    accept: (secret) => mixed(secret),
  },
  // name = "value"
  {
    regex: new RegExp(
      `${named}["'\\]]{0,2}[ \\t]{0,12}(?::[ \\t]{0,4}[&A-Za-z<>_?|'.]{1,40}[ \\t]{0,4}=|=>|:=|===?|!=|[:=])[ \\t]{0,12}[A-Za-z]{0,2}(?<q>["'\`])(?<s>[^"'\`\\r\\n]{4,1000})\\k<q>`,
      'gi',
    ),
    needs: [],
    accept: (secret, match) => !template(secret) && !prose(secret) && !isNameOf(match.groups?.['k'] ?? '', secret),
  },
  // name=value, name: value without quotes
  {
    regex: new RegExp(
      `${named}["']?[ \\t]{0,12}(?<o>=>|:=|[:=])[ \\t]{0,12}(?<s>[^\\s"'\`,;()<>{}\\[\\]|&\\\\]{4,1000})(?![A-Za-z0-9(])`,
      'gi',
    ),
    needs: [],
    accept: (secret, match) => bareValue(secret, match),
  },
  // --password value, -p value is too ambiguous
  {
    regex:
      /--(?:password|passwd|passphrase|token|secret|api-?key|access-token|client-secret|auth-token)[ =](?<s>[^\s"'`$<{(]{4,500})/gi,
    needs: ['--'],
    accept: (secret) => !template(secret) && !secret.startsWith('-'),
  },
];

/** The words without which no named pattern can match, as one cheap test. */
const anyKeyWord = new RegExp(`${keyWords.replaceAll('credentials?', 'credential')}`, 'i');

/** Our own findings in a text, in no order, possibly overlapping. */
export function findByPatterns(text: string): Finding[] {
  const out: Finding[] = [];
  const hasKeyWord = anyKeyWord.test(text);
  for (const pattern of patterns) {
    const possible = pattern.needs.length ? pattern.needs.some((need) => text.includes(need)) : hasKeyWord;
    if (!possible) continue;
    pattern.regex.lastIndex = 0;
    for (let match = pattern.regex.exec(text); match; match = pattern.regex.exec(text)) {
      const secret = match.groups?.['s'] ?? match[0];
      if (pattern.accept && !pattern.accept(secret, match)) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      out.push({ start, end: start + secret.length });
    }
  }
  return out;
}

/** Random text has many different characters; `xxxxxxxx` and `--------` do not. */
function varied(secret: string): boolean {
  return new Set(secret.slice(-24)).size >= 6 && !/example|placeholder|your[-_]/i.test(secret.slice(0, 60));
}

function mixed(secret: string): boolean {
  return /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret);
}

/** A place where a secret will be put, not one. */
function template(value: string): boolean {
  return (
    /^(?:\$[{(]?|%[({A-Z]|\{\{|<|\[|@\{|#\{|process\.env|os\.environ|env\.|ENV\[|secrets\.|vault:|var\.|local\.|arn:)/i.test(
      value,
    ) ||
    /^(.)\1*$/.test(value) ||
    /^(?:x{3,}|\*{3,}|\.{3,}|redacted|masked|hidden|none|null|nil|undefined|true|false|required|optional|string|changeme|todo|tbd|n\/a|your[-_ ].*|‹secret-.*)$/i.test(
      value,
    )
  );
}

/** A sentence for a person ("Enter your password"), not a value. */
function prose(value: string): boolean {
  return /^[^\d]*\s[^\d]*\s[^\d]*$/.test(value) || /^[A-Z][a-z]+(?: [a-z]+)+[.:!?]?$/.test(value);
}

/** `token: "token"`, `passwordField: "password"`: a name, not a value. */
function isNameOf(key: string, value: string): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/[^a-z]/g, '');
  const [a, b] = [plain(key), plain(value)];
  return b.length === value.replace(/[-_. ]/g, '').length && (a.includes(b) || b.includes(a) || anyKeyWord.test(value));
}

function bareValue(secret: string, match: RegExpExecArray): boolean {
  if (template(secret) || isNameOf(match.groups?.['k'] ?? '', secret)) return false;
  if (/^\d{1,7}(?:\.\d+)?$/.test(secret)) return false;
  // a path of names is code: request.token, this.config.apiKey, Optional[str]
  if (/^(?:[A-Za-z_$][\w$]*)(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+[.;]?$/.test(secret)) return false;
  if (/\d/.test(secret) && /[A-Za-z]/.test(secret)) return secret.length >= 6 && !/^[\d.]+[a-z]{0,2}$/i.test(secret);
  if (/[!@#$%^*+~?/]/.test(secret) && /[A-Za-z]/.test(secret))
    return secret.length >= 6 && !secret.startsWith('/') && !secret.startsWith('./');
  // only letters: a value where the line is nothing but an assignment, as in an env file, an ini file or YAML
  const before = match.input.slice(Math.max(0, match.index - 40), match.index);
  const after = match.input.slice(match.index + match[0].length, match.index + match[0].length + 2);
  const alone = /(?:^|[\r\n])[ \t]*(?:export[ \t]+|-[ \t]+)?$/.test(before) && /^[ \t]*(?:$|[\r\n])/.test(after);
  return (
    alone &&
    secret.length >= 6 &&
    match.groups?.['o'] !== ':=' &&
    !/^(?:string|number|boolean|object|unknown|integer|password|secret|optional|required|bytes)\b/i.test(secret) &&
    !/^[A-Z][a-z]+[A-Z]/.test(secret)
  );
}
