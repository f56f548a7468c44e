/** The usual secrets in sixteen further surroundings. */
import { alphabets, base64, hex, random, type Sample } from './random.ts';

const usual: readonly Sample[] = [
  ['env pass', 'SMTP_PASS=§', 'goldfinch2'],
  ['env secret', 'JWT_SECRET=§', 'correcthorse-battery'],
  ['env letters', 'DB_PASSWORD=§', 'winterberry'],
  ['yaml pw', 'password: §', 'nuthatch.77'],
  ['json pw', '"password": "§"', 'Star+ling4'],
  ['json key', '"apiKey": "§"', random(32)],
  ['js obj', 'dbPassword: "§",', 'siskin&Seed'],
  ['setter', 'setPassword("§")', 'Gold-Crest8'],
  ['keyword inside', 'admin_password=§', 'MyPassword123'],
  ['xml el', '<dbPassword>§</dbPassword>', 'Tree-Creeper9'],
  ['bearer', 'Authorization: Bearer §', random(36)],
  ['basic', 'Authorization: Basic §', base64('kim:Dipper-River10')],
  ['curl u', 'curl -u kim:§ https://x.example.com', 'Wag-Tail11'],
  ['mysql p', 'mysql -uroot -p§ shop', 'Pipit-Song12'],
  ['identified', 'ALTER USER kim IDENTIFIED BY "§"', 'Lark-Rise13'],
  ['url pw', 'postgres://kim:§@db:5432/x', 'Linnet-14x'],
  ['github', '§', 'ghp_' + random(36)],
  ['aws', 'AKIA_ID=§', 'AKIA' + random(16, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')],
  ['awssec', 'aws_secret_access_key=§', random(40, alphabets.base64)],
  ['openai', '§', 'sk-proj-' + random(48)],
  ['anthropic', 'key: §', 'sk-ant-api03-' + random(90)],
  ['slack', '§', 'xoxb-' + random(12, '0123456789') + '-' + random(12, '0123456789') + '-' + random(24)],
  ['stripe', '§', 'sk_live_' + random(30)],
  ['google', 'key=§', 'AIza' + random(35)],
  ['jwt', 'token=§', 'eyJhbGciOiJIUzI1NiJ9.' + random(60) + '.' + random(43)],
  ['npm', '_authToken=§', 'npm_' + random(36)],
  ['docker auth', '"auth": "§"', base64('kim:Bunting-15x')],
  ['netrc', 'machine h login kim password §', 'Brambling16'],
  ['passphrase', 'passphrase = "§"', 'violet otter paints slow rivers'],
  ['token hex', 'access_token=§', hex(40)],
  ['session', 'session_secret: §', random(24)],
  ['german', 'Passwort: §', 'Zaunkoenig17'],
  ['spanish', 'contraseña: §', 'Gorrion-18'],
  ['french', 'mot_de_passe=§', 'Mesange-19'],
  ['private key env', 'PRIVATE_KEY=§', '0x' + hex(64)],
  ['client secret', 'client_secret=§', random(34)],
  ['encryption', 'ENCRYPTION_KEY=§', base64(random(32))],
  ['php def', 'define("DB_PASS", "§");', 'Redwing-20x'],
  ['py', 'password = "§"', 'Field-Fare21'],
  ['go', 'Password: "§",', 'Black-Cap22'],
  ['env export', 'export API_TOKEN="§"', random(30)],
  ['dockerenv', 'ENV DB_PASSWORD §', 'White-Throat23'],
  ['conn', 'Server=x;User=kim;Password=§;', 'Chiff-Chaff24'],
  ['sas', '?sv=2024&sig=§', random(43) + '%3D'],
  ['webhook', 'https://hooks.slack.com/services/T0AB/B0CD/§', random(24)],
  ['gitlab', '§', 'glpat-' + random(20)],
  ['hf', '§', 'hf_' + random(34)],
  ['sendgrid', '§', 'SG.' + random(22) + '.' + random(43)],
  ['pgpass', 'db:5432:shop:kim:§', 'Wheat-Ear25'],
  ['cli', '--password §', 'Stone-Chat26'],
  ['secret str', 'let secretKey = "§"', random(40)],
  ['cookie', 'Cookie: sid=§', random(40)],
  ['xapikey', 'x-api-key: §', random(32)],
  ['pin', 'passcode: §', '492817'],
];

const surroundings: Readonly<Record<string, (text: string) => string>> = {
  docker: (t) =>
    t
      .split('\n')
      .map((l) => `web_1     | 2026-11-30T10:00:00.123Z ${l}`)
      .join('\n'),
  quote: (t) =>
    t
      .split('\n')
      .map((l) => `> > ${l}`)
      .join('\n'),
  bullet: (t) => `* ${t}`,
  blame: (t) =>
    t
      .split('\n')
      .map((l) => `3f2504e0 (Kim Doe 2026-11-30 10:00:00 +0100  12) ${l}`)
      .join('\n'),
  heredoc: (t) => `cat > .env <<EOF\n${t}\nEOF`,
  cdata: (t) => `<config><![CDATA[${t}]]></config>`,
  sqlrow: (t) => `INSERT INTO cfg VALUES (7,'note','${t.replaceAll("'", "''")}','2026-11-30');`,
  attr: (t) =>
    `<div data-x="${t.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}"></div>`,
  crlf: (t) => `a\r\n${t.replaceAll('\n', '\r\n')}\r\nb`,
  annotation: (t) => `    kubectl.kubernetes.io/last-applied: |\n      ${JSON.stringify({ m: { x: t } })}`,
  serialized: (t) => `s:${t.length}:"${t}";i:4;`,
  exception: (t) => `Traceback (most recent call last):\n  File "a.py", line 3\nValueError: bad config: ${t}`,
  comment: (t) =>
    t
      .split('\n')
      .map((l) => `// ${l}`)
      .join('\n'),
  hunk: (t) => `@@ -1,2 +1,2 @@\n-${t}\n context`,
  numbered: (t) => `  12\t${t}`,
  slack: (t) => `kim [10:02] try this: ${t} ok?`,
};

export const surroundedSamples: readonly Sample[] = usual.flatMap(([kind, form, secret]) =>
  Object.entries(surroundings).map(([name, wrap]): Sample => [
    `${kind} (${name})`,
    wrap(form.replace('§', () => secret)),
    secret,
  ]),
);
