/** Distinguishes secret values from code, placeholders, labels, versions, paths and sentences. */

/** Kind of name: a password (any word counts), another secret (random or long), or header credentials. */
export type Strength = 'password' | 'secret' | 'auth';

interface ValueContext {
  /** Name before the value; '' if there is none. */
  readonly name: string;
  readonly strength: Strength;
  /** Whether the value is quoted, or the text of an XML element. */
  readonly quoted: boolean;
  /** Whether the name is in capitals, like environment variables. */
  readonly loud: boolean;
  /** Whether only mixed characters count, because the syntax is weak evidence. */
  readonly strict: boolean;
}

const templated =
  /^(?:\$[A-Za-z_{(]|%[({A-Z_]|\{\{|\{[A-Za-z_](?![A-Za-z0-9+/]{10,200}=\}$|[A-Z0-9]{1,9}\}[A-Za-z0-9+/]{16})|<|\[|@\{|#\{|!|\*[a-z]|process\.env|os\.environ|env\.|ENV\[|secrets\.|vault:|var\.|local\.|arn:|enc\(|ref\+|op:\/\/|\?|‹secret-|@[a-z_]+$)|\$\{\{?|<%/i;
const placeholder =
  /^(?:redacted|masked|hidden|none|null|nil|undefined|true|false|yes|no|on|off|required|optional|string|str|text|number|boolean|object|any|unknown|integer|int|bytes|void|never|never\[\]|changeme|change[-_ ]?me|replace[-_ ]?me|insert|todo|tbd|fixme|n\/a|empty|default|include|omit|same-origin|basic|bearer|digest|strong|weak|medium|invalid|missing|expired|enabled|disabled|valor|value|valeur|wert|login|email|username|user|test|foo|bar|baz|base64(?:[-_](?:encoded|url))?|oauth2?|oidc|jwt|sha-?\d{1,3}|md5|utf-?8|[hr]s256|ed25519|x\.?509|aes-?\d{3}(?:-\w{3})?)$/i;
const example =
  /example|placeholder|(?:^|[-_<{\s])(?:your|my|the|some|insert|enter)[-_ ](?:[a-z]{1,12}[-_ ]){0,3}(?:api|key|token|secret|pass|password|pwd|here|value|client|access|id)\b|\.\.\.|…|[-_]here$|x{5,}|\*{3,}|\b(?:REDACTED|CHANGEME)\b|0{8}|1234567890abcdef/i;
const version = /^[\^~<>=v]{0,3}\d+(?:\.\d+)*\.(?:\d+|[x*])(?:[-+][\w.+-]*|\.[A-Z][\w.+-]*)?$/;
const measure = /^-?\d+(?:\.\d+)?(?:[a-z]{1,3}|%)?$/i;
const path =
  /^(?:\.{0,2}\/|~\/|[A-Za-z]:[\\/]|\.\.?$|[\w-]+:\/\/|\\\\)|\.(?:pem|txt|key|crt|json|ya?ml|env|js|ts|py|sh|md|html?|cfg|conf|properties|gpg|asc|jks|p12|pfx)$/i;
/** Code: `android.os.BinderProxy@41a2f`, `request.token`, `Foo::bar`, `a->b`, `Optional[str`, `#fff`, an expression. */
const code =
  /^(?:[\w$]+(?:\.[\w$]+)+@[0-9a-f]{1,16}|[A-Z][\w$]*@[0-9]?[0-9a-f]{5,8})$|^[A-Za-z_$][\w$]*(?:(?:\.|::|->|\?\.)[A-Za-z_$][\w$]*)+[.;!]?$|^#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$|^0x[0-9a-f]{1,8}$|^[\w$.]+[([]|^\\[wdsWDS(]|^\^|\\[sdwb][*+?)\]{]|\(\?[:=!]/i;

/** Whether a value with this name is a secret. */
export function isSecretValue(value: string, context: ValueContext): boolean {
  if (value.length < 4 || /^(.)\1*$/.test(value)) return false;
  if (context.quoted && isNoise(value)) return true;
  if (templated.test(value) || placeholder.test(value) || example.test(value)) return false;
  if (version.test(value) || path.test(value)) return false;
  if (code.test(value) && !isDottedPassword(value, context)) return false;
  if (context.strength === 'auth') return isEncoded(value) && !(context.name.endsWith('key') && /[_-]/.test(value));
  if (/\s/.test(value)) return isPassphrase(value, context);
  const [digit, letter, sign] = [/\d/.test(value), /\p{L}/u.test(value), /[^\p{L}\p{N}]/u.test(value)];
  if (!letter)
    return (
      digit && context.strength === 'password' && !context.strict && value.length >= 6 && !/^\d+\.\d+$/.test(value)
    );
  if (isName(value, context)) return false;
  if (measure.test(value)) return false;
  if (digit) return value.length >= (context.quoted || context.strength === 'password' ? 5 : 6);
  if (sign) return hasSigns(value, context) || (context.strength === 'password' && isJoinedPassphrase(value));
  return isCaseNoise(value) || (!context.strict && isWord(value, context));
}

/** Whether `Canyon.Wren7` is two words rather than a member of a variable. */
function isDottedPassword(value: string, { strength, strict }: ValueContext): boolean {
  if (strength !== 'password' || strict || !/^[A-Za-z][A-Za-z0-9]{2,}\.[A-Za-z][A-Za-z0-9]{2,}$/.test(value))
    return false;
  const parts = value.toLowerCase().split('.');
  if (parts.some((part) => memberWords.has(part) || genericWords.has(part) || part.replace(keyWords, '') !== part))
    return false;
  return /\d/.test(value) || /^[A-Z][a-z]+\.[A-Z][a-z]+$/.test(value);
}
const memberWords = new Set(
  'this self that state props config configuration settings opts options params args arg req res env environ os sys process ctx context cfg conf event evt model obj object entity dto account body target inputs vars local credentials creds profile security util utils helper faker crypto system console window document module exports math json'.split(
    ' ',
  ),
);

/** Whether it is Base64 or a token, as in Docker's or npm's `"auth": "…"`. */
function isEncoded(value: string): boolean {
  return (
    /^[A-Za-z0-9+/_-]{15,2000}={0,2}$/.test(value) &&
    (/\d/.test(value) || value.endsWith('=')) &&
    /[A-Z]/.test(value) &&
    /[a-z]/.test(value)
  );
}

/** Accepts `Pa-ss!wort`, but not `same-origin`. */
function hasSigns(value: string, { strength, strict, loud }: ValueContext): boolean {
  if (value.length < 6) return false;
  if (/[^\p{L}\p{N}_.:/-]/u.test(value))
    return !/^[-\w]+[=(]|^[^\p{L}]*\p{L}+[^\p{L}]*$/u.test(value) || strength === 'password';
  if (strict) return false;
  return strength === 'password'
    ? !/[:/]/.test(value)
    : value.length >= 20 && (loud || !/^[a-z]+(?:[._-][a-z]+)*$/.test(value));
}

/** Whether a value of letters only is a secret. */
function isWord(value: string, { strength, quoted, loud }: ValueContext): boolean {
  if (strength === 'password')
    return value.length >= (quoted || loud ? 4 : 6) && (quoted || loud || !/^(?:\p{Lu}\p{Ll}{2,}){2,}$/u.test(value));
  const switches = value.match(/\p{Ll}\p{Lu}|\p{Lu}\p{Ll}/gu)?.length ?? 0;
  if (switches >= 6) return value.length >= 12;
  return value.length >= 16 && switches <= 1;
}

const stopWords =
  /(?<![\p{L}])(?:your|the|is|are|must|enter|please|to|of|and|or|be|not|does|do|for|with|a|an|in|ihr|das|bitte|le|la|el|de|mot|password|token|secret|key)(?![\p{L}])/iu;
/** Words of sentences, forms and messages about passwords. */
const proseWords = new Set(
  'this that these those it its from on at by as if then else when while where was were has have had will would can could should may might never always only also just very more most least less than min max minimum maximum at up out off over under via per no yes new old any all each every some none same other another one two three four five characters character chars long short strong weak hint field form forgot forgotten reset change changed update show hide login sign in user users account accounts email admin set unset use used using required optional expected missing empty invalid valid wrong incorrect correct stored saved sent send read write written hash hashed encrypted plain text string value default example see below above here there hidden masked redacted generated unchanged unknown expires expired days hours rotate rotated next first last second check checked test tests fail failed pass passed ok error for now until after before during because so but you we they he she i me my our their his her who what which how why und oder ist sind wird werden muss soll kann darf nicht kein keine ein eine einen dem den der die des im am zum zur von mit für auf bei nach aus sie er wir neu neues altes mindestens zeichen lang vergessen setzen ändern eingeben falsch richtig un une des du les est sont doit doivent peut pas votre vos mon notre pour avec sur dans par plus moins oublié nouveau ancien caractères minimum los las una uno por para con sin que debe debes su tu mi se es son y o'.split(
    ' ',
  ),
);

/** Whether unquoted words up to the line's end are a passphrase: `passphrase: velvet harbor kestrel ember`. */
export function isPlainPassphrase(value: string, name: string): boolean {
  const words = value.split(' ');
  const isNamed = /phrase|mnemonic|seed/i.test(name);
  if (words.length < (isNamed ? 3 : 4) || words.length > 24) return false;
  if (!words.every((word) => /^(?:\p{Lu}?\p{Ll}{2,12}|\d{1,4})$/u.test(word))) return false;
  if (words.every((word) => /^\d/.test(word))) return false;
  const isLower = words.every((word) => !/^\p{Lu}/u.test(word));
  if (!isLower && !(isNamed && words.every((word) => /^[\p{Lu}\d]/u.test(word)))) return false;
  return !stopWords.test(value) && !words.some((word) => isProseWord(word.toLowerCase()));
}

/** `velvet-harbor-kestrel-ember`. */
function isJoinedPassphrase(value: string): boolean {
  return (
    /^[a-z]{3,12}(?:([-._])[a-z]{3,12})(?:\1[a-z]{3,12}){2,7}$/.test(value) &&
    isPlainPassphrase(value.replace(/[-._]/g, ' '), '')
  );
}

const isProseWord = (word: string): boolean => proseWords.has(word) || /(?:ed|ing|tion|ly|ung|ment)$/.test(word);

/** Whether it is long with digits and many signs, like WordPress keys without a space. */
function isNoise(value: string): boolean {
  if (value.length < 32 || /\s/.test(value)) return false;
  const signs = new Set(value.match(/[^\p{L}\p{N}_.,/-]/gu));
  return signs.size >= 8 && (value.match(/\d/g)?.length ?? 0) >= 2 && !/\p{L}{9}|\\[sdwb]|\(\?/u.test(value);
}

/** Whether the case of letters changes more often than in names: `svALIFiCLmCx`. */
export function isCaseNoise(value: string): boolean {
  if (value.length < 10 || !/^[A-Za-z]+$/.test(value)) return false;
  if (!/[a-z]/.test(value) || !/[A-Z]/.test(value.slice(1))) return false;
  const words = value.match(/[A-Z]?[a-z]+|[A-Z]+(?![a-z])/g) ?? [];
  if (words.length >= 4 && words.length * 2.5 >= value.length) return true;
  // pairs of consonants that few words have
  const lower = value.toLowerCase();
  let rare = 0;
  for (let i = 1; i < lower.length; i++) {
    const pair = lower.slice(i - 1, i + 1);
    if (/^[b-df-hj-np-tv-xz]{2}$/.test(pair) && !usualPairs.has(pair)) rare++;
  }
  return rare >= 3 && rare * 4 >= value.length;
}
const usualPairs = new Set(
  'bb bj bl br bs ch ck cl cr cs ct dd dg dl dm dr ds dv ff fl fr fs ft gg gh gl gn gr gs ht jp kl kn ks kt lc ld lf lg lk ll lm ln lp ls lt lv mb ml mm mn mp ms nc nd nf ng nh nj nk nl nm nn np nr ns nt nv nw nx ph pl pp pr ps pt rb rc rd rf rg rh rk rl rm rn rp rq rr rs rt rv rw rx sc sh sk sl sm sn sp sq sr ss st sv sw sx tc tf th tl tm tn tr ts tt tv tw tx vp wh wl wn wr ws xc xh xl xm xp xt zz db sd sf lb ht tp hp js gb kb mb pw wd pd df cp dp ip vm pc rg ss sg sl tl ls xs rl rc rp'.split(
    ' ',
  ),
);

/** Whether it consists of random characters with spaces, like WordPress keys. */
function isRandomText(value: string): boolean {
  return (
    value.length >= 12 &&
    /\d/.test(value) &&
    /[^\w\s.,:;'"-]/.test(value) &&
    !/\p{L}{4}/u.test(value) &&
    !/\s\s/.test(value)
  );
}

function isPassphrase(value: string, { strength, quoted, name }: ValueContext): boolean {
  if (!quoted) return false;
  if (isRandomText(value)) return true;
  if (strength !== 'password') return false;
  const words = value.split(/ /);
  if (!words.every((word) => /^[\p{L}\p{N}]{2,16}$/u.test(word))) return false;
  const lower = words.every((word) => /\p{Ll}|\d/u.test(word) && !/\p{Lu}/u.test(word));
  if (/(?:^|_)psk$|wpa/i.test(name)) return words.length >= 2;
  return (
    words.length >= 3 && lower && (/phrase|mnemonic|seed/i.test(name) || (words.length >= 4 && !stopWords.test(value)))
  );
}

const keyWords =
  /passwor[dt]|passwd|passphrase|passcode|pass|pwd|secrets?|tokens?|api|keys?|credentials?|auth|kennwort|contrase[nñ]a|senha|parola|clave|mot|de|passe|wachtwoord|has[lł]o|heslo|geheim/g;
const genericWords = new Set(
  ' my your the a an user users new old db database admin root get set input value val field env name app access client server test default current confirm reset change update create hash id string text from with in to type for label hint is has no not valid invalid error required service manager provider storage store file path url uri config login page form bearer jwt session refresh csrf request response body header data i s e o ion private public word'.split(
    ' ',
  ),
);

/** Whether the value is a name: `token: "token"`, `password: newPassword`. */
function isName(value: string, { name, loud, quoted }: ValueContext): boolean {
  if (!quoted && /^_?[a-z][a-z0-9]*(?:_[a-z0-9]+){2,}$/.test(value) && value.replace(keyWords, '') !== value)
    return true;
  if (/^(?:[A-Z][a-z]*\d?){2,}$/.test(value) && /(?:Token|Secret|Password|Credential|Key)s?$/.test(value)) return true;
  if (
    /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+){2,}$/.test(value) &&
    value.toLowerCase().replace(keyWords, '') !== value.toLowerCase()
  )
    return true;
  if (/[^\p{L}_.$-]/u.test(value)) return false;
  const words = value
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .split(/[^\p{L}]+/u);
  const left = words.map((word) => word.replace(keyWords, '')).filter((word) => !genericWords.has(word));
  if (left.length === 0) return true;
  // a name in code contains its key word: `hashedPassword`
  const joined = words.length > 1 && /[a-z](?=[A-Z])|_/.test(value);
  return (joined && !loud && !quoted && left.length < words.length) || value.toLowerCase() === name.toLowerCase();
}
