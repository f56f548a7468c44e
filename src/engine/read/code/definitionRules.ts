/** Forms of definitions by language, told line by line. */
import { type Line, shorten } from '../../offline/view.ts';

/** Recognizes one form of definition. */
export interface Rule {
  readonly pattern: RegExp;
  /** '' : the first group says it. */
  readonly what: string;
  /** Public in a type unless its name says otherwise. */
  readonly isOpen?: boolean;
}
const modifiers = String.raw`(?:(?:export|default|declare|public|private|protected|internal|static|abstract|final|sealed|partial|async|override|virtual|inline|extern|unsafe|open|data|pub(?:\([^)]*\))?|const|readonly|local|expect|actual|inner|value|annotation|suspend|operator|infix|tailrec|external|fileprivate|indirect|mutating|nonisolated|required|convenience|typedef|case|constexpr|package)\s+)*`;
/** JavaScript and Lua: `x.y = function`. */
export const assigned =
  /^ {0,4}((?:module\.)?exports(?:\.[\w$]+)?|[A-Za-z_$][\w$]*(?:\.prototype)?\.[A-Za-z_$][\w$]*) ?= ?(?:async )?(?:function\b|class\b|\([^()]*\) ?=>|[\w$]+ ?=>)/;
/** A function of C at the margin: `int f(…) {`, `API(int) f(…);`, with its return type before it. */
export const cFunction =
  /^(?!(?:with|assert|raise|del|elif|except|if|for|while|switch|do|func|fn|def|fun|function|class|interface|export|import|return|throw|new|await|delete|echo|print|use|using|require|module|typedef|else|case|in|of)\b)(?:[A-Za-z_][\w:<>*&,\s]*?[\s*&]|[A-Z_]+\([\w\s*]{1,40}\)\s*)([A-Za-z_][\w:~]*)\s*\([^;{}=]*(?:\)(?: const| noexcept| override)*;\s*|\{.*)?$/;
/** A variable, a field or a forward declaration of a C type, which defines nothing. */
export const cUse =
  /^\s*(?:static\s+|const\s+)*(?:(?:struct|enum|union)\s+\w+[*&\s]+\w.*[;=,(]|(?:struct|class|union)\s+\w+;)|^\s*friend\s|^\s*(?:pub(?:\([^)]*\))? )?mod \w+;/;

const functionRule: Rule = {
  pattern: new RegExp(
    String.raw`^\s*${modifiers}(?:function\*?|func|fn|def|fun|sub|procedure)\s+(?:\([^)]*\)\s*)?(?:<[^>]*>\s*)?([\p{L}_$][\w$.:?!]*)`,
    'u',
  ),
  what: 'function',
};
const typeRule: Rule = {
  pattern: new RegExp(
    String.raw`^\s*${modifiers}(class|interface|trait|struct|enum(?: class)?|union|protocol|record|object|namespace|module|mod|actor|extension|impl|contract|service|message|package)\s+(?:<[^>]*>\s*)?(?:[A-Z0-9_]{4,}\s+(?=\w))?([\p{L}_$][\w$.:]*)`,
    'u',
  ),
  what: '',
};

const general: readonly Rule[] = [
  functionRule,
  typeRule,
  {
    pattern:
      /^\s*(?:export\s+|public\s+|internal\s+|private\s+)?(?:declare\s+)?type(?:alias)?\s+([A-Za-z_$][\w$]*)(?:\s*[<=]|\s+(?:struct|interface|func|\w))/,
    what: 'type',
  },
  { pattern: /^\s*(?:export\s+)(?:declare\s+)?(?:const|let|var)\s+([A-Za-z_$][\w$]*)/, what: 'value' },
  {
    pattern:
      /^(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*(?:async\s*)?(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|[\w$]+)\s*(?::[^=]+)?=>/,
    what: 'function',
  },
  { pattern: /^(?:pub\s+)?(?:const|static)\s+([A-Z_][A-Z0-9_]*)\s*[:=]/, what: 'value' },
  {
    pattern:
      /^(?:(?:public|internal|private|const|expect|actual|inline|override|lateinit)\s+)*va[lr]\s+(?:[\w<>*?]+\.)?(\w+)\s*(?::|=|$|by\b)/,
    what: 'value',
  },
  {
    pattern:
      /^\s{1,8}(?:(?:public|private|protected|internal|static|async|override|virtual|final|abstract|readonly|get|set|synchronized|unsafe|default|\*)\s+)+(?:<[^>]*>\s+)?(?:[\w<>[\].?*&]+(?:, ?[\w<>[\].?*&]+)*\s+)?(~?[A-Za-z_$#][\w$]*)\s*(?:<[^>]*>)?\(/,
    what: 'method',
  },
  {
    pattern:
      /^\s{1,8}(?:public|protected internal)\s+(?:(?:static|virtual|override|abstract|required|readonly|new)\s+)*[\w<>[\],.?]+\s+([A-Z]\w*)\s*(?:\{\s*(?:get|set|init)\b|=>|$)/,
    what: 'property',
  },
  {
    pattern:
      /^(?: {2,4}|\t)(?:async\s+|\*\s*|static\s+)*([a-zA-Z_$#][\w$]*)\s*(?:<[^>]*>)?\((?:[^();]|\((?:[^();]|\([^();]*\))*\))*\)\s*(?::[^{;]+)?\{\s*$/,
    what: 'method',
    isOpen: true,
  },
  { pattern: cFunction, what: 'function' },
  {
    pattern:
      /^\s*(?:create|CREATE)(?:\s+(?:or|OR)\s+(?:replace|REPLACE))?\s+(?:unique |UNIQUE )?(?:table|TABLE|view|VIEW|function|FUNCTION|procedure|PROCEDURE|index|INDEX|trigger|TRIGGER)\s+(?:if not exists\s+|IF NOT EXISTS\s+)?["`[]?([\w.]+)/,
    what: 'definition',
  },
  { pattern: /^([A-Za-z_][\w:-]*)\s*\(\)\s*\{/, what: 'function' },
  { pattern: assigned, what: 'function' },
];
/** Members without a modifier: of a C++ class, or of an interface. */
const memberRule: Rule = {
  pattern:
    /^\s(?!\s*(?:return|throw|new|delete|else|case|if|for|while|switch|using|friend|typedef|operator|assert|static_assert)\b)([\w:<>*&,[\].?~\s]+)\((?!\*)/,
  what: 'method',
};
const haskell: readonly Rule[] = [
  { pattern: /^([a-z_][\w']*)(?:\s*,\s*[a-z_][\w']*)*\s*(?:::|$)/, what: 'function' },
  { pattern: /^(data|newtype|class|type) (?:family )?(?:[^=\s][^=]*=> ?)?\(?([A-Z][\w']*)/, what: '' },
];
const elixir: readonly Rule[] = [
  { pattern: /^\s*(defmodule|defprotocol|defimpl)\s+([\w.]+)/, what: '' },
  { pattern: /^\s*def(?:p|macro|macrop|delegate|guard|guardp)?\s+([a-z_][\w?!]*)/, what: 'function' },
  { pattern: /^\s*@callback\s+([a-z_][\w?!]*)/, what: 'callback' },
];

/** Languages with rules of their own; '' for all others. */
export type Dialect = 'haskell' | 'elixir' | 'go' | 'cpp' | '';

/** Languages whose definitions have forms of their own; '' for all others. */
export function detectDialect(lines: readonly Line[]): Dialect {
  const first = lines.slice(0, 2_000);
  const has = (form: RegExp): boolean => first.some(({ text }) => form.test(text));
  if (has(/^\s*def(?:module|protocol|impl) [A-Z]/)) return 'elixir';
  if (has(/^\{-# LANGUAGE\b/) || (has(/^module\s+[A-Z][\w.]*/) && has(/^[a-z][\w']*\s+::\s/))) return 'haskell';
  if (has(/^package \w+$/) && has(/^(?:func[ (]|type \w+ |import [("])/)) return 'go';
  return has(/^\s*(?:public|private|protected)\s*:\s*(?:\/\/.*)?$/) ||
    (has(/^namespace\b[\s\w:]*\{/) && has(/^\s*#\s*include\b/))
    ? 'cpp'
    : '';
}

/** @param inMembers whether the line may be a member without a modifier */
export function listRules(dialect: Dialect, inMembers: boolean): readonly Rule[] {
  if (dialect === 'haskell') return haskell;
  if (dialect === 'elixir') return elixir;
  return inMembers ? [...general, memberRule] : general;
}

/** Words that calls and statements begin with. */
export const keywords: ReadonlySet<string> = new Set(
  'if for while switch catch return else do try with new await super throw case function sizeof defined elif describe it test typeof in of and or not where foreach lock using fixed when until unless assert static_assert'.split(
    ' ',
  ),
);

const maxSignature = 12;

/** The definition up to its body, over several lines where its parentheses are; comments in it are left out. */
export function readSignature(lines: readonly Line[], at: number): string {
  let signature = '';
  let depth = 0;
  let inComment = false;
  for (const [i, { text }] of lines.slice(at, at + maxSignature).entries()) {
    let part = text.trim();
    if (inComment || part.startsWith('/*')) {
      inComment = !part.includes('*/');
      continue;
    }
    if (signature !== '' && part.startsWith('//')) continue;
    part = part.replace(/\s(?:\/\/|--) .*/, '').replace(/\/\*[^*]*\*\//g, '');
    const start = signature.length;
    signature += (start === 0 || signature.endsWith('(') ? '' : ' ') + part;
    for (let j = start; j < signature.length; j++) {
      if ('(['.includes(signature[j] as string)) depth++;
      else if (')]'.includes(signature[j] as string)) depth--;
      else if (depth === 0 && (signature[j] === '{' || (signature.startsWith('=>', j) && !signature.includes('::'))))
        return cleanSignature(signature.slice(0, j));
    }
    if (depth <= 0 && !/^\s*(?:::|->|=>)/.test(lines[at + i + 1]?.text ?? '')) break;
  }
  return cleanSignature(depth > 0 ? `${signature.replace(/(?<![\s,])[\s,]+$/, '')}…` : signature);
}

const cleanSignature = (text: string): string =>
  shorten(
    text
      .trim()
      .replace(/(?<!\s)\s+(?:do|where|is|begin)$/, '')
      .replace(/(?<!\s)\s*[:;,=]$/, '')
      .replace(/^export\s+(?:default\s+)?/, '')
      .replace(/,\s*\)/, ')')
      .trim(),
    140,
  );
