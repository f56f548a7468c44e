/** Where the programs are that the bootstrap scripts installed. */

interface Ensure {
  hostVersion(): string;
  ensureAll(): Promise<{
    node: string;
    hostNode: string;
    host: string;
    chromium: { path: string; env: Record<string, string> };
  }>;
}

export interface Installation {
  /** A Node 24 binary. */
  readonly node: string;
  /** Folder of VS Code's server, its version, and the Node that runs it. */
  readonly vscode: string;
  readonly vscodeVersion: string;
  readonly vscodeNode: string;
  readonly chromium: { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

let known: Promise<Installation> | undefined;

export function installation(): Promise<Installation> {
  known ??= find();
  return known;
}

async function find(): Promise<Installation> {
  const ensure = (await import(new URL('../../../.config/scripts/lib/ensure.mjs', import.meta.url).href)) as Ensure;
  const { node, hostNode, host, chromium } = await ensure.ensureAll();
  return { node, vscode: host, vscodeVersion: ensure.hostVersion(), vscodeNode: hostNode, chromium };
}
