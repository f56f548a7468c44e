/** Secrets in arguments of programs, and in commands of protocols, consoles and routers. */
import { isPassword, isStrictPassword, isTemplate, isVaried, type Pattern } from './patternChecks.ts';
import { isSecretValue } from './secretValues.ts';

/** Secrets on command lines. */
export const commandPatterns: readonly Pattern[] = [
  // user:password, and passwords as arguments of programs
  {
    regex:
      /(?<=[\s"'])(?:-u|-U|-a|--auth|--user|--proxy-user|--userpwd)(?:=|[ \t]{0,4})["']?[\w.+\\@-]{1,64}[:%,](?<s>[^\s"'/]{3,200})/g,
    needs: ['-u', '-U', '-a', '--auth', '--user', '--proxy-user'],
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
      /\b(?:echo|printf)[ \t]{1,4}(?:-[neE]{1,3}[ \t]{1,4})?(?:'%s(?:\\n)?'[ \t]{1,4})?(?:"(?<q>[^"\r\n]{3,200})"|'(?<r>[^'\r\n]{3,200})'|(?<s>[^\s"'|]{3,200}))[ \t]{0,4}\|/g,
    needs: ['echo', 'printf'],
    accept: (secret, match) => isPassword(secret) && pipedPrograms.test(after(match)),
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
      /(?<![A-Za-z])(?:login|user(?:name)?|credentials?|creds|zugang|account)[ \t]{0,3}[:=][ \t]{0,3}[\w.@+-]{2,60}[ \t]{1,3}[/|][ \t]{1,3}(?<s>[^\s"'|,;()]{5,100})(?![()])/gi,
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
  // commands of protocols and consoles
  {
    regex:
      /\b(?:requirepass|masterauth|AUTH(?: default)?|LOGIN [\w.@+-]{2,60}|IDENTIFY|[nN]ickserv identify|net user \w{1,40}|http-basic\.\S{1,60} \S{1,60})[ \t]{1,4}["']?(?<s>[^\s"'=<>(){}[\]]{6,200})/g,
    needs: ['requirepass', 'masterauth', 'AUTH', 'LOGIN', 'IDENTIFY', 'ickserv', 'net user', 'http-basic.'],
    accept: (secret) => isStrictPassword(secret),
  },
  {
    regex: /\bPASS[ \t]{1,4}(?<s>\S{4,200})/g,
    needs: ['PASS '],
    accept: (secret, match) => isPassword(secret) && /\bUSER[ \t]\S/.test(before(match)),
  },
  // `NEO4J_AUTH=neo4j/secret`, `login=user:secret`, `BUNDLE_X: "user:secret"`, `anna:{PLAIN}secret`
  {
    regex:
      /(?:_AUTH["']?[=:][ \t]{0,2}["']?[\w.@-]{1,60}[/:]|\blogin=[\w.@-]{1,60}:|\bBUNDLE_[A-Z0-9_]{2,100}["']?[=:][ \t]{0,2}["']?[\w.@-]{1,60}:|\{(?:PLAIN|CLEARTEXT|CLEAR)\})(?<s>[^\s"':]{4,200})/g,
    needs: ['_AUTH', 'login=', 'BUNDLE_', '{PLAIN}', '{CLEAR'],
    accept: (secret) => isPassword(secret),
  },
  // `root / secret`
  {
    regex:
      /(?<![\w/.-])(?:root|admin|administrator|elastic|postgres|sa|sysadmin) ?[/|] (?<s>[^\s"'|,;()/]{8,100})(?=[\s"'.,;)]|$)/gi,
    needs: [' / ', ' | ', '/ '],
    accept: (secret) => isStrictPassword(secret),
  },
  // cookies of sessions
  {
    regex:
      /(?<![A-Za-z])(?:JSESSIONID|PHPSESSID|ASP\.NET_SessionId|sessionid|session_id|connect\.sid|SESSION|[A-Z]{2,10}_SESSION)["']?(?:["',\s]{1,20}value["']?)?[ \t]{0,2}[:=][ \t]{0,2}["']?(?<s>[A-Za-z0-9._%+/~-]{20,400}={0,2})/g,
    needs: ['SESS', 'SessionId', 'sessionid', 'session_id', 'connect.sid'],
    accept: (secret) => isVaried(secret) && /\d/.test(secret) && !/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(secret),
  },
  // hex after an unambiguous word
  {
    regex:
      /(?<![A-Za-z])(?:login|auth|authtoken|api[ _-]?key|ingestion[ _-]key|token|secret|--key|inputs|[a-z]{3,14}search)(?:["'`]?[ \t]{0,2}[:=][ \t]{0,2}["'`]?|[ \t]{1,4}["']?|\/|\((?:["'][\w-]{4,40}["'], ?)?["'])(?<s>[a-f0-9]{32,128}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![\w-])/gi,
    needs: ['ogin', 'uth', 'ey', 'oken', 'ecret', 'KEY', 'TOKEN', 'input', 'search('],
    accept: isVaried,
  },
  {
    regex:
      /(?<![\w-])(?:live_|test_|sdk-|mob-|key_)(?<s>[a-f0-9]{32,64}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?![\w-])/g,
    needs: ['live_', 'test_', 'sdk-', 'mob-', 'key_'],
    accept: isVaried,
  },
  // routers
  {
    regex:
      /\b(?:(?:tacacs|radius)[\w-]{0,20}[ \t](?:host \S{1,60} )?key|message-digest-key \d{1,3} md5|neighbor \S{1,60} password|key-string|chap password|standby \d{1,3} authentication)[ \t]{1,4}(?:\d[ \t])?["']?(?<s>[^\s"']{6,100})/g,
    needs: ['tacacs', 'radius', 'md5', 'neighbor', 'key-string', 'chap ', 'standby '],
    accept: (secret) => isPassword(secret) && !/^(?:chain|string|encryption)$/.test(secret),
  },
  // `"user" * secret *`
  {
    regex: /^[ \t]{0,8}["']?[\w.@-]{1,60}["']?[ \t]{1,8}\*[ \t]{1,8}["']?(?<s>[^\s"'*]{5,100})["']?[ \t]{1,8}\*/gm,
    needs: [' * ', '\t*'],
    accept: (secret) => isStrictPassword(secret),
  },
  // a script that answers a prompt
  {
    regex: /\bsend(?:line|_line)?["'( ]{1,4}(?:-- ["'])?(?<s>[^"'\\\r\n( -][^"'\\\r\n]{3,99})["'\\]/g,
    needs: ['send'],
    accept: (secret, match) => isPassword(secret) && /assword/.test(before(match)),
  },
  // the value before its name: `MOVE 'secret' TO WS-PASSWORD`
  {
    regex:
      /["'](?<s>[^"'\r\n]{4,100})["'][ \t]{1,4}(?:TO|INTO|to|into)[ \t]{1,4}[\w-]{0,40}(?:PASSWORD|SECRET|TOKEN|PWD|[pP]assword|[sS]ecret)\b/g,
    needs: ['PASSWORD', 'SECRET', 'TOKEN', 'PWD', 'assword', 'ecret'],
    accept: (secret) => isStrictPassword(secret),
  },
  {
    regex: /\b(?:password|passwd|pwd|pw)\((?<s>[^\s"'(){}[\],;$]{6,100})\)/gi,
    needs: ['assword(', 'wd(', 'pw(', 'ASSWORD(', 'WD(', 'PW('],
    accept: (secret) => isStrictPassword(secret) && /\d/.test(secret) && !/^[a-z_]+\d{0,2}$/i.test(secret),
  },
  // a key as the user
  {
    regex: /(?<=[\s"'])(?:-u|--user)(?:=|[ \t]{0,4})["']?(?<s>[A-Za-z0-9_-]{16,200}):/g,
    needs: ['-u', '--user'],
    accept: (secret, match) => runs(match, userPrograms) && isVaried(secret) && /\d[A-Za-z]{1,20}\d/.test(secret),
  },
  // `addauth digest super:secret`
  {
    regex: /\baddauth[ \t]{1,4}digest[ \t]{1,4}[\w.-]{1,60}:(?<s>\S{3,200})/g,
    needs: ['addauth'],
    accept: (secret) => !isTemplate(secret),
  },
];

/** Programs whose option takes `user:password`. */
const userPrograms =
  /\b(?:curl|wget|lftp|http|https|httpie|xh|smbclient|rpcclient|net|ldapsearch|lftp|ab|aria2c|poetry)\b/;
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

/** Text before the match, on earlier lines too. */
const before = (match: RegExpExecArray): string => match.input.slice(Math.max(0, match.index - 200), match.index);

/** The rest of the line, at most 160 characters. */
function after(match: RegExpExecArray): string {
  const end = match.index + match[0].length;
  return match.input.slice(end, end + 160).split(/[\r\n]/, 1)[0]!;
}

/** Programs that read a password from a pipe. */
const pipedPrograms =
  /-stdin\b|\bsudo (?:-\w (?:\w{1,20} )?){0,3}-S\b|\bcryptsetup\b|\b(?:vnc|ch)?passwd\b|\bkinit\b|--passphrase-fd/;

function runs(match: RegExpExecArray, programs: RegExp): boolean {
  const before = match.input.slice(Math.max(0, match.index - 200), match.index);
  return programs.test(before.slice(Math.max(before.lastIndexOf('\n'), before.lastIndexOf('|')) + 1));
}
