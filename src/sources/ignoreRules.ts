/** Ignore files of a tree: nested, the deeper one decides. Pure. */
import ignore, { type Ignore } from 'ignore';
import type { Reason } from './reasons.ts';

/** Files that people keep for version control and for tools like this one. */
export const ignoreFileNames = ['.gitignore', '.aiignore', '.aiexclude', '.cursorignore', '.precisignore'] as const;

interface Level {
  /** Folder of the ignore file, relative to the root, '' or ending in a slash. */
  readonly folder: string;
  readonly rules: Ignore;
  readonly reason: Reason;
}

/** The rules in force inside one folder. Values, not state: each folder of a walk has its own. */
export interface IgnoreRules {
  readonly levels: readonly Level[];
  /** Where a walk begins, seen from the rules' root: paths that are asked for, and ignore files that are found, lie below it. */
  readonly base?: string;
}

export const noRules: IgnoreRules = { levels: [] };

/** The rules with those of a folder's ignore file added. `folder`: relative to the root with forward slashes, '' for the root. */
export function withIgnoreFile(rules: IgnoreRules, folder: string, content: string): IgnoreRules {
  return withPatterns(rules, below(rules, folder), content, 'ignored');
}

/** The rules with VS Code's exclude settings added: globs that are `true`, relative to the root. */
export function withExcludes(rules: IgnoreRules, globs: Readonly<Record<string, unknown>>): IgnoreRules {
  const patterns = Object.entries(globs).flatMap(([glob, value]) =>
    value === true ? expandBraces(glob).map(asGitPattern) : [],
  );
  return patterns.length ? withPatterns(rules, '', patterns.join('\n'), 'excluded') : rules;
}

function withPatterns(rules: IgnoreRules, folder: string, content: string, reason: Reason): IgnoreRules {
  const prefix = folder && !folder.endsWith('/') ? `${folder}/` : folder;
  const level: Level = {
    folder: prefix,
    rules: ignore({ ignorecase: false }).add(content.replace(/^\uFEFF/, '')),
    reason,
  };
  return { ...rules, levels: [...rules.levels, level] };
}

function below(rules: IgnoreRules, path: string): string {
  return rules.base ? (path ? `${rules.base}/${path}` : rules.base) : path;
}

/**
 * Why a path is left out. The folders above it were asked before: what lies in an ignored folder is never asked.
 * @param path relative to where the walk began, forward slashes, folders without the slash at the end
 */
export function ignoredBecause(rules: IgnoreRules, path: string, isFolder: boolean): Reason | undefined {
  // Git's own rules may be turned round by a deeper file; the settings and each kind of file stand for themselves.
  const full = below(rules, path);
  let decided: Reason | undefined;
  for (const level of rules.levels) {
    if (!full.startsWith(level.folder)) continue;
    const relative = full.slice(level.folder.length) + (isFolder ? '/' : '');
    if (relative === '/' || relative === '' || !ignore.isPathValid(relative)) continue;
    const result = level.rules.test(relative);
    if (result.ignored) decided = level.reason;
    else if (result.unignored) decided = undefined;
  }
  return decided;
}

/** `{a,b}` is no pattern of ignore files: one line for each choice. */
export function expandBraces(glob: string): string[] {
  const open = /\{([^{}]*)\}/.exec(glob);
  if (!open) return [glob];
  const [whole, inner = ''] = open;
  return inner
    .split(',')
    .flatMap((choice) => expandBraces(glob.slice(0, open.index) + choice + glob.slice(open.index + whole.length)));
}

/** VS Code's globs start at the root of the workspace; an ignore file's pattern without a slash would match at any depth. */
function asGitPattern(glob: string): string {
  const escaped = glob.replace(/^([#!])/, '\\$1');
  return glob.startsWith('**/') || glob.startsWith('/') ? escaped : `/${escaped}`;
}
