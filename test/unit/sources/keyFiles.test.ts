import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { splitDiff } from '../../../src/engine/read/unifiedDiff.ts';
import { isKeyFile, keyFilePatterns } from '../../../src/sources/keyFiles.ts';
import { isRevision } from '../../../src/sources/lines.ts';
import { resolveLinks } from '../../../src/sources/platform.ts';
import { createLocalTree } from '../../../src/sources/localTree.ts';
import { noRules } from '../../../src/sources/ignoreRules.ts';
import { walk } from '../../../src/sources/walk.ts';
import { measureMs } from '../../support/processorTime.ts';

const keyFiles = `
.env .env.local .env.production .env.staging .env.test prod.env .envrc .flaskenv .dev.vars .dev.vars.production .secrets
id_rsa id_dsa id_ecdsa id_ed25519 id_ed25519_sk id_work id_github deploy_rsa host_ed25519 ssh_host_rsa_key identity .ssh/config
server.pem server.key server.KEY cert.p12 cert.pfx AuthKey_AB12.p8 app.jks debug.keystore vault.kdbx putty.ppk private.asc secring.gpg
client.ovpn app.mobileprovision krb5.keytab login.keychain-db release.snk key.jwk
.aws/credentials .aws/config credentials .boto .s3cfg accessTokens.json .azure/msal_token_cache.json application_default_credentials.json
service-account.json my-service-account-prod.json serviceAccountKey.json client_secret.json client_secret_123.apps.googleusercontent.com.json
client_secrets.json app-firebase-adminsdk-ab1-2c3.json gha-creds-12.json google-services.json GoogleService-Info.plist .oci/config rclone.conf
.passwd-s3fs .docker/config.json .dockercfg .dockerconfigjson containers/auth.json auth.json kubeconfig prod.kubeconfig .kube/config
secret.yml secret.yaml secrets.yml secret-prod.yaml db-secret.yaml app.secrets.yaml terraform.tfvars prod.auto.tfvars prod.tfvars.json
terraform.tfstate terraform.tfstate.backup .terraformrc credentials.tfrc.json .vault-token .vault_pass vault.yml .chef/admin.pem
.npmrc .yarnrc.yml .pypirc pip.conf .gem/credentials .bundle/config .cargo/credentials.toml .m2/settings.xml .gradle/gradle.properties
.composer/auth.json .git-credentials .netrc _netrc .config/gh/hosts.yml .pgpass pgpass.conf .my.cnf .mylogin.cnf .mongorc.js .pg_service.conf
.databrickscfg .snowsql/config .psql_history .mysql_history .rediscli_history secrets.json secrets.toml secrets.py secret_token.rb master.key
credentials.json credentials.xml credentials.csv credentials.yml.enc passwords.txt .password token.json api_key.txt local.settings.json
appsettings.Development.json appsettings.Production.json wp-config.php localsettings.php local_settings.py .streamlit/secrets.toml
site.publishsettings key.properties keystore.properties .sentryclirc .htpasswd .authinfo .smbcredentials shadow wg0.conf ipsec.secrets
.msmtprc .ftpconfig sftp.json .vscode/sftp.json sitemanager.xml .vnc/passwd .bash_history .zsh_history .python_history .node_repl_history
.irb_history .viminfo fish_history .erlang.cookie ConsoleHost_history.txt logins.json key4.db
`
  .trim()
  .split(/\s+/);

const ordinary = `
README.md .env.example .env.sample .env.template env.ts environment.ts id_rsa.pub deploy.key.pub keys.md keyboard.ts keymap.json
package.json tsconfig.json appsettings.json config.json config.yml settings.json settings.xml main.tf variables.tf docker-compose.yml
Dockerfile secretary.md secrets.md passwords.md authors.json author.ts token.ts tokenizer.py tokens.json design-tokens.json credentials.ts
credential.service.ts auth.ts auth.test.ts id_generator.py id_map.json history.md CHANGELOG.md values.yaml deployment.yaml wg.md identity.ts
key.ts public.crt index.html notes.txt shadow.css shadow.ts vault.ts password.tsx
`
  .trim()
  .split(/\s+/);

