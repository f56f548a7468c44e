/** What a file or folder is by its name and its beginning: left out of a folder's summary unless somebody ticks it. Pure. */
import type { Reason } from './reasons.ts';

const historyFolders = new Set(['.git', '.hg', '.svn', '.jj', '.bzr', 'CVS']);
const vendoredFolders = new Set([
  ...[
    'node_modules',
    'bower_components',
    'jspm_packages',
    'vendor',
    'third_party',
    'third-party',
    'thirdparty',
    'Pods',
    'Carthage',
  ],
  ...[
    '.venv',
    'venv',
    'site-packages',
    '.tox',
    '.nox',
    '.yarn',
    '.pnpm-store',
    '.cargo',
    '.gradle',
    '.m2',
    'elm-stuff',
  ],
]);
const generatedFolders = new Set([
  ...[
    'dist',
    'out',
    'build',
    'target',
    'obj',
    '_build',
    '.next',
    '.nuxt',
    '.svelte-kit',
    '.output',
    '.parcel-cache',
    '.turbo',
    '.angular',
  ],
  ...[
    '__pycache__',
    '.mypy_cache',
    '.pytest_cache',
    '.ruff_cache',
    '.cache',
    'coverage',
    '.nyc_output',
    '.terraform',
    '.vscode-test',
    '.idea',
    '.vs',
    '__snapshots__',
  ],
]);

/** Why a whole folder is left out, without a look inside. */
export function classifyFolder(name: string): Reason | undefined {
  if (historyFolders.has(name)) return 'history';
  if (vendoredFolders.has(name)) return 'vendored';
  return generatedFolders.has(name) ? 'generated' : undefined;
}

const lockFiles = new Set([
  ...[
    'package-lock.json',
    'npm-shrinkwrap.json',
    'yarn.lock',
    'pnpm-lock.yaml',
    'bun.lock',
    'bun.lockb',
    'deno.lock',
    'composer.lock',
    'gemfile.lock',
  ],
  ...[
    'cargo.lock',
    'poetry.lock',
    'pipfile.lock',
    'pdm.lock',
    'uv.lock',
    'conda-lock.yml',
    'go.sum',
    'go.work.sum',
    'mix.lock',
    'pubspec.lock',
    'podfile.lock',
  ],
  ...[
    'cartfile.resolved',
    'package.resolved',
    'flake.lock',
    'packages.lock.json',
    'project.assets.json',
    'gradle.lockfile',
    '.terraform.lock.hcl',
    'module.bazel.lock',
    'paket.lock',
    'symfony.lock',
  ],
]);

const secretNames = new Set([
  ...[
    '.netrc',
    '_netrc',
    '.pgpass',
    '.my.cnf',
    '.htpasswd',
    '.npmrc',
    '.pypirc',
    '.dockercfg',
    '.git-credentials',
    '.s3cfg',
    '.boto',
    '.vault-token',
    '.vault_pass',
    'credentials',
    'kubeconfig',
  ],
  ...[
    'credentials.json',
    'client_secret.json',
    'service-account.json',
    'serviceaccount.json',
    'secrets.json',
    'secrets.yml',
    'secrets.yaml',
    'secrets.toml',
    'master.key',
    'terraform.tfvars',
    'terraform.tfstate',
  ],
  ...[
    'authinfo',
    '.authinfo',
    'wp-config.php',
    'local.settings.json',
    'id_rsa',
    'id_dsa',
    'id_ecdsa',
    'id_ed25519',
    'id_ecdsa_sk',
    'id_ed25519_sk',
    'identity',
  ],
]);
const secretExtension =
  /\.(?:pem|key|p12|pfx|jks|keystore|kdbx?|ppk|asc|gpg|pgp|p8|pkcs12|ovpn|mobileprovision|tfstate|tfvars|agekey|secret)(?:\.backup|\.bak)?$/;

/** Env files and keys: never sent without an explicit yes. Examples without values are ordinary files. */
export function isSecretFile(name: string): boolean {
  const lower = name.toLowerCase();
  if (/(?:^|[._-])(?:example|sample|template|dist|defaults?)(?:\.[a-z]+)?$/.test(lower)) return false;
  return (
    secretNames.has(lower) ||
    /^\.env(?:[._-]|rc$|$)/.test(lower) ||
    /\.env$/.test(lower) ||
    (secretExtension.test(lower) && !lower.endsWith('.pub'))
  );
}

