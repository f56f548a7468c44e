/** Texts that look as if they held a secret, and hold none. */
const lines = `
bearerTokenAuthenticationPolicy(credential, scopes)
"jsonwebtoken": "^9.0.0",
"passport-jwt": "~4.0.1",
"tough-cookie": "^4.1.3",
"csrf-token": "1.0.0",
"@azure/keyvault-secrets": "4.8.0",
"password-strength-meter": "^2.1.0-beta.3",
token: android.os.BinderProxy@41a2f
token: android.os.BinderProxy@8e1b2c7
WindowToken{7a9fbd4 type=2 android.os.BinderProxy@bd51627}
commit 3f786850e387550fdab836ed7e6dc881de23001b
sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
"integrity": "sha512-q1a9ZzQz0nJcBYt0oJ4wQ2Cf7r5bT1mD3kL9pXvGsHhNnUeWyIo8MjKl2A4SdFgHzXcVbNmQwErTyUiOpAsDfg==",
ETag: "33a64df551425fcc55e4d42a148795d9f25f89d4"
id: 550e8400-e29b-41d4-a716-446655440000
requestId=7d444840-9dc0-11d1-b245-5ffdce74fad2
trace_id: 4bf92f3577b34da6a3ce929d0e0e4736
traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01
Passwords must be at least twelve characters long.
Enter your password to continue
The password is required.
Your password is too short.
password: must contain at least one digit
Password: required
A password manager makes long passwords easy.
Never share your password with anyone.
The token is expired, please log in again.
The secret is to start early.
The key is under the mat.
error: invalid password for user ann
Wrong password, 2 attempts left
Failed password for invalid user admin from 203.0.113.7 port 4711 ssh2
Accepted password for ann from 203.0.113.7 port 22 ssh2
"password": "Password",
"password": "Passwort",
"password": "Mot de passe",
"password": "Contraseña",
"password.label": "Your password",
"login.password": "Enter password",
"forgotPassword": "Forgot your password?",
"resetPassword": "Reset password",
"passwordMismatch": "The passwords do not match",
"token": "Token",
"secret": "Secret",
"apiKey": "API key",
"api_key_label": "API key",
"apiKey.placeholder": "Paste your API key here",
msgid "Password"
<label for="password">Password</label>
<input type="password" name="password" placeholder="Password" />
<input type="password" id="new-password" autocomplete="new-password">
<string name="password">Password</string>
password: string;
password: String,
password?: string
password: str
password: Optional[str] = None
password = None
password = null;
password = "";
password = ''
let password = undefined
token: string | undefined
readonly token: CancellationToken
cancellationToken: CancellationToken = default
var token = lexer.nextToken();
const token = await getToken();
const token = this.tokens[i];
token = tokenizer.next()
Token token = parser.peek();
tokens = text.split()
auto token = std::move(other.token);
secret = os.environ["SECRET_KEY"]
password = os.getenv("DB_PASSWORD")
password: process.env.DB_PASSWORD,
apiKey: process.env['API_KEY'],
const apiKey = import.meta.env.VITE_API_KEY;
api_key = ENV.fetch("API_KEY")
password = config.get('database.password')
password = getpass.getpass("Password: ")
password = request.form["password"]
user.password = hash(password)
this.password = password;
self.token = token
password: password,
{ username, password }
if (password !== confirmPassword) {
if (token == null) return
if token.type == TokenType.Identifier:
case TokenKind.OpenBrace:
TOKEN_IDENTIFIER = 258,
TOKEN_STRING: 'string',
T_PASSWORD = 17
tokenType: "bearer"
token_type: Bearer
"token_type": "bearer",
grant_type=password&username=ann
grant_type=refresh_token
max_tokens: 4096
"max_tokens": 1024,
"completion_tokens": 512, "prompt_tokens": 2048, "total_tokens": 2560
tokens=128000
token_count=12345
token limit: 200000
--color-token: #3b82f6;
--token-spacing-large: 1.5rem;
--ds-background-accent-token: var(--blue-500);
design-token: color.primary.500
$password-input-border: 1px solid $gray-300;
.password-field { color: #333; }
#password-input:focus { outline: none }
DB_PASSWORD=\${DB_PASSWORD}
DB_PASSWORD=$DB_PASSWORD
DB_PASSWORD={{ db_password }}
DB_PASSWORD=<your-password>
DB_PASSWORD=
DB_PASSWORD=changeme
API_KEY=your-api-key-here
API_KEY=YOUR_API_KEY
API_KEY=<API_KEY>
API_KEY=xxxxxxxxxxxxxxxx
API_KEY=sk-...
OPENAI_API_KEY=sk-xxxxxxxxxxxxxxxxxxxxxxxx
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
TOKEN=\${{ secrets.GITHUB_TOKEN }}
password: "{{ vault_db_password }}"
password: !vault |
password: ENC(...)
password: \${env:DB_PASSWORD}
password: %DB_PASSWORD%
password: "********"
password: [REDACTED]
password=***
Authorization: Bearer <token>
Authorization: Bearer $TOKEN
Authorization: Bearer \${accessToken}
-H "Authorization: Bearer YOUR_TOKEN_HERE"
secretName: db-credentials
secretKeyRef: { name: db, key: password }
existingSecret: postgres-auth
name: my-secret
secretRef: app-config
imagePullSecrets: regcred
passwordFile: /run/secrets/db_password
password_file = /etc/app/password.txt
POSTGRES_PASSWORD_FILE=/run/secrets/pg
token_path: ~/.config/app/token
keyFile: /etc/ssl/private/server.key
tokenUrl: https://auth.example.org/oauth/token
token_endpoint: https://login.example.org/oauth2/v2.0/token
passwordResetUrl: /account/reset
password_min_length = 12
passwordPolicy: strong
password.expiry.days=90
access_token_lifetime=3600
token_ttl: 15m
secret_version: 3
PublicKeyToken=b77a5c561934e089
publicKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJx4
ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 ann@example.org
-----BEGIN CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
key: value
key=name
keyboard: us
keys: [a, b, c]
"key": "ArrowDown"
primaryKey: id
foreign_key: user_id
sort_key = created_at
partitionKey: "tenantId"
cacheKey: users:list
key: user-profile-page-header-title
public static final String PASSWORD_KEY = "password";
private static final String TOKEN = "token";
const PASSWORD = 'password';
ACTION_SET_PASSWORD = 'SET_PASSWORD'
@Column(name = "password")
password VARCHAR(255) NOT NULL,
password_digest TEXT
SELECT id, password FROM users WHERE id = 1
type Password = string;
class TokenStream { }
class PasswordField extends TextField:
interface Token { kind: Kind; text: string }
def check_password(password):
function validateToken(token) {
passwordInput.addEventListener('input', onPassword)
import { createToken } from './token';
from app.secrets import load
require('./password-hash')
token := p.next()
for token in tokens:
while token:
compass: north
passage: chapter 3
bypass=true
passenger_count: 3
passes: 12
pass: 17, fail: 2
Tests: pass 17, fail 0
test result: pass
passthrough: enabled
secretary: ann
tokenizer: o200k_base
"tokenizer_class": "LlamaTokenizer",
"eos_token": "<|endoftext|>",
"bos_token": "<s>",
"pad_token": "[PAD]",
"unk_token": "[UNK]"
Unexpected token '<', "<!DOCTYPE "... is not valid JSON
SyntaxError: Unexpected token: punc (})
Cookie: none
cookies: accepted
Set a cookie with document.cookie
credential: include
credentials: 'same-origin',
credentials: "include"
auth: required
"auth": "basic"
auth=none
author: Ann Example
authorization: required
Authorization header is missing
user:password@host is the form
https://user:password@example.com/
postgres://USER:PASSWORD@HOST:5432/DB
postgres://\${USER}:\${PASS}@localhost/db
mailto:ann@example.org
git@github.com:owner/repo.git
https://example.org/reset-password?step=2
https://example.org/docs/api-key
curl -u user:password https://api.example.com
mysql -u root -p
docker login -u ann --password-stdin
version: 1.2.3-beta.4+build.5
model: gpt-4o-2024-08-06
dataset_key_20261103_backup_final
AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA
ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789
user_authentication_service_handler_factory
sk-learn pipelines
pk: 4711
Das Passwort ist falsch.
Bitte geben Sie Ihr Kennwort ein.
Le mot de passe est obligatoire.
La contraseña no es correcta.
clave: valor
A senha deve ter oito caracteres.
Пароль должен содержать цифру.
请输入密码
パスワードを入力してください
`;
export const harmless: readonly string[] = lines.split('\n').filter((line) => line !== '');
