/** Finds secrets by form or position, in linear time: repetitions are bounded, and adjacent ones match different characters. */
import { commandPatterns } from './commandPatterns.ts';
import { isMixed, isPassword, isTemplate, isVaried, type Finding, type Pattern } from './patternChecks.ts';
import { isSecretValue } from './secretValues.ts';
import { prefixed } from './vendorPrefixes.ts';

/** Keys of any vendor: a key word, then random characters. */
const anyVendor =
  /(?<![A-Za-z0-9_-])(?:[a-z][a-z0-9]{1,15}[_-]){0,3}(?:sk|pk|pat|key|token|tok|secret|live|prod|api|apikey|access|auth)[_-](?:v\d[_-])?(?<s>[A-Za-z0-9]{24,200})(?![A-Za-z0-9_-])/g;

/** Secrets with a form of their own. */
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
  { regex: /(?<![A-Za-z0-9])[a-f0-9]{32}-us\d{1,2}(?![A-Za-z0-9])/g, needs: ['-us'], accept: isVaried },
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
  // a token as the user of an address
  {
    regex: /:\/\/(?<s>[A-Za-z0-9_-]{20,300})@(?=[A-Za-z0-9[])/g,
    needs: ['://'],
    accept: (secret) => isVaried(secret) && /\d/.test(secret),
  },
  // signatures and keys in queries
  {
    regex:
      /[?&;](?:sig|signature|x-amz-signature|x-goog-signature|x-amz-security-token|access_token|refresh_token|id_token|client_secret|api_?key|auth|key|token|code|password|pwd|app_?id|subscription-key|jwt|ticket|otp|hmac|session(?:id)?)=(?<s>[A-Za-z0-9._~+/%=-]{12,2000})/gi,
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
  { regex: /(?<![A-Za-z0-9]|\d)(?:bot)?(?<s>\d{8,10}:AA[A-Za-z0-9_-]{32,34})(?![A-Za-z0-9_-])/g, needs: [':AA'] },
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
  {
    regex:
      /(?<![A-Za-z0-9])(?:PIN|[pP]in[ _-]?[cC]ode|PIN_CODE)["'*]{0,3}[ \t]{0,4}(?:[:=]|is|lautet)[ \t]{0,4}["'`*]{0,3}(?<s>\d{4,8})(?![\w.,-])/g,
    needs: ['PIN', 'pin', 'Pin'],
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

const allPatterns = [...patterns, ...commandPatterns];

/** Returns findings without order, which may overlap. */
export function findByPatterns(text: string): Finding[] {
  const out: Finding[] = [];
  for (const pattern of allPatterns) {
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
/** Whether a value fits a header, unlike `required` or `TokenAuthenticationPolicy`. */
function isHeaderValue(secret: string): boolean {
  if (!isVaried(secret) || /^[\d.]+$/.test(secret)) return false;
  return (
    /\d/.test(secret) ||
    (secret.endsWith('=') && /[A-Z]/.test(secret) && /[a-z]/.test(secret)) ||
    (secret.length >= 24 && /[a-z]/.test(secret) !== /[A-Z]/.test(secret) && !/[._-]/.test(secret))
  );
}