const mediaExtension =
  /\.(?:png|jpe?g|gif|webp|avif|bmp|ico|icns|tiff?|psd|ai|eps|heic|raw|mp[34]|m4[av]|wav|flac|ogg|opus|aac|webm|mov|avi|mkv|wmv|mid)$/;
const archiveExtension =
  /\.(?:zip|gz|tgz|bz2|xz|zst|lz4|7z|rar|tar|jar|war|ear|aar|apk|ipa|vsix|whl|egg|nupkg|deb|rpm|dmg|iso|img|cab|msi|crx|xpi)$/;
const binaryExtension =
  /\.(?:exe|dll|so(?:\.\d+)*|dylib|a|lib|o|obj|ko|class|pyc|pyo|pyd|wasm|node|beam|elc|pdb|ilk|bin|dat|db|sqlite3?|mdb|parquet|avro|orc|feather|arrow|npy|npz|pkl|pt|pth|onnx|safetensors|gguf|h5|hdf5|mat|rds|rdata|ttf|otf|woff2?|eot|xlsx?|pptx?|doc|odt|ods|odp|epub|mobi|swf|fla|blend|fbx|glb|stl|dwg|skp|sketch|fig|res|resx?bin|ds_store|idx|pack|rev|snap\.bin|hprof|dump|core|pcap|cap)$/;
const generatedFile =
  /(?:\.pb\.(?:go|cc|h|swift|dart)|_pb2(?:_grpc)?\.pyi?|_grpc\.pb\.go|\.g\.(?:dart|cs|i\.cs)|\.freezed\.dart|\.designer\.cs|\.generated\.[a-z]+|\.gen\.[a-z]+|_generated\.[a-z]+|\.snap|\.map|\.tsbuildinfo|\.lcov|\.d\.ts\.map|bindata\.go|wire_gen\.go)$/;
const generatedGoFile = /(?:^|\/)zz_generated[\w.]*\.go$/;
const minifiedFile = /[.-](?:min|bundle|prod\.min|chunk)\.(?:m?js|cjs|css)$/;

/** Why a file is left out, from its name alone. Names in the strongest sense first: a key is a key, whatever folder it lies in. */
export function classifyFile(name: string): Reason | undefined {
  const lower = name.toLowerCase();
  if (isSecretFile(name)) return 'secret';
  if (lockFiles.has(lower)) return 'lock';
  if (mediaExtension.test(lower)) return 'image';
  if (archiveExtension.test(lower)) return 'archive';
  if (binaryExtension.test(lower)) return 'binary';
  if (minifiedFile.test(lower)) return 'minified';
  return generatedFile.test(lower) || generatedGoFile.test(lower) ? 'generated' : undefined;
}

/** Files whose name leaves it open what they are: a look at their beginning is worth its cost. */
export function worthALook(name: string, bytes: number): boolean {
  return bytes > 24_000 || !/\.[A-Za-z][A-Za-z0-9]{0,9}$/.test(name);
}

/** Marks that generators leave in the first lines; in a comment, so that a text about generators is not taken for their work. */
const commentLine = /^[ \t]*(?:\/\/|\/\*|#|--|;|<!--|\*|'|"|%|\(\*)/;
const generatedMark =
  /(?:@generated\b|\bDO NOT EDIT\b|\bauto-?generated (?:file|by|code|from)\b|\bgenerated by (?:the )?[\w.-]+(?:\.| compiler| from|;|,|$)|\bThis file (?:is|was) (?:automatically |auto-?)generated\b)/i;

/** Why a file is left out, from its first kilobytes. */
export function classifyHead(name: string, head: string): Reason | undefined {
  const first = head.slice(0, 2_000).split('\n');
  if (first.some((line) => commentLine.test(line) && generatedMark.test(line.slice(0, 240)))) return 'generated';
  if (/\.(?:m?js|cjs|css|jsx?)$/i.test(name) && head.length >= 4_000) {
    const lines = head.split('\n').length;
    if (head.length / lines > 400) return 'minified';
  }
  return undefined;
}

/** Tokens of a file that was not read: closer than bytes ÷ 4 for the kinds that a workspace holds. */
export function estimateFileTokens(name: string, bytes: number): number {
  const perByte = /\.(?:md|txt|rst|adoc|tex|html?)$/i.test(name)
    ? 0.24
    : /\.(?:json|csv|tsv|log|xml|ya?ml|svg)$/i.test(name)
      ? 0.36
      : 0.29;
  return Math.ceil(bytes * perByte);
}
