/** Where the programs are that the bootstrap scripts installed. */

interface Ensure {
  ensureNode(): Promise<string>;
  ensureHost(): Promise<string>;
  ensureChromium(): Promise<{ path: string; env: Record<string, string> }>;
}

export interface Installation {
  /** A Node 24 binary. */
  readonly node: string;
  /** Folder of VS Code's server. */
  readonly vscode: string;
  readonly chromium: { readonly path: string; readonly env: Readonly<Record<string, string>> };
}

let known: Promise<Installation> | undefined;

export function installation(): Promise<Installation> {
  known ??= find();
  return known;
}

async function find(): Promise<Installation> {
  const ensure = (await import(new URL('../../../.config/scripts/lib/ensure.mjs', import.meta.url).href)) as Ensure;
  const node = await ensure.ensureNode();
  const [vscode, chromium] = await Promise.all([ensure.ensureHost(), ensure.ensureChromium()]);
  return { node, vscode, chromium };
}
