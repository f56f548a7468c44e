/** Access to Node's file system; must not be imported in a browser. */
type NodeFs = typeof import('node:fs');
type NodePath = typeof import('node:path');

function getBuiltin<T>(name: string): T | undefined {
  return typeof process === 'undefined' ? undefined : (process.getBuiltinModule?.(name) as T | undefined);
}

/** Undefined in browsers. */
export const nodeFs: NodeFs | undefined = getBuiltin('node:fs');
/** Undefined in browsers. */
export const nodeChildProcess: typeof import('node:child_process') | undefined = getBuiltin('node:child_process');
/** Undefined in browsers. */
export const nodePath: NodePath | undefined = getBuiltin('node:path');

/** Whether a file's resolved path is at or below the resolved root. */
export async function isInside(root: string, file: string): Promise<boolean> {
  if (!nodeFs || !nodePath) return isBelow(root, file);
  const [realRoot, realFile] = await Promise.all([nodeFs.promises.realpath(root), nodeFs.promises.realpath(file)]);
  return !leadsOut(nodePath.relative(realRoot, realFile));
}

/** Whether a relative path leaves its folder. A name may begin with two dots: `..data`. */
export const leadsOut = (relative: string): boolean => /^(?:\.\.(?:[\\/]|$)|[\\/]|[a-z]:[\\/])/i.test(relative);

/** As in Linux. */
const maxLinks = 40;

/** Paths along a path's links, the real one last; empty if unknown. */
export async function resolveLinks(path: string): Promise<string[]> {
  if (!nodeFs || !nodePath) return [];
  const found: string[] = [];
  let at = path;
  for (let i = 0; i < maxLinks; i++) {
    const target = await nodeFs.promises.readlink(at).catch(() => undefined);
    if (target === undefined) break;
    at = nodePath.resolve(nodePath.dirname(at), target);
    found.push(at);
  }
  const real = await nodeFs.promises.realpath(path).catch(() => undefined);
  return real === undefined || found.at(-1) === real ? found : [...found, real];
}

/** Compares names only, because browsers have no links. */
export function isBelow(root: string, file: string): boolean {
  const parts = (path: string): string[] => path.split(/[\\/]/).filter((part) => part !== '' && part !== '.');
  const [above, below] = [parts(root), parts(file)];
  return !below.includes('..') && above.every((part, i) => part === below[i]);
}