describe('key files by their names', () => {
  it('knows the usual ones, in any folder and case', () => {
    assert.ok(keyFiles.length >= 121 && new Set(keyFiles).size === keyFiles.length);
    const missed = keyFiles.filter((name) => !isKeyFile(name) || !isKeyFile(`/home/u/Work/${name}`));
    assert.deepEqual(missed, []);
    assert.deepEqual(
      keyFiles.filter((name) => !isKeyFile(name.toUpperCase().replaceAll('/', '\\'))),
      [],
    );
    assert.ok(keyFilePatterns.length > 300);
    assert.equal(new Set(keyFilePatterns).size, keyFilePatterns.length, 'listed twice');
  });

  it('leaves ordinary files, examples and public halves alone', () => {
    assert.deepEqual(ordinary.filter(isKeyFile), []);
  });

  it('takes time in proportion to a name’s length', () => {
    const ms = measureMs(() => {
      for (let i = 0; i < 200; i++) isKeyFile(`${'service-account'.repeat(16)}x`);
    });
    assert.ok(ms < 2_000, `${ms} ms`);
  });
});

describe('key files behind other names', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'precis-keys-'));
    mkdirSync(join(folder, 'root'));
    writeFileSync(join(folder, 'outside.txt'), 'x');
    writeFileSync(join(folder, 'root', '.env'), 'A=1');
    writeFileSync(join(folder, 'root', 'data.txt'), 'x');
    symlinkSync('.env', join(folder, 'root', 'notes.md'));
    symlinkSync('notes.md', join(folder, 'root', 'twice.md'));
    symlinkSync('data.txt', join(folder, 'root', 'id_rsa'));
    symlinkSync('id_rsa', join(folder, 'root', 'through.md'));
    symlinkSync('data.txt', join(folder, 'root', 'plain.md'));
    symlinkSync(join('..', 'outside.txt'), join(folder, 'root', 'away.md'));
  });
  after(() => rmSync(folder, { recursive: true }));

  it('are known by each link on the way and by what it leads to', async () => {
    const marked = async (name: string): Promise<boolean> =>
      (await resolveLinks(join(folder, 'root', name))).some(isKeyFile);
    assert.deepEqual(await Promise.all(['notes.md', 'twice.md', 'through.md', 'plain.md', 'data.txt'].map(marked)), [
      true,
      true,
      true,
      false,
      false,
    ]);
  });

  it('are left out of a folder, and so is what lies outside it', async () => {
    const { candidates } = await walk(
      createLocalTree(join(folder, 'root')),
      noRules,
      { entries: 100 },
      () => Promise.resolve(),
      new AbortController().signal,
    );
    assert.deepEqual(Object.fromEntries(candidates.map(({ path, reason }) => [path, reason])), {
      '.env': 'secret',
      'away.md': 'outside',
      'data.txt': undefined,
      id_rsa: 'secret',
      'notes.md': 'secret',
      'plain.md': undefined,
      'through.md': 'secret',
      'twice.md': 'secret',
    });
  });

  it('are known in a diff by the name that they had', () => {
    const renamed =
      'diff --git a/.env b/config.txt\nsimilarity index 90%\nrename from .env\nrename to config.txt\n--- a/.env\n+++ b/config.txt\n@@ -1 +1 @@\n-A=1\n+A=2\n';
    const copied = 'diff --git a/.env b/copy.txt\nsimilarity index 100%\ncopy from .env\ncopy to copy.txt\n';
    const edited =
      'diff --git a/a.md b/a.md\n--- a/a.md\n+++ b/a.md\n@@ -1,2 +1,2 @@\n- x\n--- a/.env\n+ y\n+rename from .env\n';
    assert.deepEqual(
      splitDiff(renamed + copied + edited).map(({ path, oldPath }) => [path, oldPath]),
      [
        ['config.txt', '.env'],
        ['copy.txt', '.env'],
        ['a.md', 'a.md'],
      ],
    );
  });
});

describe('a revision', () => {
  it('is none where an end of it would be an option of Git', () => {
    for (const name of [
      '',
      '-x',
      '--output=a',
      'HEAD..--output=a',
      '--output=a..HEAD',
      'a...-b',
      'a..b..c',
      ' -x',
      'a\nb',
      'a.. -b',
    ])
      assert.equal(isRevision(name), false, name);
    for (const name of ['HEAD', 'main..HEAD', '..HEAD', 'HEAD~2', 'a...b', 'v1.0', 'feature/x-y', 'HEAD^{/fix bug}'])
      assert.equal(isRevision(name), true, name);
  });
});
