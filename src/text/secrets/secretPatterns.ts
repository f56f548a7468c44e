/** Finds secrets by form or position, in linear time: repetitions are bounded, and adjacent ones match different characters. */
import { isSecretValue } from './secretValues.ts';
import { prefixed } from './vendorPrefixes.ts';

/** Characters `start` to `end` are secret. */
export interface Finding {
  readonly start: number;
  readonly end: number;
}

interface Pattern {
  /** Global; the secret is the group `s`, else the match. */
  readonly regex: RegExp;
  /** One of these must occur, a quick test before the pattern; lower case with `fold`. */
  readonly needs: readonly string[];
  readonly accept?: (secret: string, match: RegExpExecArray) => boolean;
}

/** Keys of any vendor: a key word, then random characters. */
const anyVendor =
  /(?<![A-Za-z0-9_-])(?:[a-z][a-z0-9]{1,15}[_-]){0,3}(?:sk|pk|pat|key|token|tok|secret|live|prod|api|apikey|access|auth)[_-](?:v\d[_-])?(?<s>[A-Za-z0-9]{24,200})(?![A-Za-z0-9_-])/g;

export const patterns: readonly Pattern[] = [
  ...prefixed.map(([prefixes, tail]): Pattern => {
    const starts = prefixes.map((prefix) => prefix.replace(/[.+/$]/g, '\\$&')).join('|');
    return {
      regex: new RegExp(`(?<![A-Za-z0-9_])(?:${starts})${tail}(?![A-Za-z0-9])`, 'g'),
      needs: prefixes,
      accept: isVaried,
    };
  }),
  {
    regex: anyVendor,
    needs: ['_', '-'],
    accept: (secret) => isVaried(secret) && /\d/.test(secret) && /[g-zG-Z]/.test(secret),
  },
  // JSON web tokens, signed or not
  {
    regex: /(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,1000}\.[A-Za-z0-9_-]{8,5500}\.[A-Za-z0-9_-]{0,1500}/g,
    needs: ['eyJ'],
  },
  // HTTP headers
  {
    regex:
      /(?<![A-Za-z0-9])(?:(?:proxy-)?authorization["']?(?:[ \t]{0,4}[,:=][ \t]{0,4}["']?|[ \t]{1,4}["'])(?:(?:bearer|basic|token|digest|apikey|api-key|negotiate|aws4-hmac-sha256|ssws|hmac|splunk|geniekey|key|bot|jwt|oauth|client-id|pat|hawk|zoho-oauthtoken|klaviyo-api-key|shippotoken|discogs)[ \t]{1,4})?|bearer[ \t]{1,4}|x-[a-z-]{0,20}(?:key|token|secret)["']?[ \t]{0,4}[,:=][ \t]{0,4}["']?|(?:api-key|apikey|private-token)["']?[ \t]{0,4}[:=][ \t]{0,4}["']?)(?<s>[A-Za-z0-9._~+/=-]{12,4000})(?![A-Za-z0-9(])/gi,
    needs: ['uthorization', 'UTHORIZATION', 'earer', 'EARER', '-key', '-KEY', '-Key', 'oken', 'OKEN', 'ecret'],
    accept: (secret) => isHeaderValue(secret),
  },
  {
    regex: /(?<![A-Za-z0-9])(?:set-)?cookie["']?:[ \t]{0,4}["']?(?<s>[^\s"'=:;]{1,100}=[^\r\n"']{8,4000})/gi,
    needs: ['ookie', 'OOKIE'],
    accept: (secret) => /\d/.test(secret) && !isTemplate(secret.slice(secret.indexOf('=') + 1)),
  },
  // user:password@host in any scheme
  {
    regex: /:\/\/[^\s:/?#@"'<>]{0,100}:(?<s>[^\s/?#@"'<>]{1,200})@(?=[A-Za-z0-9[])/g,
    needs: ['://'],
    accept: (secret) =>
      !isTemplate(secret) &&
      !/^(?:password|passwd|pass|pw|pwd|\*+|x+|secret|token)$/i.test(secret) &&
      !/^\d{1,5}$/.test(secret),
  },
  // signatures and keys in queries
  {
    regex:
      /[?&;](?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token|access_token|refresh_token|id_token|client_secret|api_?key|auth|key|token|code|password|pwd)=(?<s>[A-Za-z0-9._~+/%=-]{12,2000})/gi,
    needs: ['?', '&', ';'],
    accept: (secret) => isVaried(secret) && /\d/.test(secret),
  },
  // webhooks, whose whole address is secret
  {
    regex:
      /https:\/\/(?:hooks\.slack\.com\/(?:services|workflows|triggers)|(?:ptb\.|canary\.)?discord(?:app)?\.com\/api\/webhooks|[a-z0-9.-]{1,60}\.webhook\.office\.com\/webhookb2|outlook\.office\.com\/webhook|hooks\.zapier\.com\/hooks\/catch)\/(?<s>[A-Za-z0-9_@/-]{16,300})/g,
    needs: ['hooks.', '/api/webhooks', 'webhook.office.com', 'office.com/webhook'],
  },
  // bots
  { regex: /(?<![A-Za-z0-9])\d{8,10}:AA[A-Za-z0-9_-]{32,34}(?![A-Za-z0-9_-])/g, needs: [':AA'] },
  {
    regex: /(?<![A-Za-z0-9_-])[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,45}(?![A-Za-z0-9_-])/g,
    needs: ['.'],
    accept: (secret) => isMixed(secret),
  },
  // hashes of passwords: crypt(3), bcrypt, Argon2, Apache
  {
    regex: /\$(?:apr1|[156y]|2[abxy]?|argon2(?:id|[id])|scrypt|pbkdf2(?:-[a-z0-9]{1,10})?|7)\$[^\s:"'`,;<>]{12,300}/g,
    needs: ['$'],
    accept: isVaried,
  },
  // .pgpass: host:port:database:user:password
  {
    regex: /(?<=[\w*-]:(?:\d{4,5}|\*):[\w*-]{1,60}:[\w*-]{1,60}:)(?<s>[^\s:"',]{4,200})(?=["']?(?:[\s,;)\\]|$))/g,
    needs: [':'],
    accept: (secret) => isPassword(secret) && !/^[\d.]+$/.test(secret),
  },
  // PowerShell
  {
    regex: /ConvertTo-SecureString[ \t]{1,4}(?:-String[ \t]{1,4})?["'](?<s>[^"'\r\n]{3,200})["']/gi,
    needs: ['SecureString', 'securestring'],
    accept: (secret) => !isTemplate(secret),
  },
  // a PEM private key in base64; not certificates or public keys
  { regex: /LS0tLS1CRUdJTi(?!BDRVJU|BQVUJM)[A-Za-z0-9+/=]{40,}/g, needs: ['LS0tLS1CRUdJTi'] },
  // SQL: IDENTIFIED BY 'secret'
  {
    regex:
      /\bIDENTIFIED[ \t]{1,4}(?:WITH[ \t]{1,4}\w{1,40}[ \t]{1,4})?(?:BY|AS)[ \t]{1,4}(?:PASSWORD[ \t]{1,4})?["'](?<s>[^"'\r\n]{1,200})["']/gi,
    needs: ['DENTIFIED', 'dentified'],
    accept: (secret) => !isTemplate(secret),
  },
  // user:password, and passwords as arguments of programs
  {
    regex:
      /(?<=[\s"'])(?:-u|-U|--user|--proxy-user|--userpwd)(?:=|[ \t]{0,4})["']?[\w.+\\@-]{1,64}[:%,](?<s>[^\s"'/]{3,200})/g,
    needs: ['-u', '-U', '--user', '--proxy-user'],
    accept: (secret, match) => runs(match, userPrograms) && isPassword(secret) && !/^\d+$/.test(secret),
  },
  {
    regex: /(?<=[\s"'])-(?:pw|p|P|a|w|D|N)(?:[ \t]{0,4})["']?(?<s>[^\s"'-][^\s"']{3,200})/g,
    needs: ['-p', '-P', '-a', '-w', '-D', '-N'],
    accept: (secret, match) =>
      runs(match, passwordPrograms) &&
      isPassword(secret) &&
      !/^[\d:.]+$/.test(secret) &&
      // `mysql -p shop` asks for the password and opens `shop`
      !(/\s/.test(match[0]) && runs(match, promptPrograms)),
  },
  {
    regex: /(?<=\b(?:-passin|-passout|-pass)[ \t=]{1,4})pass:(?<s>[^\s"']{3,200})/g,
    needs: ['pass:'],
    accept: (secret) => !isTemplate(secret),
  },
  {
    regex:
      /\bhtpasswd[ \t]{1,4}-[A-Za-z]{0,6}b[A-Za-z]{0,6}[ \t]{1,4}\S{1,200}[ \t]{1,4}\S{1,60}[ \t]{1,4}(?<s>[^\s"']{3,200})/g,
    needs: ['htpasswd'],
    accept: (secret) => !isTemplate(secret),
  },
  {
    regex: /(?<=\s)\/user:[\w.\\@-]{1,100}[ \t]{1,4}(?<s>[^\s"'/][^\s"']{2,200})/gi,
    needs: ['/user:', '/USER:', '/User:'],
    accept: (secret, match) => runs(match, /\bnet\b/i) && isPassword(secret),
  },
  {
    regex: /(?<=[\s"'])-setcookie[ \t]{1,4}["']?(?<s>[^\s"']{4,200})/g,
    needs: ['-setcookie'],
    accept: (secret) => !isTemplate(secret),
  },
  // a password through a pipe
  {
    regex:
      /\b(?:echo|printf)[ \t]{1,4}(?:-[neE]{1,3}[ \t]{1,4})?(?:'%s(?:\\n)?'[ \t]{1,4})?(?:"(?<q>[^"\r\n]{3,200})"|'(?<r>[^'\r\n]{3,200})'|(?<s>[^\s"'|]{3,200}))[ \t]{0,4}\|(?=[^\r\n]{0,160}(?:-stdin\b|\bsudo\b[^\r\n]{0,40} -S\b|\bcryptsetup\b|\bchpasswd\b|\bpasswd\b|\bkinit\b|--passphrase-fd))/g,
    needs: ['echo', 'printf'],
    accept: (secret) => isPassword(secret),
  },
  // routers: `password 7 …`, `snmp-server community …`
  {
    regex: /\b(?:password|secret|key)[ \t]{1,4}[05-9][ \t]{1,4}(?<s>[^\s"']{6,200})/gi,
    needs: ['assword', 'ecret', 'key', 'ASSWORD', 'ECRET', 'KEY'],
    accept: (secret) => isPassword(secret),
  },
  {
    regex: /\b(?:snmp-server[ \t]{1,4}community|r[ow]community6?)[ \t]{1,4}(?<s>[^\s"']{4,100})/gi,
    needs: ['ommunity'],
    accept: (secret) => !isTemplate(secret) && !/^(?:public|private)$/i.test(secret),
  },
  // `Login: admin / secret`
  {
    regex:
      /(?<![A-Za-z])(?:login|user(?:name)?|credentials?|creds|zugang|account)[ \t]{0,3}[:=][ \t]{0,3}[\w.@+-]{2,60}[ \t]{1,3}[/|][ \t]{1,3}(?<s>[^\s"'|,;]{5,100})/gi,
    needs: ['ogin', 'OGIN', 'ser', 'SER', 'red', 'RED', 'ugang', 'ccount'],
    accept: (secret) =>
      isSecretValue(secret, { name: '', strength: 'password', quoted: true, loud: false, strict: true }),
  },
  // options of Windows programs
  {
    regex: /(?<=[ \t])\/(?:p|pass|pw|pwd|password|rp)(?::|[ \t]{1,4})["']?(?<s>[^\s"'/][^\s"']{3,200})/gi,
    needs: ['/p', '/P', '/r', '/R'],
    accept: (secret, match) => runs(match, windowsPrograms) && isPassword(secret),
  },
  // `user/password@database`
  {
    regex:
      /(?:\b(?:sqlplus|sqlldr|expdp|impdp|rman|exp|imp|sqlcl|sql)[ \t]{1,4}(?:-\w{1,4}[ \t]{1,4}){0,3}|jdbc:oracle:(?:thin|oci8?):)["']?\w{1,60}\/(?<s>[^\s"'/@]{3,100})@/g,
    needs: ['/'],
    accept: (secret) => !isTemplate(secret),
  },
  {
    regex:
      /\bstats[ \t]{1,4}auth[ \t]{1,4}[^\s:]{1,60}:(?<s>\S{3,200})|\]:\d{1,5}[ \t]{1,8}[\w.@+-]{1,100}:(?<q>\S{4,200})/g,
    needs: ['stats', ']:'],
    accept: (secret) => isPassword(secret),
  },
  {
    regex: /\b(?:add_user|change_password|set_password)[ \t]{1,4}[\w.@-]{1,60}[ \t]{1,4}["']?(?<s>[^\s"']{4,200})/g,
    needs: ['add_user', 'change_password', 'set_password'],
    accept: (secret) => isPassword(secret),
  },
  {
    regex: /(?<=[ \t])(?:-b|--cookie)[ \t=]{1,4}["'](?<s>[^"'=\r\n]{1,200}=[^"'\r\n]{8,2000})["']/g,
    needs: [' -b', '--cookie'],
    accept: (secret, match) =>
      runs(match, userPrograms) && /\d/.test(secret) && !isTemplate(secret.slice(secret.indexOf('=') + 1)),
  },
  // what a program reads from a string
  {
    regex: /<<<[ \t]{0,4}["'](?<s>[^"'\r\n]{4,200})["']/g,
    needs: ['<<<'],
    accept: (secret, match) => runs(match, readingPrograms) && isPassword(secret),
  },
  // codes in groups
  {
    regex:
      /(?:pass(?:word|wort|code|phrase)|kennwort|code|key|pin)s?["'*]{0,3}[ \t]{0,4}[:=][ \t]{0,4}["'`*]{0,3}(?<s>(?:[A-Za-z0-9]{4}[ -]){3,8}[A-Za-z0-9]{4}|(?:\d{6}-){7}\d{6})(?![A-Za-z0-9])/gi,
    needs: ['ode', 'ass', 'ey', 'ennwort', 'in', 'PIN', 'ASS', 'KEY', 'ODE'],
    accept: (secret) => isVaried(secret) && (/\d/.test(secret) || /^[a-z ]+$/.test(secret)),
  },
  {
    regex:
      /\b(?:backup|recovery|rescue|emergency|2fa|mfa)[ _-]?codes?["'*]{0,3}[ \t]{0,4}[:=][ \t]{0,4}["'`*]{0,3}(?<s>[A-Za-z0-9]{3,12}(?:-[A-Za-z0-9]{3,12}){0,6})(?![A-Za-z0-9])/gi,
    needs: ['ode', 'ODE'],
    accept: (secret) => /\d/.test(secret) && secret.length >= 6,
  },
  // a private part of a JSON web key
  {
    regex: /"(?:d|k|p|q|dp|dq|qi)"[ \t]{0,4}:[ \t\r\n]{0,8}"(?<s>[A-Za-z0-9_-]{20,2000})"/g,
    needs: ['"kty"'],
    accept: (secret, { input, index }) =>
      isVaried(secret) && /"kty"/.test(input.slice(Math.max(0, index - 3000), index + 3000)),
  },
  // wallets and Nostr
  {
    regex:
      /(?<![A-Za-z0-9])(?:[xyztuv]prv[1-9A-HJ-NP-Za-km-z]{100,112}|nsec1[02-9ac-hj-np-z]{58}|5[HJK][1-9A-HJ-NP-Za-km-z]{49}|[KL][1-9A-HJ-NP-Za-km-z]{51})(?![A-Za-z0-9+/=])/g,
    needs: ['prv', 'nsec1', '5', 'K', 'L'],
    accept: (secret) => isVaried(secret) && (/^[KL5]/.test(secret) ? isMixed(secret) : true),
  },
  // a hash of MySQL
  { regex: /(?<![A-Za-z0-9*])\*[0-9A-F]{40}(?![A-Za-z0-9])/g, needs: ['*'] },
  // a browser under test
  {
    regex:
      /(?:pass(?:word|wd)?|pwd|_pw|\bpw|secret|token|key)["'\])]{1,5}\.(?:sendKeys|send_keys|type|fill|setValue|set_value|val|enterText|unwrap_or|unwrapOr|orElse|getOrElse)\([ \t]{0,4}["'](?<s>[^"'\r\n]{4,200})["']/gi,
    needs: [
      'ssword',
      'SSWORD',
      'asswd',
      'pwd',
      'PWD',
      'pass',
      'PASS',
      'pw',
      'PW',
      'ecret',
      'ECRET',
      'oken',
      'OKEN',
      'key',
      'KEY',
    ],
    accept: (secret) =>
      isSecretValue(secret, { name: '', strength: 'password', quoted: true, loud: false, strict: true }),
  },
  // a data source name of Go
  {
    regex: /:(?<s>[^\s"'`:@/()]{3,200})@(?:tcp|udp|unix|cloudsql)\(/g,
    needs: ['@tcp(', '@unix(', '@udp(', '@cloudsql('],
    accept: (secret) => !isTemplate(secret),
  },
  // installers
  {
    regex:
      /\brootpw[ \t]{1,4}--(?:plaintext|iscrypted)[ \t]{1,4}(?<s>\S{4,300})|\bd-i[ \t]{1,4}passwd\/\S{1,40}[ \t]{1,4}password[ \t]{1,4}(?<q>\S{4,300})|\bchpasswd:\s{1,20}list:[ \t]{0,4}\|?\s{1,20}(?:-[ \t]{1,4})?\w{1,40}:(?<r>[^\s"']{4,300})/g,
    needs: ['rootpw', 'd-i', 'chpasswd:'],
    accept: (secret) => !isTemplate(secret),
  },
  // a string that a comment calls a password
  {
    regex:
      /["'](?<s>[^"'\r\n\\]{4,200})(?:\\[nr]){0,2}["'][^"'\r\n]{0,40}(?:#|\/\/|--|\/\*|;)[^\r\n"']{0,60}(?:password|passwort|kennwort|secret|api.?key|token)/gi,
    needs: ['assword', 'ecret', 'oken', 'asswort', 'ennwort', 'key'],
    accept: (secret) =>
      isSecretValue(secret, { name: '', strength: 'password', quoted: true, loud: false, strict: true }),
  },
  // hashes in a directory
  {
    regex: /\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT|PBKDF2[\w-]{0,12}|ARGON2)\}(?<s>[A-Za-z0-9+/=$.,]{16,400})/gi,
    needs: ['}'],
  },
  // the words of a wallet
  {
    regex:
      /\b(?:seed|mnemonic|recovery|wallet|backup|secret)(?:[ _-]?(?:phrase|words?))?["'*]{0,2}[ \t]{0,3}(?:[:=]|is\b)[ \t]{0,3}["'`]?(?<s>(?:[a-z]{3,8}[ ,]{1,2}){11,23}[a-z]{3,8})(?![a-z])/gi,
    needs: ['eed', 'nemonic', 'ecovery', 'allet', 'ackup', 'ecret', 'SEED', 'NEMONIC'],
  },
  {
    regex: /(?<![A-Za-z0-9])AAAA[A-Za-z0-9_-]{7}:APA91b[A-Za-z0-9_-]{40,300}/g,
    needs: [':APA91b'],
  },
];

/** Programs whose option takes `user:password`. */
const userPrograms = /\b(?:curl|wget|lftp|http|https|httpie|xh|smbclient|rpcclient|net|ldapsearch|lftp|ab|aria2c)\b/;
/** Programs whose `-p` takes a password; elsewhere it is a port, path or profile. */
const passwordPrograms =
  /\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mongo|mongosh|mongodump|sshpass|redis-cli|sqlcmd|bcp|ldapsearch|ldapadd|ldapmodify|unzip|zip|7z|7za|rar|unrar|login|cqlsh|clickhouse-client|influx|rabbitmqadmin|oc|cf|isql|sqlplus|vncviewer|xfreerdp|ansible-vault|mosquitto_pub|mosquitto_sub|psexec(?:64)?|plink|pscp|psftp|rdesktop|ssh-keygen|ipa-server-install|ipa-client-install)\b/;

/** Windows programs with options such as `/p:secret`. */
const windowsPrograms =
  /\b(?:xfreerdp|wfreerdp|schtasks|cmdkey|runas|wmic|msdeploy|winrs|sc|psexec|netsh|dism|msiexec)\b/i;
/** Programs that read a password from a string. */
const readingPrograms = /\b(?:cryptsetup|passwd|chpasswd|sudo|gpg|login|kinit|su)\b/;
/** Programs whose `-p` takes a password only without a space. */
const promptPrograms = /\b(?:mysql\w*|mariadb(?:-dump)?|7za?|u?n?rar)\b/;

function runs(match: RegExpExecArray, programs: RegExp): boolean {
  const before = match.input.slice(Math.max(0, match.index - 200), match.index);
  return programs.test(before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('|')) + 1));
}

/** Returns findings without order, which may overlap. */
export function findByPatterns(text: string): Finding[] {
  const out: Finding[] = [];
  for (const pattern of patterns) {
    if (!pattern.needs.some((need) => text.includes(need))) continue;
    pattern.regex.lastIndex = 0;
    for (let match = pattern.regex.exec(text); match; match = pattern.regex.exec(text)) {
      const { s, q, r } = match.groups ?? {};
      const secret = s ?? q ?? r ?? match[0];
      if (pattern.accept && !pattern.accept(secret, match)) continue;
      const start = match.index + match[0].lastIndexOf(secret);
      out.push({ start, end: start + secret.length });
    }
  }
  return out;
}

/** Whether a value is varied, unlike `xxxxxxxx` or `--------`. */
function isVaried(secret: string): boolean {
  return new Set(secret.slice(-24)).size >= 6 && !/example|placeholder|your[-_]|x{6}/i.test(secret.slice(0, 60));
}

const isMixed = (secret: string): boolean => /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret);

const isTemplate = (value: string): boolean => /^(?:\$|%[({A-Z]|\{|<|\[|\*+$|x+$|your)/i.test(value);

const isPassword = (value: string): boolean =>
  isSecretValue(value, { name: '', strength: 'password', quoted: true, loud: true, strict: false });

/** Whether a value fits a header, unlike `required` or `TokenAuthenticationPolicy`. */
function isHeaderValue(secret: string): boolean {
  if (!isVaried(secret) || /^[\d.]+$/.test(secret)) return false;
  return (
    /\d/.test(secret) ||
    secret.endsWith('=') ||
    (secret.length >= 24 && /[a-z]/.test(secret) !== /[A-Z]/.test(secret) && !/[._-]/.test(secret))
  );
}
