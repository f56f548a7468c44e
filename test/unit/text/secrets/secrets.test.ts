import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createMasker, createSecretNamer } from '../../../../src/text/secrets/secrets.ts';
import { measureMsAsync } from '../../../support/processorTime.ts';

const name = createSecretNamer('salt of the test', (text) => createHash('sha256').update(text).digest('hex'));

/** Made from parts, so that no scanner takes this file for a leak. */
const letters = (length: number, alphabet = 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z'): string =>
  Array.from({ length }, (_, i) => alphabet[(i * 7 + length + ((i * i) % 11)) % alphabet.length]).join('');
const hex = (length: number): string => letters(length, '0123456789abcdef');
const pem = (label: string, lines = 5): string =>
  [
    `-----BEGIN ${label}-----`,
    ...Array.from({ length: lines }, (_, i) => `MII${letters(61)}`.slice(0, 62) + hex(2 + (i % 1))),
    `-----END ${label}-----`,
  ].join('\n');

/** Kind, the text around it as a template with `@`, and the secret. */
const planted: readonly (readonly [kind: string, around: string, secret: string])[] = [
  ['password in code', 'const password = "@";', 'corr3ct-h0rse'],
  ['password in JSON', '{"db": {"password": "@"}}', 'Tr0ub4dor&3'],
  ['password in YAML', 'password: @', 'hunter2hunter2'],
  ['password of letters in an env file', 'DB_PASSWORD=@', 'correcthorsebattery'],
  ['password on a command line', 'mysqldump --password=@ -u app', 'S3cr3tPass'],
  ['password in a connection string', 'Server=db1;Database=app;User Id=sa;Password=@;Encrypt=true', 'Str0ngPa55w0rd'],
  ['PHP define', "define('DB_PASSWORD', '') || $password = '@';", 'pa55-in-php'],
  ['exported variable', 'export API_TOKEN=@', letters(24)],
  ['Rust style', 'let api_key: &str = "@";', letters(30)],
  ['Ruby hash', ":client_secret => '@'", letters(28)],
  ['JWT', 'token is @ now', `eyJ${letters(20)}.eyJ${letters(60)}.${letters(43)}`],
  ['bearer header', 'Authorization: Bearer @', letters(40)],
  ['bearer header in curl', "curl -H 'Authorization: Bearer @' https://api.example.org", hex(40)],
  ['basic header', 'Authorization: Basic @', `${letters(30)}==`],
  ['x-api-key header', 'x-api-key: @', letters(32)],
  ['cookie', 'Cookie: @', `session=${letters(32)}`],
  ['Google API key', 'key=@', `AIza${letters(35)}`],
  ['Google OAuth secret', 'id: @', `GOCSPX-${letters(28)}`],
  ['AWS access key', 'using @ for it', `AKIA${letters(16, 'ABCDEFGHIJKLMNOP234567')}`],
  ['AWS secret key', 'aws_secret_access_key = @', letters(40)],
  ['GitHub token', 'remote uses @', `ghp_${letters(36)}`],
  ['GitHub fine-grained token', 'remote uses @', `github_pat_${letters(22)}_${letters(59)}`],
  ['GitLab token', 'remote uses @', `glpat-${letters(20)}`],
  ['OpenAI key', 'client(@)', `sk-proj-${letters(48)}`],
  ['Anthropic key', 'client(@)', `sk-ant-api03-${letters(93)}-AA`],
  ['Slack bot token', 'slack @', `xoxb-123456789012-1234567890123-${letters(24)}`],
  [
    'Slack webhook',
    'https://hooks.slack.com/services/@',
    `T0${letters(8, 'ABCDEFG123')}/B0${letters(8, 'ABCDEFG123')}/${letters(24)}`,
  ],
  ['Discord webhook', 'https://discord.com/api/webhooks/@', `123456789012345678/${letters(60)}`],
  ['Stripe key', 'stripe(@)', `sk_live_${letters(24)}`],
  ['SendGrid key', 'mail(@)', `SG.${letters(22)}.${letters(43)}`],
  ['npm token', '//registry/:_authToken=@', `npm_${letters(36)}`],
  ['PyPI token', 'twine @', `pypi-AgEIcHlwaS5vcmc${letters(60)}`],
  ['Hugging Face token', 'hub @', `hf_${letters(34, 'abcdefGHIJKLmnop')}`],
  ['database address', 'postgres://app:@@db.internal:5432/app', 'p0stgr3s-pw'],
  ['Redis address', 'redis://:@@cache:6379/0', 'r3d1s-pw-long'],
  ['address with user and password', 'https://deploy:@@git.internal.net/repo.git', 'deploy-9182'],
  ['signed address', 'https://x.blob.core.windows.net/c?sv=2024&sig=@', `${letters(42)}%3D`],
  ['Azure storage key', 'AccountName=a;AccountKey=@', `${letters(86)}==`],
  ['Telegram bot', 'bot @ sends', `123456789:AA${letters(33)}`],
  ['Vault token', 'vault @', `hvs.${letters(90)}`],
  ['RSA private key', '@', pem('RSA PRIVATE KEY')],
  ['OpenSSH private key', '@', pem('OPENSSH PRIVATE KEY')],
  ['PGP private key', '@', pem('PGP PRIVATE KEY BLOCK')],
  [
    'private key in JSON',
    '{"private_key": "@"}',
    `-----BEGIN PRIVATE KEY-----\\nMII${letters(120)}\\n-----END PRIVATE KEY-----\\n`,
  ],
  ['DigitalOcean token', 'doctl @', `dop_v1_${hex(64)}`],
  ['Databricks token', 'dbx @', `dapi${hex(32)}`],
];

async function mask(text: string, cut = text.length): Promise<{ text: string; secrets: number }> {
  const masker = createMasker(name);
  let out = '';
  for (let at = 0; at < text.length; at += cut) out += await masker.push(text.slice(at, at + cut));
  out += await masker.end();
  return { text: out, secrets: masker.secrets };
}

const fill = (around: string, secret: string): string => around.replace('@', () => secret);

function checkHidden(masked: string, secret: string, kind: string): void {
  for (const line of secret.split(/\n|\\n/)) {
    if (line && !line.startsWith('-----'))
      assert.ok(!masked.includes(line.slice(0, 24)), `${kind} is still in: ${masked.slice(0, 200)}`);
  }
}

async function checkUntouched(text: string): Promise<void> {
  const masked = await mask(text);
  assert.equal(masked.text, text);
  assert.equal(masked.secrets, 0);
}

describe('masking secrets', () => {
  for (const [kind, around, secret] of planted) {
    it(`hides: ${kind}`, async () => {
      const text = `A line before.\n${fill(around, secret)}\nA line after.\n`;
      const masked = await mask(text);
      checkHidden(masked.text, secret, kind);
      assert.ok(masked.secrets >= 1);
      assert.match(masked.text, /‹secret-[0-9a-f]{6}›/);
      assert.equal(masked.text.split('\n').length, text.split('\n').length);
      assert.ok(masked.text.startsWith('A line before.\n') && masked.text.endsWith('\nA line after.\n'));
    });
  }

  it('hides every kind wherever a window or a piece ends, and the cut of the pieces changes nothing', async () => {
    const filler = 'The lamp was lit at dusk and the keeper wrote it down. ';
    for (const [shift, newline] of [
      [0, '\n'],
      [31, '\n'],
      [17, ' '],
    ] as const) {
      // one secret every few kilobytes, so that some lie on each border
      let text = '';
      for (let round = 0; text.length < 300_000; round++) {
        const [, around, secret] = planted[round % planted.length]!;
        const needsLine = around.startsWith('DB_') || around === '@';
        text += filler.repeat(40 + ((round + shift) % 9)) + (needsLine ? '\n' : newline) + fill(around, secret) + '\n';
      }
      const whole = await mask(text);
      for (const [kind, , secret] of planted) checkHidden(whole.text, secret, kind);
      assert.equal(whole.text.split('\n').length, text.split('\n').length);
      assert.deepEqual(await mask(text, 4_999), whole);
    }
  });

  it('hides a private key of any length to its end, and nothing after it', async () => {
    for (const lines of [200, 9_000]) {
      const key = pem('RSA PRIVATE KEY', lines);
      const text = `${'before\n'.repeat(15_000)}${key}\n${'after\n'.repeat(9_000)}`;
      const masked = await mask(text, 10_007);
      checkHidden(masked.text, key, 'key');
      assert.equal(masked.text.split('\n').length, text.split('\n').length);
      assert.equal(masked.text.split('after\n').length, 9_001);
    }
  });

  it('stops at the first line that is no key where the end of a key is missing', async () => {
    const open = pem('RSA PRIVATE KEY').split('\n').slice(0, -1).join('\n');
    const masked = await mask(`${open}\nThe rest of the page, which stays.\n`);
    checkHidden(masked.text, open, 'key');
    assert.ok(masked.text.endsWith('\nThe rest of the page, which stays.\n'));
  });

  it('gives the same secret the same name and different secrets different ones', async () => {
    const a = `ghp_${letters(36)}`;
    const b = `ghp_${letters(35)}Q`;
    const masked = await mask(`${a}\n${b}\n${a}\n`);
    const [first, second, third] = masked.text.split('\n');
    assert.equal(first, third);
    assert.notEqual(first, second);
    assert.equal(masked.secrets, 3);
    assert.notEqual(createSecretNamer('another', (text) => createHash('sha256').update(text).digest('hex'))(a), first);
  });

  it('is not switched off by a comment in the text', async () => {
    const key = `AKIA${letters(16, 'ABCDEFGHIJKLMNOP234567')}`;
    const masked = await mask(`/* secretlint-disable */\n// secretlint-disable-next-line\n${key}\n`);
    checkHidden(masked.text, key, 'AWS key');
  });

  it('leaves code, prose and placeholders as they are', async () => {
    await checkUntouched(
      'const password = readPassword(user);\nfunction token(password: string, secret?: string): Token {}\n',
    );
    await checkUntouched('this.token = request.headers.token;\nself.password = None\npassword = config.password\n');
    await checkUntouched(
      'The password: it must be long. Enter your password: then press return.\nkeys and tokens are tokens\n',
    );
    await checkUntouched(
      'password: ${DB_PASSWORD}\napiKey: process.env.API_KEY\ntoken: {{ token }}\nsecret: <your secret>\n',
    );
    await checkUntouched(
      'max_tokens: 4096\ntokens = 128000\nprompt_tokens=1200 completion_tokens=80 total_token: 99\n',
    );
    await checkUntouched('password = "********"\npassword: "xxxxxxxx"\nlabel: "Password"\n');
    await checkUntouched('commit 3f786850e387550fdab836ed7e6dc881de23001b\nsee https://example.org/a?b=c&d=e#f\n');
  });

  it('keeps line ends of every kind and half characters together', async () => {
    const text = `a\r\npassword = "s3cret-value"\r\n😀${'😀'.repeat(90_000)}\rb\n`;
    const masked = await mask(text, 3);
    assert.equal(masked.secrets, 1);
    assert.equal(masked.text.replace(/‹secret-......›/, 's3cret-value'), text);
  });

  it('takes no longer for a hostile text than for an ordinary one', async () => {
    const hostile = [
      ...[
        'password="',
        'password= ',
        'token: ',
        '--token ',
        'a:b@',
        'https://a:',
        '-----BEGIN PRIVATE KEY----- ',
        '&sig=',
      ],
      ...[
        '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1\n',
        'PuTTY-User-Key-File-2\n',
        'eyJhbGciOi.',
        'A'.repeat(50),
      ],
    ];
    for (const piece of hostile) {
      const text = piece.repeat(Math.ceil(60_000 / piece.length));
      // Processor time: some ten milliseconds, and many seconds where an expression backtracks.
      const ms = await measureMsAsync(() => mask(text));
      assert.ok(ms < 1_000, `${ms} ms for 60 KB of ${JSON.stringify(piece)}`);
    }
  });
});
