/** Offsets; `end` is exclusive. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** Class by ASCII character: 0 ends a run, 1 digit, 2 lower hex, 3 lower, 4 upper hex, 5 upper, 6 continues a run. */
const classes = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const char = String.fromCharCode(code);
  if (/\d/.test(char)) classes[code] = 1;
  else if (/[a-f]/.test(char)) classes[code] = 2;
  else if (/[a-z]/.test(char)) classes[code] = 3;
  else if (/[A-F]/.test(char)) classes[code] = 4;
  else if (/[A-Z]/.test(char)) classes[code] = 5;
  else if (/[-_+]/.test(char)) classes[code] = 6;
}

/** Shorter secrets need a name before them. */
const shortestRun = 16;
/** Names have few changes of case. */
const randomSwitches = 10;
const cases = [0, 1, 2, 2, 3, 3, 0];
const [newline, at, colon, slash] = [10, 64, 58, 47];

/** Returns whole lines in order, adjacent ones joined. */
export function findCandidateLines(text: string): Stretch[] {
  const out: { start: number; end: number }[] = [];
  const named = findNamedLines(text);
  let nextNamed = 0;
  let lineStart = 0;
  let run = 0;
  let seen = 0;
  let switches = 0;
  let last = 0;
  let suspect = false;
  let address = false;
  let follows = false;
  const endLine = (end: number): void => {
    let hitByName = false;
    for (; nextNamed < named.length && named[nextNamed]! < end; nextNamed++) hitByName = true;
    const hit = suspect || hitByName || follows;
    if (hit) {
      const previous = out.at(-1);
      if (previous && previous.end === lineStart) previous.end = end;
      else out.push({ start: lineStart, end });
    }
    // the value may be on the next line
    follows = hitByName || (follows && end - lineStart <= 2);
    lineStart = end;
    suspect = address = false;
  };
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const kind = code < 128 ? classes[code]! : 0;
    if (kind !== 0) {
      run++;
      seen |= 1 << kind;
      const letter = cases[kind]!;
      if (letter !== last && letter !== 0) {
        switches++;
        last = letter;
      }
      continue;
    }
    if (run >= shortestRun && looksRandom(seen, switches)) suspect = true;
    run = seen = switches = last = 0;
    if (code === newline) endLine(i + 1);
    else if (code === colon) address ||= text.charCodeAt(i + 1) === slash && text.charCodeAt(i + 2) === slash;
    else if (code === at && address) suspect = true;
  }
  if (run >= shortestRun && looksRandom(seen, switches)) suspect = true;
  if (lineStart < text.length) endLine(text.length);
  return out;
}

/** Whether a run is no hash, id, number or sequence of words. */
function looksRandom(seen: number, switches: number): boolean {
  const digits = (seen & 0b10) !== 0;
  const beyondHex = (seen & 0b101000) !== 0;
  const lower = (seen & 0b1100) !== 0;
  const onlyUpper = !lower && (seen & 0b110000) !== 0 && (seen & 0b1000000) === 0;
  return (digits && beyondHex) || switches >= randomSwitches || onlyUpper;
}

const telling =
  /[pP](?:ass|ASS|wd|WD|sw|SW|sk\b|SK\b|w\b|W\b)|[sS](?:ecret|ECRET|enha|ENHA)|[tT](?:oken|OKEN)|[kK](?:ey|EY|ennw|ENNW)|[cC](?:redential|REDENTIAL|ookie|OOKIE|ontrase|ONTRASE|lave|LAVE)|[bB](?:earer|EARER)|[uU](?:thoriz|THORIZ|th(?:["_]| {0,2}=? {0,2}[a-zA-Z]{0,20}[([]))|DENTIFIED|[sSşŞ]ifre|[sS]alt\b|SALT\b|[pP]arol|[aA]ssword|SecureString|dentified|hooks[./]|[?&;]sig|[mM](?:dp|DP|nemonic|NEMONIC)|[gG](?:eheim|EHEIM)|[wW]achtwoord|[jJ]eton|[hH](?:eslo|as[lł]o)|[lL][oö]senord|[aA]dgangskode|[jJ]elsz|[пП]арол|ПАРОЛ|[сС]екрет|密[码碼]|口令|暗号|パスワード|비밀번호|암호|["' ]-[uUpPawN]|\$(?:apr1|2[aby]|[156y]|argon2)|:(?:\d{4,5}|\*):|%[2-7C-F][0-9A-F]|\\u\{|\\u00/g;
const foreign =
  /κωδικ|Κωδικ|كلمة|رمز عبور|گذرواژه|סיסמ|पासवर्ड|รหัสผ่าน|khẩu|kata sandi|lozinka|Lozinka|geslo|Geslo|parool|Parool|slaptaž|ontraseny|pasahitza|패스워드/g;
const usage =
  / --(?:user|proxy-user)|\/[uU]ser:|\/USER:|[sS](?:eed|EED)(?![a-z])|[lL]ogin\b|LOGIN\b|[cC]reds\b|[rR]ecovery|ommunity |sudo -S|kinit|<<<|toCharArray|[sS]equelize\(|[hH]mac|[jJ]wt\.|ipheriv\(|@(?:tcp|unix)\(|passwd\/|add_user|stats auth|\]:\d{1,5} |qlplus|oracle:|\bPIN\b|[pP]in[ _-]?[cC]ode|PDO\(|mysqli|onnect(?:ion)?\(|[cC]odes?\b|[bB]ackup|[wW](?:PA|EP)\d?-|\*[0-9A-F]{40}| \/(?:p|pass|pw|rp)[ :]| -b |qlldr/g;
const records =
  /addauth|root(?::| [/|] )|(?:admin|elastic|postgres|sysadmin) [/|] |\blogin=|requirepass|masterauth|IDENTIFY|ickserv|(?:_AUTH|AUTH |LOGIN |BUNDLE_|JSESS|PHPSESS|_SESS)|neighbor |cookieParser|WiFi\.|Fernet|http-basic|\{PLAIN\}|[sS]chlüssel|ugangsd|\bclé\b|chiave|llave|chave|sleutel|klucz|sessionid|SessionId|connect\.sid|net user|tacacs|radius|md5 | \* |[a-z]pass /g;
const toKey =
  /(?:api|access|account|auth|encryption|signing|master|private|secret|crypto|hmac|admin|client|license|storage|session|deploy|webhook|app|shared|service|x)[ _-]?key$/i;

function findNamedLines(text: string): number[] {
  const out: number[] = [];
  for (const expression of [foreign, usage, records]) {
    expression.lastIndex = 0;
    for (let match = expression.exec(text); match; match = expression.exec(text)) out.push(match.index);
  }
  telling.lastIndex = 0;
  for (let match = telling.exec(text); match; match = telling.exec(text)) {
    if (
      match[0].length === 3 &&
      /key/i.test(match[0]) &&
      !toKey.test(text.slice(Math.max(0, match.index - 13), telling.lastIndex))
    )
      continue;
    out.push(match.index);
  }
  return out.sort((a, b) => a - b);
}
