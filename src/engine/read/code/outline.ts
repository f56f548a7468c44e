/** Outlines source code by lines: definitions, comments, imports. */
import type { Yield } from '../../ports.ts';
import { type Line, shorten } from '../../offline/view.ts';

export interface Definition {
  readonly name: string;
  readonly signature: string;
  readonly what: string;
  readonly line: number;
  endLine: number;
  readonly depth: number;
  readonly isPublic: boolean;
  readonly doc: string;
  readonly docLine: number;
}
export interface CodeOutline {
  readonly purpose?: { readonly text: string; readonly startLine: number; readonly endLine: number };
  readonly definitions: readonly Definition[];
  readonly imports: readonly { readonly name: string; readonly line: number }[];
  readonly notes: readonly { readonly text: string; readonly line: number }[];
}

interface Rule {
  readonly pattern: RegExp;
  readonly what: string;
}
const modifiers = String.raw`(?:(?:export|default|declare|public|private|protected|internal|static|abstract|final|sealed|partial|async|override|virtual|inline|extern|unsafe|open|data|pub(?:\([^)]*\))?|const|readonly|local|expect|actual|inner|value|annotation|suspend|operator|infix|tailrec|external|fileprivate|indirect|mutating|nonisolated|required|convenience|typedef)\s+)*`;
const assigned =
  /^ {0,4}((?:module\.)?exports(?:\.[\w$]+)?|[A-Za-z_$][\w$]*(?:\.prototype)?\.[A-Za-z_$][\w$]*) ?= ?(?:async )?(?:function\b|class\b|\([^()]*\) ?=>|[\w$]+ ?=>)/;
