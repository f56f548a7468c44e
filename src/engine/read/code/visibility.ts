/** Whether a definition is of a file's interface: by the words that this file marks it with, where it uses some; else by keyword and name. */
import type { Line } from '../../offline/view.ts';
import { assigned, cFunction, type Dialect } from './definitionRules.ts';

/** Rule for public definitions. */
export interface Visibility {
  /** @param depth how many definitions are around it */
  isPublic(text: string, name: string, depth: number): boolean;
}

const ownLine = (forms: RegExp) => (lines: readonly Line[]) => lines.some(({ text }) => forms.test(text));
const isRust = ownLine(/^(?:pub\s+(?:fn|struct|enum|mod|trait|use|type|const)\b|use \w+::.*[;{]$|#!?\[\w)/);
const hasExports = ownLine(
  /^export (?:default |declare )?(?:async |abstract )?(?:const|function|class|interface|type|enum)\b/,
);
const isMarked = ownLine(
  /^\s*(?:public|open)\s+(?:\w+\s+)*(?:class|struct|enum|protocol|func|extension|var|let|init)\b/,
);

/** Returns the rule of the file's language. */
export function findVisibility(lines: readonly Line[], dialect: Dialect): Visibility {
  const first = lines.slice(0, 5_000);
  if (dialect === 'elixir') return { isPublic: (text) => !/^\s*def(?:p|macrop|guardp)\b/.test(text) };
  if (dialect === 'go') return { isPublic: (_, name) => /^\p{Lu}/u.test(name) };
  const exported = findExports(first, dialect);
  if (dialect === 'haskell') return { isPublic: (_, name) => exported.size === 0 || exported.has(name) };
  if (isRust(first)) return { isPublic: (text) => /^\s*pub\s/.test(text) };
  if (hasExports(first) || exported.size > 0)
    return {
      isPublic: (text, name, depth) =>
        depth === 0
          ? /^export\b/.test(text) || exported.has(name) || isPublicAssigned(text, name)
          : isPublic(text, name),
    };
  if (isMarked(first)) return { isPublic: (text) => /^\s*(?:@\w+\s+)*(?:public|open)\b/.test(text) };
  return { isPublic };
}

/** Names that a file hands out in lists: `export { a }`, `module.exports = { a }`, `__all__`, a module's head. */
function findExports(lines: readonly Line[], dialect: Dialect): Set<string> {
  const names = new Set<string>();
  const start =
    dialect === 'haskell'
      ? /^module\s+[\w.]+\s*(?:\(|$)/
      : /^(?:export (?:type )?\{|(?:module\.)?exports = \{|__all__\s*\+?=\s*[[(]|export default (?:memo\(|connect\()?[\w$]+\)?;?$|(?:module\.)?exports = [\w$]+;?$)/;
  const end = dialect === 'haskell' ? /\bwhere\b/ : /[\]})]|;$|^export default|exports = [\w$]/;
  let inList = false;
  for (const { text } of lines) {
    if (!inList && !start.test(text)) continue;
    const items = (inList ? text : text.replace(/^export (?:default\s)?|^[\w.]+\s*\+?= |^module\s+[\w.]+/, ''))
      .replace(/(?:--|\/\/).*/, '')
      .replace(/\bas\s+[\w$]+/g, '');
    for (const name of items.match(/[\p{L}_$][\w$']*/gu) ?? []) names.add(name);
    inList = !end.test(text);
  }
  for (const word of ['default', 'where', 'module', 'type', 'pattern', 'memo', 'connect']) names.delete(word);
  return names;
}

const isPublicAssigned = (text: string, name: string): boolean => assigned.test(text) && !/(?:^|\.)_/.test(name);

function isPublic(text: string, name: string): boolean {
  if (/^\s*(?:export|pub|public|open)\b/.test(text)) return true;
  if (assigned.test(text)) return isPublicAssigned(text, name);
  if (
    /^\s*(?:private|protected|internal|fileprivate|static\s+(?:inline|void|int|char|bool)|local)\b/.test(text) ||
    (/^[_#]/.test(name) && !/^__(?:init|call|construct|invoke)(?:__)?$/.test(name))
  )
    return false;
  if (/^[A-Za-z_]/.test(text) && cFunction.test(text)) return !/\bstatic\b/.test(text);
  return /^\s*(?:(?:abstract|final|sealed|partial|readonly|data|open|expect|actual|suspend|override|operator|inline|infix|tailrec|const|typedef|value|annotation|static|mutating|indirect|required|convenience)\s+)*(?:async\s+def|def|fun|func|va[lr]|class|interface|struct|enum|trait|protocol|message|service|module|object|typealias|actor|extension|CREATE|create)\b/.test(
    text,
  );
}
