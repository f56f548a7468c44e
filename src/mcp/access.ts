/** Limits agents to files below the client's roots, after resolving links, except ignored and key files. */
import { open, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { classifyFile } from '../sources/classify.ts';
import { findIgnoreReason, ignoreFileNames, noRules, withIgnoreFile } from '../sources/ignoreRules.ts';
import { leadsOut } from '../sources/platform.ts';

/** Refusal; the message tells the agent what to do instead. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}

/**
 * Returns the real path of a named file.
 * @param roots folders the client opened; relative paths are tried in order
 * @throws AccessError outside every root, for missing, key and ignored files
 */
export async function resolveAllowedPath(name: string, roots: readonly string[]): Promise<string> {
  const candidates = isAbsolute(name) ? [name] : roots.map((root) => resolve(root, name));
  const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => root)));
  for (const candidate of candidates) {
    const real = await realpath(candidate).catch(() => undefined);
    if (real === undefined) continue;
    const root = realRoots.find((folder) => !leadsOut(relative(folder, real)));
    if (root === undefined)
      throw new AccessError(`${name} is outside the folders that are open. Name a file inside them.`);
    if ([candidate, real].some((path) => classifyFile(basename(path)) === 'secret')) {
      throw new AccessError(`${name} may hold keys or passwords. It is not read for agents.`);
    }
    if (await isHidden(root, real)) throw new AccessError(`An ignore file hides ${name} from agents.`);
    return real;
  }
  throw new AccessError(`${name} does not exist.`);
}

/** Ignore files for agents; `.gitignore` does not hide files named directly. */
const agentIgnoreFiles = ignoreFileNames.filter((name) => name !== '.gitignore');

async function isHidden(root: string, path: string): Promise<boolean> {
  const inner = relative(root, path).split(sep);
  let rules = noRules;
  for (let depth = 0; depth < inner.length; depth++) {
    const folder = inner.slice(0, depth).join('/');
    for (const name of agentIgnoreFiles) {
      const content = await readFile(resolve(root, folder, name), 'utf8').catch(() => '');
      if (content) rules = withIgnoreFile(rules, folder, content);
    }
    const isFolder = depth < inner.length - 1;
    if (findIgnoreReason(rules, inner.slice(0, depth + 1).join('/'), isFolder)) return true;
  }
  return false;
}

/** Maximum characters per `read` answer. */
const maxReadCharacters = 20_000;

/**
 * Reads lines of a text file.
 * @param first, last from 1, inclusive
 * @returns existing lines of the range, cut at `maxReadCharacters`
 */
export async function readLines(path: string, first: number, last: number): Promise<string> {
  if (!(await stat(path)).isFile()) throw new AccessError(`${basename(path)} in ${dirname(path)} is not a file.`);
  const handle = await open(path, 'r');
  const lines: string[] = [];
  let length = 0;
  let line = 0;
  try {
    for await (const text of handle.readLines()) {
      line += 1;
      if (line > last || length > maxReadCharacters) break;
      if (line < first) continue;
      lines.push(text);
      length += text.length + 1;
    }
  } finally {
    await handle.close();
  }
  return lines.join('\n').slice(0, maxReadCharacters);
}
