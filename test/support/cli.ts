/** The `precis` command as it is shipped: bundled once for a test file, run as a process of its own. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Environment of a run whose disk fails below a folder; see `diskFaults.mjs`. */
export function failingDisk(code: string, below: string, methods: readonly string[]): NodeJS.ProcessEnv {
  return {
    NODE_OPTIONS: `--import=${new URL('./diskFaults.mjs', import.meta.url).href}`,
    PRECIS_TEST_DISK: JSON.stringify({ code, below, methods }),
  };
}

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Cli {
  /** `PRECIS_HOME` and working folder of all runs. */
  readonly home: string;
  readonly program: string;
  readonly env: NodeJS.ProcessEnv;
  run(
    args: readonly string[],
    options?: { readonly env?: NodeJS.ProcessEnv; readonly stdin?: string | Uint8Array },
  ): Promise<CliRun>;
  /** Starts it without waiting, for signals and broken pipes; the caller ends it. */
  start(args: readonly string[], env?: NodeJS.ProcessEnv): ChildProcess;
  dispose(): Promise<void>;
}

export async function bundleCli(): Promise<Cli> {
  const folder = await mkdtemp(join(tmpdir(), 'precis-cli-'));
  await build({
    absWorkingDir: root,
    entryPoints: { cli: 'src/cli/main.ts', worker: 'src/text/worker.ts' },
    outdir: join(folder, 'dist'),
    bundle: true,
    splitting: true,
    // as in the build: a file that is loaded by its address is not beside every chunk
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'silent',
  });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction');
  await symlink(join(root, 'package.json'), join(folder, 'package.json'));
  const home = join(folder, 'home');
  const program = join(folder, 'dist', 'cli.js');
  const { PATH } = process.env;
  const env = { PATH, PRECIS_HOME: home };
  return {
    home,
    program,
    env,
    run: (args, options = {}) =>
      new Promise((resolve) => {
        const child = execFile(
          process.execPath,
          [program, ...args],
          { cwd: root, env: { ...env, ...options.env }, maxBuffer: 64 * 1024 * 1024 },
          (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) : 0, stdout, stderr }),
        );
        child.stdin?.end(options.stdin ?? '');
      }),
    start: (args, more = {}) =>
      spawn(process.execPath, [program, ...args], { cwd: root, env: { ...env, ...more }, stdio: 'pipe' }),
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}
