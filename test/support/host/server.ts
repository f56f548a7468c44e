/** VS Code's own server: the extension host and the files live in it, the window in a browser. */
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { installation } from './installation.ts';
import { descendants, endGroup, startGroup } from './processes.ts';
import { patience } from './wait.ts';

export interface ServerOptions {
  /** Folder for the server's data and extensions; the caller makes and removes it. */
  readonly home: string;
  /** Development: extensions named in the window's payload are loaded, and no notification toasts are shown. */
  readonly development: boolean;
  /** Folders of extensions, or unpacked packages, to be there as if installed. */
  readonly installed: readonly string[];
  readonly settings: Readonly<Record<string, unknown>>;
  /** Added to this process's environment; undefined takes a variable away. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly trusted: boolean;
  /** 0: any free one. A window's memory belongs to its port. */
  readonly port: number;
}

export interface Server {
  readonly port: number;
  readonly process: ChildProcess;
  /** What the server has printed. */
  log(): string;
  /** Resolves to the exit code of an extension host that ended, the next one from now. */
  extensionHostExit(): Promise<number>;
  extensionHosts(): number[];
  close(): Promise<void>;
}

export function settingsFile(home: string): string {
  return join(home, 'data', 'data', 'Machine', 'settings.json');
}

/** Machine settings are watched: a running window has a change within half a second. */
export function writeSettings(home: string, settings: Readonly<Record<string, unknown>>): void {
  const file = settingsFile(home);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(settings, undefined, 2));
}

function install(home: string, folder: string): void {
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    publisher: string;
    name: string;
    version: string;
  };
  const target = join(home, 'extensions', `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  mkdirSync(dirname(target), { recursive: true });
  if (existsSync(target)) return;
  if (process.platform === 'win32') cpSync(folder, target, { recursive: true });
  else symlinkSync(folder, target);
}

/** Run by the server before all else: when the process that started it is gone, however it went, the whole group ends. */
const endWithParent = `
  if (process.argv[1]?.endsWith('server-main.js')) {
    process.stdin.once('close', () => {
      try { process.kill(-process.pid, 'SIGKILL'); } catch { process.exit(1); }
    });
    process.stdin.resume();
    process.stdin.unref();
  }`;

function argumentsOf(main: string, options: ServerOptions): string[] {
  return [
    ...['--import', `data:text/javascript,${encodeURIComponent(endWithParent)}`],
    main,
    ...['--host', '127.0.0.1', '--port', String(options.port)],
    '--without-connection-token',
    '--accept-server-license-terms',
    '--disable-telemetry',
    ...(options.development ? ['--enable-smoke-test-driver'] : []),
    ...(options.trusted ? ['--disable-workspace-trust'] : []),
    ...['--server-data-dir', join(options.home, 'data')],
    ...['--extensions-dir', join(options.home, 'extensions')],
  ];
}

/** Variables by which a surrounding VS Code, or npm, would speak to the one under test. */
function cleanEnvironment(extra: ServerOptions['env']): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (!/^(VSCODE_|ELECTRON_|NODE_OPTIONS$|npm_|OPENAI_|ANTHROPIC_)/.test(name)) env[name] = value;
  }
  for (const [name, value] of Object.entries(extra)) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

export async function startServer(options: ServerOptions): Promise<Server> {
  const { vscode, vscodeNode } = await installation();
  for (const folder of options.installed) install(options.home, folder);
  mkdirSync(join(options.home, 'extensions'), { recursive: true });
  writeSettings(options.home, options.settings);
  const child = startGroup(
    vscodeNode,
    argumentsOf(join(vscode, 'out', 'server-main.js'), options),
    cleanEnvironment(options.env),
  );
  let log = '';
  const exits = new Set<(code: number) => void>();
  const listen = (data: Buffer): void => {
    const text = data.toString('utf8');
    log = (log + text).slice(-400_000);
    const exit = /Extension Host Process exited with code: (-?\d+|null)/.exec(text);
    if (exit) for (const done of exits) done(Number(exit[1] === 'null' ? 128 : exit[1]));
    if (exit) exits.clear();
  };
  child.stdout?.on('data', listen);
  child.stderr?.on('data', listen);
  const port = await listening(child, () => log);
  return {
    port,
    process: child,
    log: () => log,
    extensionHostExit: () => new Promise((done) => exits.add(done)),
    extensionHosts: () => descendants(child.pid ?? 0, '--type=extensionHost'),
    close: () => endGroup(child),
  };
}

function listening(child: ChildProcess, log: () => string): Promise<number> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`VS Code's server did not start:\n${log()}`)), patience);
    const look = (): void => {
      const found = /Extension host agent listening on (\d+)/.exec(log());
      if (!found) return;
      clearTimeout(timer);
      done(Number(found[1]));
    };
    child.stdout?.on('data', look);
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(new Error(`VS Code's server ended with code ${code}:\n${log()}`));
    });
  });
}
