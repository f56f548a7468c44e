/** Applies nested ignore files; the deeper one decides. */
import ignore, { type Ignore } from 'ignore';
import type { Reason } from './reasons.ts';

/** Ignore files of version control and similar tools. */
export const ignoreFileNames = ['.gitignore', '.aiignore', '.aiexclude', '.cursorignore', '.precisignore'] as const;

interface Level {
  /** Relative to the root; '' or ending in a slash. */
  readonly folder: string;
  readonly rules: Ignore;
  readonly reason: Reason;
}

/** Rules inside one folder, immutable. */
export interface IgnoreRules {
  readonly levels: readonly Level[];
  /** Relative to the rules' root. */
  readonly base?: string;
}

/** Ignores nothing. */
export const noRules: IgnoreRules = { levels: [] };

/**
 * Adds an ignore file.
 * @param folder relative with forward slashes; '' for the root
 */
export function withIgnoreFile(rules: IgnoreRules, folder: string, content: string): IgnoreRules {
  return withPatterns(rules, below(rules, folder), content, 'ignored');
}

/** Adds VS Code's exclude globs that are `true`. */
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
 * Returns why a path is left out; its folders must be checked before.
 * @param path relative to the walk's start, forward slashes, no final slash
 */
export function findIgnoreReason(rules: IgnoreRules, path: string, isFolder: boolean): Reason | undefined {
  // Deeper files override only Git's rules.
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

/** Expands `{a,b}` to one pattern for each choice. */
export function expandBraces(glob: string): string[] {
  const open = /\{([^{}]*)\}/.exec(glob);
  if (!open) return [glob];
  const [whole, inner = ''] = open;
  return inner
    .split(',')
    .flatMap((choice) => expandBraces(glob.slice(0, open.index) + choice + glob.slice(open.index + whole.length)));
}

/** VS Code's globs start at the root; in Git's rules a pattern without a slash matches anywhere. */
function asGitPattern(glob: string): string {
  const escaped = glob.replace(/^([#!])/, '\\$1');
  return glob.startsWith('**/') || glob.startsWith('/') ? escaped : `/${escaped}`;
}
