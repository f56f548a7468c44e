/**
 * Lower-case globs of names and last folders; `*` matches no slash. From documentation of the tools, gitleaks, GitHub's ignore
 * templates, ssh defaults.
 */
const patterns = {
  environment: '.env .env.* .env-* .env_* *.env .envrc .flaskenv .dev.vars .dev.vars.* .secrets .secrets.* env.local',
  ssh: 'id_rsa id_dsa id_ecdsa id_ed25519 id_ecdsa_sk id_ed25519_sk id_xmss id_*_rsa id_*_ed25519 id_rsa_* id_rsa.* id_ed25519_* id_ed25519.* ssh_host_*_key identity *_rsa *_dsa *_ecdsa *_ed25519 .ssh/id_* .ssh/config .ssh/environment',
  certificates:
    '*.pem *.key *.p12 *.pfx *.p8 *.pkcs12 *.jks *.jceks *.bks *.keystore *.truststore *.kdb *.kdbx *.ppk *.asc *.gpg *.pgp *.agekey *.pvk *.snk *.keytab *.ovpn *.mobileprovision *.cer.key *.secret *.secrets *.keychain *.keychain-db *.priv *.age *.jwk *.jwks secring.* .gnupg/* keys.txt',
  cloud:
    'credentials .aws/credentials .aws/config .boto .s3cfg .s3cmd accesstokens.json azureprofile.json .azure/msal_token_cache.json application_default_credentials.json adc.json credentials.db access_tokens.db gcloud/credentials* gcloud/legacy_credentials/* *service-account*.json *service_account*.json *serviceaccount*.json client_secret.json client_secret_*.json client_secrets.json client-secret*.json *-firebase-adminsdk-*.json firebase-adminsdk*.json gha-creds-*.json google-services.json googleservice-info.plist .oci/config .bluemix/config.json doctl/config.yaml .config/doctl/config.yaml .linode-cli .scwrc rclone.conf .rclone.conf .passwd-s3fs cloudflared/*.json .wrangler/config/default.toml',
  containers:
    '.dockercfg .dockerconfigjson dockerconfig.json .docker/config.json containers/auth.json auth.json kubeconfig *.kubeconfig kubeconfig.* kubeconfig-* .kube/config kube.config secret.yml secret.yaml secret*.yml secret*.yaml *-secret.yml *-secret.yaml *-secrets.yml *-secrets.yaml *.secret.yml *.secret.yaml *.secrets.yml *.secrets.yaml sealed-secrets-key.* helm/repositories.yaml *.sops.yml *.sops.yaml',
  infrastructure:
    '*.tfvars *.tfvars.json *.tfstate *.tfstate.* terraform.rc .terraformrc credentials.tfrc.json .vault-token .vault_pass .vault_password .vault-pass vault_pass.txt vault-password* vault.yml vault.yaml vault_*.yml ansible_vault* *.vault.yml *.vault.yaml .chef/*.pem knife.rb encrypted_data_bag_secret .pulumi/credentials.json .nomad-token .consul-token .circleci/cli.yml',
  packages:
    '.npmrc .yarnrc.yml .pypirc .pip/pip.conf pip.conf pip.ini .gem/credentials .bundle/config .cargo/credentials .cargo/credentials.toml credentials.toml .m2/settings.xml settings-security.xml .gradle/gradle.properties .composer/auth.json .condarc .jfrog/* .cpanm .hex/hex.config .poetry/auth.toml pypoetry/auth.toml .nuget/nuget.config',
  source:
    '.git-credentials .gitcredentials .netrc _netrc .netrc.* .hgrc .config/gh/hosts.yml gh/hosts.yml .config/hub .config/glab-cli/config.yml glab-cli/config.yml .git/config .svn/auth/*',
  databases:
    '.pgpass pgpass.conf .my.cnf my.cnf .mylogin.cnf .mysql_history .psql_history .sqlite_history .rediscli_history .mongorc.js .mongoshrc.js .dbshell .pg_service.conf .cqlshrc cqlshrc tnsnames.ora odbc.ini .odbc.ini .dbeaver-data-sources.xml credentials-config.json datasources.local.xml database.yml .influxdbv2/configs .snowsql/config .snowflake/config.toml connections.toml .databrickscfg',
  applications:
    'secrets.json secrets.yml secrets.yaml secrets.toml secrets.ini secrets.env secrets.xml secrets.properties secrets.py secrets.rb secrets.php secret.json secret.toml secret_token.rb secret_key secret_key_base .secret_key_base .secret_key .secret master.key credentials.json credentials.yml credentials.yaml credentials.xml credentials.ini credentials.csv credentials.properties credentials.txt credentials.yml.enc *_credentials.json *.credentials *-credentials.json passwords.txt password.txt passwords.csv passwd.txt .passwd .password .passwords token.json .token *.token api_keys.json apikeys.json api_key.txt apikey.txt local.settings.json appsettings.*.json connectionstrings.config secrets.config wp-config.php wp-config.*.php configuration.php localsettings.php settings.local.php local_settings.py .streamlit/secrets.toml .rails_master_key application-local.properties application-local.yml application-secrets.* *.publishsettings *.pubxml.user *.rdg *.rdp jenkins/secrets/* hudson.util.secret jenkins.plugins.publish_over_ssh.bapsshpublisherplugin.xml sentryclirc .sentryclirc .codecov.token .stripe/config.toml .config/stripe/config.toml .twilio-cli/config.json .netlify/config.json .vercel/auth.json .expo/state.json .fastlane/.env key.properties keystore.properties signing.properties local.properties .mcp.json claude_desktop_config.json .config/op/config .1password/* .bitwarden/* logins.json key3.db key4.db signons.sqlite',
  network:
    '.htpasswd htpasswd .htdigest .authinfo authinfo .smbcredentials smb.credentials .cifscredentials shadow shadow- gshadow master.passwd .wpa_supplicant.conf wpa_supplicant.conf wg*.conf wireguard/*.conf ipsec.secrets chap-secrets pap-secrets sasl_passwd sasldb2 .msmtprc .fetchmailrc .offlineimaprc .muttrc .esmtprc .mailrc ftpconfig .ftpconfig .ftp-config .remote-sync.json sftp.json .sftp-config.json sftp-config.json .vscode/sftp.json filezilla.xml sitemanager.xml recentservers.xml winscp.ini .ftpquota .curlrc .wgetrc ventrilo_srv.ini proftpdpasswd ultravnc.ini .vnc/passwd .xauthority .iscsi/*.conf rdpfile.rdp .irssi/config .purple/accounts.xml .weechat/sec.conf .tugboat .trc .t.rc robomongo.json',
  shells:
    '.bash_history .zsh_history .zhistory .sh_history .ksh_history .fish_history fish_history .history .python_history .node_repl_history .irb_history .irb-history .pry_history .php_history .lesshst .viminfo .scala_history .ghci_history .rhistory .octave_hist .gdb_history .erlang.cookie consolehost_history.txt .local/share/fish/fish_history',
} as const;