/** A C function that begins at the margin with its return type: `int f(…) {`, `API(int) f(…);`. */
const cFunction =
  /^(?!(?:func|fn|def|fun|function|class|interface|export|import|return|throw|new|await|delete|echo|print|use|using|require|module|typedef|else|case|in|of)\b)(?:[A-Za-z_][\w:<>*&,\s]*?[\s*&]|[A-Z_]+\([\w\s*]{1,40}\)\s*)([A-Za-z_][\w:~]*)\s*\([^;{}=]*(?:\);\s*|\{.*)?$/;
/** A C variable, field or forward declaration, which defines nothing. */
const cUse =
  /^\s*(?:static\s+|const\s+)*(?:(?:struct|enum|union)\s+\w+[*&\s]+\w.*[;=,(]|(?:struct|class|union)\s+\w+;)/;
const rules: readonly Rule[] = [
  {
    pattern: new RegExp(
      String.raw`^\s*${modifiers}(?:function\*?|func|fn|def|fun|sub|procedure)\s+(?:\([^)]*\)\s*)?([\p{L}_$][\w$.:?!]*)`,
      'u',
    ),
    what: 'function',
  },
  {
    pattern: new RegExp(
      String.raw`^\s*${modifiers}(class|interface|trait|struct|enum|union|protocol|record|object|namespace|module|mod|actor|extension|impl|contract|service|message|defmodule|package)\s+(?:<[^>]*>\s*)?(?:[A-Z0-9_]{4,}\s+(?=\w))?([\p{L}_$][\w$.:]*)`,
      'u',
    ),
    what: '',
  },
  {
    pattern: /^\s*(?:export\s+)?(?:declare\s+)?type\s+([A-Za-z_$][\w$]*)(?:\s*[<=]|\s+(?:struct|interface|func|\w))/,
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
      /^\s{1,8}(?:(?:public|private|protected|internal|static|async|override|virtual|final|abstract|readonly|get|set|synchronized|unsafe|\*)\s+)+(?:[\w<>[\],.?*&]+\s+)?(~?[A-Za-z_$#][\w$]*)\s*(?:<[^>]*>)?\([^;]*(?:\{|=>|$)/,
    what: 'method',
  },
  {
    pattern:
      /^\s{2,4}(?:async\s+|\*\s*)?([a-zA-Z_$#][\w$]*)\s*(?:<[^>]*>)?\((?:[^();]|\((?:[^();]|\([^();]*\))*\))*\)\s*(?::[^{;]+)?\{\s*$/,
    what: 'method',
  },
  { pattern: cFunction, what: 'function' },
  {
    pattern:
      /^\s*(?:create|CREATE)(?:\s+(?:or|OR)\s+(?:replace|REPLACE))?\s+(?:table|TABLE|view|VIEW|function|FUNCTION|procedure|PROCEDURE|index|INDEX|trigger|TRIGGER)\s+(?:if not exists\s+|IF NOT EXISTS\s+)?["`[]?([\w.]+)/,
    what: 'definition',
  },
  { pattern: /^([A-Za-z_][\w-]*)\s*\(\)\s*\{/, what: 'function' },
  { pattern: assigned, what: 'function' },
];
const keywords = new Set([
  'if',
  'for',
  'while',
  'switch',
  'catch',
  'return',
  'else',
  'do',
  'try',
  'with',
  'new',
  'await',
  'super',
  'throw',
  'case',
  'function',
  'sizeof',
  'defined',
  'elif',
  'describe',
  'it',
  'test',
  'typeof',
  'in',
  'of',
  'and',
  'or',
  'not',
]);
const importRule =
  /^\s*(?:import\s+(?!\s)(?:.*?\sfrom\s+)?['"]([^'"]+)['"]|export\s.*\sfrom\s+['"]([^'"]+)['"]|(?:from\s+([\w.]+)\s+import\b)|import\s+(?:static\s+)?([\w.*]+)|#\s*include\s*[<"]([^>"]+)[>"]|(?:pub\s+)?use\s+([\w:]+)|using\s+([\w.]+);|require(?:_relative)?\s*(?:\(\s*)?['"]([^'"]+)|(?:const|let|var)\s.*=\s*require\(['"]([^'"]+)|"([\w./-]+)"\s*$)/;
const noteRule = /\b(TODO|FIXME|HACK|XXX|DEPRECATED|@deprecated|BUG)\b[:\s(]*(.*)/;
const licence =
  /copyright|licen[cs]e|all rights reserved|spdx|permission is hereby|warrant|redistribut|http:\/\/www\.apache/i;
const commentStart =
  /^\s*(?:\/\/[/!]?|\/\*+!?|\*+(?!\/)|#+(?!!|\[|\s*(?:include|define|if|endif|pragma|region))|--+|;+|"""|'''|%+|<!--)\s?/;

/** Lines between two yields. */
const slice = 1200;

export async function createOutline(lines: readonly Line[], yieldNow: Yield): Promise<CodeOutline> {
  const found: Definition[] = [];
  const isShown = findVisibility(lines);
  const imports: { name: string; line: number }[] = [];
  const notes: { text: string; line: number }[] = [];
  let comment: Line[] = [];
  let inBlock = '';
  let inImports = false;
  for (const [i, line] of lines.entries()) {
    if (i % slice === slice - 1) await yieldNow();
    const { text } = line;
    if (text.length > 1000) continue;
    const trimmed = text.trim();
    const note = /[#/*;-]/.test(text) ? noteRule.exec(text) : null;
    if (note) notes.push({ text: `${note[1]} ${note[2] ?? ''}`.replace(/\*\/\s*$/, '').trim(), line: line.line });
    if (inBlock !== '') {
      comment.push(line);
      if (trimmed.includes(inBlock)) inBlock = '';
      continue;
    }
    if (trimmed === '') {
      if (found.length > 0) comment = [];
      continue;
    }
    if (commentStart.test(text)) {
      if (trimmed.startsWith('/*')) comment = [];
      comment.push(line);
      if (/^\/\*/.test(trimmed) && !trimmed.includes('*/')) inBlock = '*/';
      else if (/^("""|''')/.test(trimmed) && !trimmed.slice(3).includes(trimmed.slice(0, 3)))
        inBlock = trimmed.slice(0, 3);
      continue;
    }
    if (/^import \($/.test(trimmed)) inImports = true;
    const imported = importRule.exec(text);
    if (imported && (inImports || !/^\s*"/.test(text))) {
      const name = imported.slice(1).find((one) => one !== undefined);
      if (name) imports.push({ name, line: line.line });
      comment = [];
      continue;
    }
    if (inImports) inImports = trimmed !== ')';
    if (/^(?:@|#\[|\[\w)/.test(trimmed) && !trimmed.endsWith(';')) continue;
    const definition = findDefinition(lines, i, comment, isShown);
    if (definition) found.push(definition);
    comment = [];
  }
  const definitions = atTheMargin(found);
  closeDefinitions(definitions, lines);
  return { ...describeDefinitions(definitions), ...findPurpose(lines), definitions, imports, notes };
}

/** Replaces packages and namespaces by their members. */
function atTheMargin(found: readonly Definition[]): Definition[] {
  const inner = found.filter(
    ({ what, signature }) => !/^(?:namespace|package)$/.test(what) || /^export\b/.test(signature),
  );
  const outermost = Math.min(...inner.map(({ depth }) => depth));
  return inner.map((one) => ({ ...one, depth: one.depth - outermost }));
}

type Visibility = (text: string, name: string) => boolean;

/** Uses the file's own keyword for public members if it has one, else keyword and name. */
function findVisibility(lines: readonly Line[]): Visibility {
  const first = lines.slice(0, 5_000);
  if (first.some(({ text }) => /^(?:pub\s+(?:fn|struct|enum|mod|trait|use|type|const)\b|use \w+::)/.test(text)))
    return (text) => /^\s*pub\s/.test(text);
  if (
    first.some(({ text }) =>
      /^export (?:default |declare )?(?:async |abstract )?(?:const|function|class|interface|type|enum)\b/.test(text),
    )
  )
    return (text, name) => /^export\b/.test(text) || (/^\s/.test(text) && isPublic(text, name));
  return isPublic;
}

function findDefinition(
  lines: readonly Line[],
  at: number,
  comment: readonly Line[],
  isShown: Visibility,
): Definition | undefined {
  const { text, line } = lines[at] as Line;
  const indent = text.length - text.trimStart().length;
  if (indent > 12 || cUse.test(text)) return undefined;
  for (const { pattern, what } of rules) {
    const found = pattern.exec(text);
    if (!found) continue;
    const name = (found[2] ?? found[1]) as string;
    const kind = what || (found[1] as string);
    if (keywords.has(name) || /^\s*(?:return|await|throw|else|new|case|if|for|while|delete|yield)\b/.test(text))
      continue;
    if (kind === 'package' && !/^\s*package\s+\p{Lu}/u.test(text)) continue;
    const doc = comment.length > 0 ? comment : findDocString(lines, at);
    const docText = findFirstSentence(doc.map((one) => one.text));
    return {
      name,
      signature: shorten(readSignature(lines, at), 140),
      what: kind,
      line,
      endLine: line,
      depth: Math.min(3, Math.floor(indent / 2)),
      isPublic: isShown(text, name),
      doc: licence.test(docText) ? '' : docText,
      docLine: doc[0]?.line ?? line,
    };
  }
  return undefined;
}

const maxSignature = 10;

/** Reads a definition up to its body, over several lines if its parentheses span them. */
function readSignature(lines: readonly Line[], at: number): string {
  let signature = '';
  let depth = 0;
  for (const { text } of lines.slice(at, at + maxSignature)) {
    const start = signature.length;
    signature += (start === 0 || signature.endsWith('(') ? '' : ' ') + text.trim();
    for (let i = start; i < signature.length; i++) {
      if ('(['.includes(signature[i] as string)) depth++;
      else if (')]'.includes(signature[i] as string)) depth--;
      else if (depth === 0 && (signature[i] === '{' || signature.startsWith('=>', i)))
        return cleanSignature(signature.slice(0, i));
    }
    if (depth <= 0) break;
  }
  return cleanSignature(signature);
}

const cleanSignature = (text: string): string =>
  text
    .trim()
    .replace(/[:;,]$/, '')
    .replace(/^export\s+(?:default\s+)?/, '')
    .replace(/,\s*\)/, ')')
    .trim();

function isPublic(text: string, name: string): boolean {
  if (/^\s*(?:export|pub|public|open)\b/.test(text)) return true;
  if (assigned.test(text)) return !/(?:^|\.)_/.test(name);
  if (
    /^\s*(?:private|protected|internal|static\s+(?:inline|void|int|char|bool)|local)\b/.test(text) ||
    /^[_#]/.test(name)
  )
    return false;
  if (/^[A-Za-z_]/.test(text) && cFunction.test(text)) return !/\bstatic\b/.test(text);
  if (/^\s*func\s/.test(text) || /^type\s/.test(text)) return /^\p{Lu}/u.test(name);
  return /^\s*(?:(?:abstract|final|sealed|partial|readonly|data|open|expect|actual|suspend|override|operator|inline|typedef|value|annotation)\s+)*(?:async\s+def|def|fun|class|interface|struct|enum|trait|protocol|message|service|module|defmodule|CREATE|create)\b/.test(
    text,
  );
}

function findDocString(lines: readonly Line[], at: number): Line[] {
  for (let i = at + 1; i < Math.min(lines.length, at + 6); i++) {
    const text = (lines[i] as Line).text.trim();
    const quote = /^[rRuU]?("""|''')/.exec(text)?.[1];
    if (quote) {
      const doc: Line[] = [];
      for (let j = i; j < Math.min(lines.length, i + 12); j++) {
        doc.push(lines[j] as Line);
        if (
          (lines[j] as Line).text
            .trim()
            .slice(j === i ? 3 : 0)
            .includes(quote)
        )
          break;
      }
      return doc;
    }
    if (text.endsWith(':') || text.endsWith(')') || text.endsWith(',')) continue;
    break;
  }
  return [];
}

/** Returns the first sentence of a comment without its marks. */
export function findFirstSentence(lines: readonly string[], most = 200): string {
  const words: string[] = [];
  for (const line of lines) {
    const text = line
      .replace(commentStart, '')
      .replace(/^[rRuU]?("""|''')/, '')
      .replace(/(?<!\s)\s*(?:(?<!\*)\*+\/|-->|"""|''')\s*$/, '')
      .replace(/^\/?\s*<\/?\w+>\s*/, '')
      .trim();
    if (text === '' || /^[-=*#_~]{3,}$/.test(text)) {
      if (words.length > 0) break;
      continue;
    }
    if (
      /^@\w+|^:param|^Args:|^eslint|^tslint|^prettier|^@ts-|^!\/|^-\*-|^vim:|^noqa|^type:|^pylint|^:\w+|^- (?:Returns|Parameters?)\b|^<inheritdoc/.test(
        text,
      )
    ) {
      if (words.length > 0) break;
      continue;
    }
    words.push(text);
    if (/[.!?。]$/.test(text) || words.join(' ').length > most) break;
  }
  const joined = words.join(' ').replace(/\{@link ([^{}]+)\}/g, '$1');
  const sentence = /^.{20,}?[.!?。](?=\s+[\p{Lu}`"(]|$)/u.exec(joined)?.[0] ?? joined;
  return shorten(sentence, most);
}

/** Magic comments for tools, and editor labels. */
const magic =
  /^(?:frozen_string_literal|warn_indent|encoding:|coding:|-\*-|vim?:|@flow|@ts-|@jsx|@license|@preserve|@generated|eslint|jshint|jslint|globals?\b|prettier|tslint|istanbul|rubocop|pylint|noqa|mypy|(?:module |external )?dependencies\b|standard library\b|third[- ]party\b|imports?\b|constants\b|use strict|<reference|region\b|shellcheck|clang-format|go:build|\+build|syntax[:=]|=+$|-+$|[~*#^]{3,}$)/i;
const fileName = /^[\w./\\-]{1,60}\.\w{1,20}$/;

/** Returns the first sentence of a comment that is no licence and no instruction. */
function cleanPurpose(block: readonly Line[]): string {
  const paragraphs: string[][] = [[]];
  for (const { text } of block) {
    const bare = text
      .replace(commentStart, '')
      .replace(/^[rRuU]?(?:"""|''')/, '')
      .replace(/^[@\\](?:fileoverview|file|module|brief|overview|description)\b/, '')
      .trim();
    if (bare === '' || bare === '*/' || magic.test(bare) || fileName.test(bare)) paragraphs.push([]);
    else (paragraphs[paragraphs.length - 1] as string[]).push(bare);
  }
  let isBanner = false;
  for (const paragraph of paragraphs) {
    const isLicence = licence.test(paragraph.join(' '));
    // Text after a licence in the same comment belongs to it, unless it describes the file.
    if (isLicence || (isBanner && /^[A-Z\s\d"',.():-]{40}|^The above\b/.test(paragraph.join(' ')))) {
      isBanner = true;
      continue;
    }
    const text = findFirstSentence(paragraph, 280);
    if (text.length >= 15) return text;
  }
  return '';
}

/** Fallback: the largest documented class or only public definition. */
function describeDefinitions(definitions: readonly Definition[]): Pick<CodeOutline, 'purpose'> {
  const outer = definitions.filter((one) => one.depth === 0 && one.isPublic);
  // Modules that contain classes have no description of their own.
  const isHollow = outer.every(({ what, doc }) => what === 'module' && doc === '');
  const shown = isHollow ? definitions.filter((one) => one.isPublic) : outer;
  const countLines = (one: Definition): number => one.endLine - one.line;
  const types = shown.filter((one) => /class|interface|struct|trait|module|object|protocol|service/.test(one.what));
  const main =
    [...types].filter(({ doc }) => !isHollow || doc !== '').sort((a, b) => countLines(b) - countLines(a))[0] ??
    (shown.length === 1 ? shown[0] : undefined);
  if (!main || main.doc.length < 15 || main.doc.endsWith(':')) return {};
  return { purpose: { text: main.doc, startLine: Math.min(main.docLine, main.line), endLine: main.line } };
}

/** Finds the first comment that is no licence. */
function findPurpose(lines: readonly Line[]): Pick<CodeOutline, 'purpose'> {
  let block: Line[] = [];
  let inBlock = '';
  for (const line of lines.slice(0, 80)) {
    const trimmed = line.text.trim();
    const isComment = inBlock !== '' || commentStart.test(line.text);
    if (isComment) {
      if (trimmed.startsWith('#!')) continue;
      block.push(line);
      if (inBlock !== '') {
        if (trimmed.includes(inBlock)) inBlock = '';
      } else if (/^\/\*/.test(trimmed) && !trimmed.includes('*/')) inBlock = '*/';
      else if (/^("""|''')/.test(trimmed) && !trimmed.slice(3).includes(trimmed.slice(0, 3)))
        inBlock = trimmed.slice(0, 3);
      if (inBlock !== '' || !trimmed.endsWith('*/')) continue;
    }
    const text = cleanPurpose(block);
    // A comment directly above a definition describes that definition, unless it is the only one.
    if (text.length >= 15 && !/^\s*["']use strict/.test(trimmed))
      return { purpose: { text, startLine: (block[0] as Line).line, endLine: (block[block.length - 1] as Line).line } };
    block = [];
    if (
      trimmed !== '' &&
      !/^(?:#!|["']use |<\?php|package\s|import\s|from\s|#include|use\s|using\s)/.test(trimmed) &&
      !isComment
    )
      break;
  }
  return {};
}

function closeDefinitions(definitions: readonly Definition[], lines: readonly Line[]): void {
  const open: Definition[] = [];
  const close = (depth: number, line: number): void => {
    while (open.length > 0 && (open[open.length - 1] as Definition).depth >= depth) {
      const ended = open.pop() as Definition;
      ended.endLine = Math.max(ended.line, line);
    }
  };
  for (const definition of definitions) {
    close(definition.depth, Math.min(definition.docLine, definition.line) - 1);
    open.push(definition);
  }
  close(0, lines[lines.length - 1]?.line ?? 1);
}
