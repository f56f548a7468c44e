/** Finds secrets by shape or place, in linear time: repeats are bounded, neighbours match different characters. */
import { isSecretValue } from './secretValues.ts';

/** Characters `start` to `end` are secret. */
export interface Finding {
  readonly start: number;
  readonly end: number;
}

interface Pattern {
  /** Global; group `s`, else the match, is the secret. */
  readonly regex: RegExp;
  /** Cheap test before the pattern: one of these occurs (lower case where `fold`). */
  readonly needs: readonly string[];
  readonly accept?: (secret: string, match: RegExpExecArray) => boolean;
}

/** By vendors' prefixes. */
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
  [['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'], '[A-Za-z0-9_.-]{38,120}'],
  [['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_', 'sbp_', 'sb_secret_', 'sbp_v0_'], '[A-Za-z0-9_.-]{20,100}'],
  [['fm1_', 'fm1r_', 'fm2_', 'fo1_', 'FlyV1 fm2_'], '[A-Za-z0-9_+/=-]{40,1200}'],
  [
    [
      'tfp_',
      'nfp_',
      'fio-u-',
      'rdme_',
      'shltm_',
      'scapi_',
      'pnu_',
      'phc_',
      'phx_',
      'rpa_',
      'jina_',
      'tvly-',
      'e2b_',
      'lsv2_pt_',
      'lsv2_sk_',
      'sk-lf-',
      'pk-lf-',
      'csk-',
      'fw_',
      'tgp_v1_',
      'sk-kimi-',
      'ctx7sk-',
      'BSA',
      'vck_',
      'CLOJARS_',
      'sgp_',
      'patSK',
      'xkey-',
      'ABSK',
      'bedrock-api-key-',
      'waka_',
      'cloudsmith_',
      'apify_api_',
      'dnkey-',
      'airt_',
      'glagent-',
      'gloas-',
      'glffct-',
      'glimt-',
      'glft-',
      'sntryi_',
      'SWMTKN-1-',
      'SWMKEY-1-',
      'atlasv1.',
      'ATCTT',
      'ATBB',
      'ghv_',
      'm2m_',
      'nb_pat_',
      'figo_',
      'figu_',
      'figor_',
      'lin_oauth_',
      'cfut_',
      'cfat_',
      'cfk_',
      'GOOG1E',
      'ocid1.',
      'nvapi-',
      'zpka_',
      'pat-na1-',
      'pat-eu1-',
      'duffel_test_',
      'shippo_test_',
      'EZTK',
      'FLWSECK-',
      'FLWSECK_TEST-',
      'rzp_live_',
      'rzp_test_',
      'sq0idp-',
      'EAAA',
      'tk-us-',
      'pdl_live_',
      'pdl_sdbx_',
    ],
    '[A-Za-z0-9_=+-]{24,400}',
  ],
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
  [['pat'], '[A-Za-z0-9]{14}\\.[a-f0-9]{64}'],
  [['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3TX'], '[A-Z0-9]{16}'],
  [['LTAI'], '[A-Za-z0-9]{12,24}'],
  [['AKID'], '[A-Za-z0-9]{32}'],
  [['pk.eyJ', 'sk.eyJ'], '[A-Za-z0-9_-]{20,300}\\.[A-Za-z0-9_-]{16,64}'],
];

/** Any vendor: a word for a key, then randomness. */
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
      /(?<![A-Za-z0-9])(?:(?:proxy-)?authorization["']?[ \t]{0,4}[,:=][ \t]{0,4}["']?(?:(?:bearer|basic|token|digest|apikey|negotiate|aws4-hmac-sha256)[ \t]{1,4})?|bearer[ \t]{1,4}|x-[a-z-]{0,20}(?:key|token|secret)["']?[ \t]{0,4}[,:=][ \t]{0,4}["']?|(?:api-key|apikey|private-token)["']?[ \t]{0,4}[:=][ \t]{0,4}["']?)(?<s>[A-Za-z0-9._~+/=-]{12,4000})(?![A-Za-z0-9(])/gi,
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
  // webhooks that are secrets as a whole
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
  // user:password and passwords as arguments of programs
  {
    regex:
      /(?<=[\s"'])(?:-u|-U|--user|--proxy-user|--userpwd)(?:=|[ \t]{0,4})["']?[\w.+\\@-]{1,64}[:%](?<s>[^\s"'/]{3,200})/g,
    needs: ['-u', '-U', '--user', '--proxy-user'],
    accept: (secret, match) => runs(match, userPrograms) && isPassword(secret) && !/^\d+$/.test(secret),
  },
  {
    regex: /(?<=[\s"'])-(?:p|P|a|w|D)(?:[ \t]{0,4})["']?(?<s>[^\s"'-][^\s"']{3,200})/g,
    needs: ['-p', '-P', '-a', '-w', '-D'],
    accept: (secret, match) => runs(match, passwordPrograms) && isPassword(secret) && !/^[\d:.]+$/.test(secret),
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
];

/** Programs whose option takes `user:password`. */
const userPrograms = /\b(?:curl|wget|http|https|httpie|xh|smbclient|rpcclient|net|ldapsearch|lftp|ab|aria2c)\b/;
/** `-p` takes a password; elsewhere a port, path or profile. */
const passwordPrograms =
  /\b(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump|mongo|mongosh|mongodump|sshpass|docker|podman|nerdctl|skopeo|buildah|helm|az|redis-cli|sqlcmd|bcp|ldapsearch|ldapadd|ldapmodify|unzip|zip|7z|7za|rar|unrar|login|cqlsh|clickhouse-client|influx|rabbitmqadmin|oc|cf|isql|sqlplus|vncviewer|xfreerdp|ansible-vault)\b/;

/** Whether such a program precedes on the line. */
function runs(match: RegExpExecArray, programs: RegExp): boolean {
  const before = match.input.slice(Math.max(0, match.index - 200), match.index);
  return programs.test(before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('|')) + 1));
}

/** Unordered, possibly overlapping. */
export function findByPatterns(text: string): Finding[] {
  const out: Finding[] = [];
  for (const pattern of patterns) {
    if (!pattern.needs.some((need) => text.includes(need))) continue;
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

/** Not `xxxxxxxx` or `--------`. */
function isVaried(secret: string): boolean {
  return new Set(secret.slice(-24)).size >= 6 && !/example|placeholder|your[-_]|x{6}/i.test(secret.slice(0, 60));
}

const isMixed = (secret: string): boolean => /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret);

/** A placeholder. */
const isTemplate = (value: string): boolean => /^(?:\$|%[({A-Z]|\{|<|\[|\*+$|x+$|your)/i.test(value);

const isPassword = (value: string): boolean =>
  isSecretValue(value, { name: '', strength: 'password', quoted: true, loud: true, strict: false });

/** Not `required` or `TokenAuthenticationPolicy`. */
function isHeaderValue(secret: string): boolean {
  if (!isVaried(secret) || /^[\d.]+$/.test(secret)) return false;
  return (
    /\d/.test(secret) ||
    secret.endsWith('=') ||
    (secret.length >= 24 && /[a-z]/.test(secret) !== /[A-Z]/.test(secret) && !/[._-]/.test(secret))
  );
}
