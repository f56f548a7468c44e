/** Words of secrets' names in many languages, and words that rule a secret out. */
import type { Strength } from './secretValues.ts';

/** Key words, also inside longer names; longer first. */
const keyWord =
  /pass(?:word|wort|wd|phrase|code|key|e(?![a-z]))?|pwd|psw|(?<=(?<![a-z])(?:bind|root|admin|user|db|ldap|smtp|ftp|proxy))pw|passord|parol[aăe]|schlüssel|chiave|llave|chave|sleutel|klucz|(?<![a-z])(?:pw|psk|clé|pat|mdp|otp|auth|salt|ordine)(?![a-z])|secret|token|(?:(?:api|access|secret|private|license|master|account|encryption|unseal|hmac|signing|storage|recovery) )key|(?<=[a-z0-9_-])key|credential|mnemonic|kennwort|geheim|contrase[nñ]a|senha|clave|segredo|jeton|parola|wachtwoord|has[lł]o|heslo|jelsz[oó]|[sş]ifre|l[oö]senord|adgangskode|salasana|парол[ьяюаи]|секрет|κωδικ[όο]ς(?: πρόσβασης)?|كلمة (?:المرور|السر)|رمز عبور|گذرواژه|סיסמ[הא]|पासवर्ड|รหัสผ่าน|mật khẩu|kata sandi|lozinka|geslo|parool|slaptažodis|contrasenya|pasahitza|패스워드|密[码碼]|口令|暗号|パスワード|비밀번호|암호/giu;

const passwordWords = new Set(
  'pass passe ordine password passwort passwd passphrase passcode passkey pwd psw pw psk otp mdp mnemonic kennwort geheim geheimnis contraseña contrasena senha clave segredo parola wachtwoord hasło haslo heslo jelszó jelszo şifre sifre lösenord losenord adgangskode passord parolă parole salasana пароль пароля паролю парола пароли κωδικός κωδικος πρόσβασης المرور السر عبور گذرواژه סיסמה סיסמא पासवर्ड รหัสผ่าน khẩu sandi lozinka geslo parool slaptažodis contrasenya pasahitza 패스워드 密码 密碼 口令 暗号 パスワード 비밀번호 암호'.split(
    ' ',
  ),
);
const secretWords = new Set(
  'secret token salt apikey authkey secretkey accesskey privatekey credential jeton секрет pat'.split(' '),
);
const plurals = new Set(['passwords', 'secrets', 'credentials', 'passwds', 'passphrases']);
const keyTranslations = new Set('schlüssel clé chiave llave chave sleutel klucz'.split(' '));
/** Words before `key` that make it a password. */
const networkKinds = new Set(['wpa', 'wpa2', 'wpa3', 'wifi', 'wlan', 'wep', 'network']);
/** Words before `key` that make it a secret. */
const keyKinds = new Set(
  'ingestion write integration instrumentation merchant server tacacs unseal recovery nuget stripe openai anthropic gemini google maps sendgrid mailgun mailchimp twilio azure aws gcp github gitlab datadog algolia sentry openrouter groq mistral deepseek huggingface pinecone cohere supabase firebase cloudflare heroku rollbar bugsnag segment amplitude mixpanel honeycomb tmdb giphy unsplash weather news steam riot discord slack telegram notion airtable shopify square paypal razorpay braintree adyen plaid coinbase binance kraken alchemy infura etherscan api access account auth encryption signing sign master private secret shared x service admin client app consumer storage session crypto hmac jwt subscription deploy webhook license aes cipher decryption validation primary secondary api_v1 application'.split(
    ' ',
  ),
);
/** Words that may follow in a secret's name. */
const suffixes = new Set(
  'private base value val hash hashed base64 b64 prod production prd dev development test testing staging stage qa uat live old new current previous default plain plaintext clear raw text txt string str env var key keys id primary secondary encoded enc encrypted main master admin root local backup phrase confirm confirmation again repeat repeated data content sha256 md5 bcrypt pbkdf2 crypted reset again digest salt user db database'.split(
    ' ',
  ),
);
/** Words before the key word that make it something else. */
const otherThings = new Set(
  'next page cancellation cancel max min num total prompt completion input output css color colour design eos bos pad unk sep cls mask special stop window binder parse parser lexer syntax unexpected expected public existing pull forgot forgotten show hide toggle is has no wrong missing require requires required needs need invalid cursor json number count sort primary cached reasoning thinking fast boarding season'.split(
    ' ',
  ),
);

/** A name that may precede a secret. */
export interface Name {
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
    const isSpaceless = /[\p{sc=Han}\p{sc=Kana}\p{sc=Thai}\p{sc=Hangul}]/u.test(match[0]);
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
  if (/^(?!by|com|tres|sur|encom|over|under)[a-z]{2,12}pass$/.test(word)) return 'password';
  if (/^(?:bind|root|admin|user|db|ldap|smtp|ftp|proxy)pw$/.test(word)) return 'password';
  if (secretWords.has(word) || /(?:secret|token|apikey|accesskey|secretkey)$/.test(word)) return 'secret';
  if (keyTranslations.has(word)) return getWordStrength('key', previous ?? 'private');
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
