/**
 * Secrets to mask, ways of writing them, and texts that look like secrets and are none. All values are made here from parts, so that
 * no scanner takes this file for a leak.
 */

/** `length` characters of an alphabet, the same on each call with the same arguments. */
export function letters(length: number, alphabet = 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z', seed = 0): string {
  let state = (length * 2654435761 + seed * 40503 + alphabet.length) >>> 0;
  let out = '';
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    out += alphabet[(state >>> 8) % alphabet.length];
  }
  return out;
}
const lower = 'abcdefghijkmnopqrstuvwxyz234567';
const upper = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const hex = (length: number, seed = 0): string => letters(length, '0123456789abcdef', seed);
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const pem = (label: string, lines = 6): string =>
  [
    `-----BEGIN ${label}-----`,
    ...Array.from({ length: lines }, (_, i) => letters(64, undefined, i + 1)),
    `-----END ${label}-----`,
  ].join('\n');

/** A kind of secret: its name, how it stands in a text (`@` is the secret), and the secret. */
export type Kind = readonly [name: string, form: string, secret: string];

export const kinds: readonly Kind[] = [
  // passwords behind a name
  ['env pass', 'DB_PASS=@', 'hunter2-db'],
  ['env password of letters', 'DB_PASSWORD=@', 'correcthorsebattery'],
  ['env password with key word', 'POSTGRES_PASSWORD=@', 'supersecretpass'],
  ['exported', 'export SMTP_PASS="@"', 'm41l-Pa55'],
  ['yaml password', 'password: @', 'Winter2026!'],
  ['yaml quoted', "db_password: '@'", 'Pä55-wörd'],
  ['ini with spaces', 'password = @', 'k1el-harbour'],
  ['properties', 'spring.datasource.password=@', 'sprng-0815x'],
  ['json pass', '{"user":"app","pass":"@"}', 'qwE-4711'],
  ['json password of letters', '{"password":"@"}', 'Sommerregen'],
  ['passphrase of words', 'passphrase = "@"', 'correct horse battery staple'],
  ['ts constant', 'const dbPassword: string = "@";', 'N0rdsee-Ebbe'],
  ['python keyword', "connect(user='sa', passwd='@')", 'pyth0n-pw'],
  ['php define', "define('DB_PASSWORD', '@');", 'php-Pa55w0rd'],
  ['ruby hash', ":password => '@',", 'rub1-st4r'],
  ['java setter', 'config.setPassword("@");', 'jav4-Setter'],
  ['fluent call', '.withPassword("@")', 'flu3nt-Call'],
  ['sql identified', "CREATE USER app IDENTIFIED BY '@';", 'sql-Geh3im'],
  ['sql with password', "ALTER ROLE app WITH PASSWORD '@';", 'r0le-Pass'],
  ['xml element', '<password>@</password>', 'xml-3lement'],
  ['xml attribute', '<datasource username="app" password="@" />', 'attr-1bute'],
  ['xml key and value', '<add key="AdminPassword" value="@" />', 'k3y-Value'],
  ['json name and value', '{"name": "DB_PASSWORD", "value": "@"}', 'nam3d-Value'],
  ['dockerfile ENV', 'ENV MYSQL_ROOT_PASSWORD @', 'r00t-docker'],
  ['dockerfile ARG', 'ARG API_TOKEN=@', letters(24)],
  ['connection string', 'Server=db1;Database=app;User Id=sa;Password=@;Encrypt=true', 'Str0ngPa55w0rd'],
  ['odbc pwd', 'DRIVER={x};UID=sa;PWD=@;', 'odbc!Pwd7'],
  ['libpq', 'host=db user=app password=@ dbname=x', 'l1bpq-pw'],
  ['netrc', 'machine git.example.org login ann password @', 'n3trc-Wort'],
  ['pgpass', 'db.example.org:5432:app:ann:@', 'pgPa55-file'],
  ['htpasswd', 'ann:@', `$apr1$${letters(8)}$${letters(22)}`],
  ['shadow', 'ann:@:19000:0:99999:7:::', `$6$${letters(16)}$${letters(86)}`],
  ['bcrypt', 'password_hash: @', `$2b$12$${letters(53)}`],
  ['curl user', 'curl -u ann:@ https://api.example.org/v1', 'cUrl-Pw-9'],
  ['mysql -p', 'mysql -h db -u root -p@ app', 'mysqlPw77'],
  ['sshpass', 'sshpass -p @ ssh host', 'ssh-Pa55x'],
  ['option with value', 'tool --password @ --user ann', 'opt-Wert5'],
  ['option with equals', 'tool --db-password=@ --verbose', 'opt-Gl3ich'],
  ['redis-cli', 'redis-cli -h cache -a @ ping', 'r3dis-Auth'],
  ['docker login', 'docker login -u ann -p @ registry.example.org', 'd0cker-Login'],
  ['openssl passin', 'openssl rsa -passin pass:@ -in k.pem', 'op3nssl-in'],
  ['next line', 'password:\n  @', 'n3xt-Line-pw'],
  ['kubernetes env', '- name: DB_PASSWORD\n  value: "@"', 'kub3-Env-x'],
  ['sentence', 'The password is @ until Monday', 'Hafen-2026'],
  ['german', 'Kennwort: @', 'Geh31mnis!'],
  ['german passwort', 'Das Passwort lautet "@".', 'Ebbe&Flut7'],
  ['french', 'mot de passe : @', 'Soleil-1789'],
  ['french short', 'mdp=@', 'Sol3il-Nuit'],
  ['spanish', 'contraseña: @', 'Verano-2026'],
  ['portuguese', 'senha = "@"', 'Ver4o-Mar'],
  ['russian', 'пароль: @', 'Zima-2026'],
  ['chinese', '密码：@', 'Chang-4n-88'],
  ['japanese', 'パスワード: @', 'Sakura-77x'],
  ['address user and password', 'postgres://app:@@db.internal:5432/app', 'p0stgr3s-pw'],
  ['address without user', 'redis://:@@cache:6379/0', 'r3d1s-pw-long'],
  ['address git', 'https://deploy:@@git.example.org/repo.git', 'deploy-9182'],
  ['csv column', 'user,password,role\nann,@,admin', 'c0lumn-Pw'],
  ['markdown column', '| user | password |\n|---|---|\n| ann | @ |', 'mark-D0wn'],
  // keys and tokens behind a name
  ['api key env', 'WEATHER_API_KEY=@', hex(32)],
  ['api key yaml', 'api_key: @', letters(32)],
  ['api key json', '{"apiKey": "@"}', letters(28)],
  ['api key rust', 'let api_key: &str = "@";', letters(30)],
  ['go short', 'apiKey := "@"', letters(26)],
  ['secret env hex', 'SESSION_SECRET=@', hex(64)],
  ['client secret', 'client_secret=@', letters(40)],
  ['token of letters', 'AUTH_TOKEN=@', letters(32, 'abcdefghijkmnopqrstuvwxyz')],
  ['jwt secret of words', 'JWT_SECRET=@', 'my-harbour-signing-words'],
  ['django secret', "SECRET_KEY = '@'", `django-insecure-${letters(40, `${lower}!@#$%^&*(-_=+)`)}`],
  ['encryption key', 'ENCRYPTION_KEY="@"', base64(letters(32))],
  ['bearer header', 'Authorization: Bearer @', letters(40)],
  ['bearer in curl', "curl -H 'Authorization: Bearer @' https://api.example.org", hex(40)],
  ['basic header', 'Authorization: Basic @', base64(`ann:${letters(14)}`)],
  ['token header', 'Authorization: token @', hex(40)],
  ['x-api-key header', 'x-api-key: @', letters(32)],
  ['header object', "headers: { 'X-Auth-Token': '@' }", letters(36)],
  ['cookie', 'Cookie: sid=@', letters(40)],
  ['set-cookie', 'Set-Cookie: session=@; HttpOnly', letters(44)],
  ['query token', 'https://api.example.org/v1?access_token=@&x=1', letters(36)],
  ['query signature', 'https://x.blob.core.windows.net/c?sv=2024&sig=@', `${letters(42)}%3D`],
  ['docker auth', '{"auths":{"r.example.org":{"auth":"@"}}}', base64(`ann:${letters(16)}`)],
  ['npm _auth', '//r.example.org/:_auth=@', base64(`ann:${letters(16)}`)],
  ['npm _authToken', '//r.example.org/:_authToken=@', letters(36)],
  ['azure storage', 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=@', `${letters(86)}==`],
  ['aws secret key', 'aws_secret_access_key = @', letters(40)],
  ['service bus', 'Endpoint=sb://x/;SharedAccessKeyName=a;SharedAccessKey=@', `${letters(43)}=`],
  ['private key in json', '{"private_key":"@"}', pem('PRIVATE KEY').replaceAll('\n', '\\n')],
  ['rails', 'secret_key_base: @', hex(64, 3)],
  ['wordpress', "define( 'AUTH_KEY',         '@' );", 'k|Z9-u)mX}4 *;+Q'],
  ['wordpress salt', "define('LOGGED_IN_SALT', '@');", 'pQ8#mZ2!vX7&nB4'],
  ['terraform default', 'variable "password" {\n  default = "@"\n}', 'hcl-Wort-77'],
  ['powershell', '$p = ConvertTo-SecureString "@" -AsPlainText -Force', 'P0wer$hell'],
  ['turkish', 'şifre: @', 'Deniz-34x'],
  ['korean', '비밀번호: @', 'Seoul-88x'],
  ['c define', '#define WIFI_PASSWORD "@"', 'wlan-2026x'],
  ['helm set', 'helm install x --set auth.password=@', 'h3lm-Set1'],
  // told by their shape
  ['jwt', 'token is @ now', `eyJ${letters(20)}.eyJ${letters(60)}.${letters(43)}`],
  ['aws id', 'using @ for it', `AKIA${letters(16, upper)}`],
  ['github', 'remote uses @', `ghp_${letters(36)}`],
  ['github fine-grained', 'remote uses @', `github_pat_${letters(22)}_${letters(59)}`],
  ['gitlab', 'remote uses @', `glpat-${letters(20)}`],
  ['openai', 'client(@)', `sk-proj-${letters(48)}`],
  ['anthropic', 'client(@)', `sk-ant-api03-${letters(93)}-AA`],
  ['google', 'maps(@)', `AIza${letters(35)}`],
  ['google oauth', 'id @', `GOCSPX-${letters(28)}`],
  ['slack', 'slack @', `xoxb-123456789012-1234567890123-${letters(24)}`],
  [
    'slack webhook',
    'https://hooks.slack.com/services/@',
    `T0${letters(8, upper)}/B0${letters(8, upper)}/${letters(24)}`,
  ],
  ['discord webhook', 'https://discord.com/api/webhooks/@', `123456789012345678/${letters(60)}`],
  ['stripe', 'stripe(@)', `sk_live_${letters(24)}`],
  ['sendgrid', 'mail(@)', `SG.${letters(22)}.${letters(43)}`],
  ['npm', 'npm @', `npm_${letters(36)}`],
  ['pypi', 'twine @', `pypi-AgEIcHlwaS5vcmc${letters(60)}`],
  ['hugging face', 'hub @', `hf_${letters(34, 'abcdefGHIJKLmnopQRst')}`],
  ['vault', 'vault @', `hvs.${letters(90)}`],
  ['digitalocean', 'doctl @', `dop_v1_${hex(64)}`],
  ['databricks', 'dbx @', `dapi${hex(32)}`],
  ['telegram', 'bot @ sends', `123456789:AA${letters(33)}`],
  ['shopify', 'shop @', `shpat_${hex(32)}`],
  ['linear', 'linear @', `lin_api_${letters(40)}`],
  ['doppler', 'doppler @', `dp.pt.${letters(43)}`],
  ['planetscale', 'ps @', `pscale_tkn_${letters(43)}`],
  ['supabase', 'sb @', `sbp_${hex(40)}`],
  ['atlassian', 'jira @', `ATATT3xFfGF0${letters(60)}`],
  ['new relic', 'nr @', `NRAK-${letters(27, upper)}`],
  ['fly', 'fly @', `FlyV1 fm2_${letters(80)}`],
  ['groq', 'groq @', `gsk_${letters(52)}`],
  ['perplexity', 'pplx @', `pplx-${letters(48)}`],
  ['replicate', 'r8 @', `r8_${letters(37)}`],
  ['grafana', 'grafana @', `glsa_${letters(32)}_${hex(8)}`],
  ['age key', 'age @', `AGE-SECRET-KEY-1${letters(58, upper)}`],
  ['postman', 'pm @', `PMAK-${hex(24)}-${hex(34)}`],
  ['unknown vendor', 'client(@)', `acme_live_sk_${letters(32)}`],
  ['rsa key', '@', pem('RSA PRIVATE KEY')],
  ['openssh key', '@', pem('OPENSSH PRIVATE KEY')],
  ['key in base64', 'tls.key: @', base64(pem('PRIVATE KEY'))],
  ['key behind times', '@', pem('EC PRIVATE KEY').replaceAll(/^/gm, '2026-11-03 10:00:00 INFO ')],
];

/** Ways in which a piece of text comes to stand in a file. */
export const surroundings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  'colour codes': (text) => text.replaceAll(/[^\s=:,;"'<>|(){}]+/g, (word) => `\u001b[36m${word}\u001b[0m`),
  'JSON in JSON': (text) => JSON.stringify({ level: 30, msg: JSON.stringify({ detail: text }) }),
  'CSV cell': (text) => `17,"${text.replaceAll('"', '""')}",done`,
  'diff line': (text) => `@@ -1,2 +1,3 @@\n context\n${text.replaceAll(/^/gm, '+')}\n-old`,
  YAML: (text) => `steps:\n  - run: |\n${text.replaceAll(/^/gm, '      ')}\n  - uses: x`,
  minified: (text) => `!function(){var a=1,b=${JSON.stringify(text)};c(a,b)}();var d=function(e){return e+1};`,
  'notebook output': (text) =>
    JSON.stringify({ output_type: 'stream', text: text.split('\n').map((line) => `${line}\n`) }, undefined, 1),
  'log line': (text) => text.replaceAll(/^/gm, '2026-11-03T10:00:01.123Z INFO  [main] app.Service - '),
  URL: (text) => `GET https://log.example.org/in?id=7&line=${encodeURIComponent(text)}&v=2 200`,
};

/** What may be left of a secret: nothing of this. A key's lines count one by one. */
export function piecesOfSecret(secret: string): string[] {
  return secret
    .split(/\n|\\n/)
    .map((line) => line.replace(/^2026-11-03 10:00:00 INFO /, ''))
    .filter((line) => line && !line.startsWith('-----'))
    .map((line) => line.slice(0, 24));
}

/** The text of a kind, with its secret in place. */
export const textOf = ([, form, secret]: Kind): string => form.replace('@', () => secret);