/** Examples, public keys, generated files. */
const harmless =
  /(?:^|[._-])(?:example|sample|template|tmpl|tpl|dist|defaults?|schema|spec)(?:\.[a-z0-9]{1,8})?$|\.pub$|\.(?:crt|cer|csr)$/;

const names = Object.values(patterns).flatMap((list) => list.split(' '));

/** All patterns of the table. */
export const keyFilePatterns: readonly string[] = names;

/** `id_work`, `id_github`; no extension. */
const sshName = /^id_[a-z0-9_-]{2,60}$/;

interface Matcher {
  /** Number of path segments in the pattern. */
  readonly depth: number;
  readonly test: RegExp;
}

const exact = new Set(names.filter((name) => !name.includes('*') && !name.includes('/')));
const globs: readonly Matcher[] = names
  .filter((name) => name.includes('*') || name.includes('/'))
  .map((name) => ({ depth: name.split('/').length, test: toExpression(name) }));

function toExpression(glob: string): RegExp {
  const escaped = glob.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*');
  return new RegExp(`^${escaped}$`);
}

/**
 * Whether a path names a key file.
 * @param path with either slash; a name is enough
 */
export function isKeyFile(path: string): boolean {
  const segments = path.toLowerCase().split(/[\\/]/).filter(Boolean);
  const name = segments.at(-1);
  if (name === undefined || name.length > 255) return false;
  const marked =
    exact.has(name) ||
    sshName.test(name) ||
    globs.some(({ depth, test }) => test.test(segments.slice(-depth).join('/')));
  return marked && (!harmless.test(name) || /\.(?:pem|p12|pfx)$/.test(name));
}
