/**
 * Formats a summary as a source comment. Model text must never become code: only languages with verified syntax, active content
 * neutralized, placed where no string can be open.
 */

import { neutralizeMarkdown } from './inertMarkdown.ts';

interface Syntax {
  readonly line?: string;
  readonly block?: readonly [open: string, close: string];
  /** Neutralizes what the language or its tools interpret inside comments. */
  readonly neutralize?: (line: string) => string;
  /** Top lines that must stay first: directives do not work below another comment. */
  readonly leading?: RegExp;
  /** Place only at the top: further down a string or text block may be open. */
  readonly topOnly?: boolean;
}

/** Java, Groovy, Kotlin and Scala 2 treat `\u000a` as a line end, even in comments. */
const unicodeEscapes = (line: string): string => line.replace(/\\(?=u)/g, '\\ ');
/** PEP 263 and Ruby magic comments: an encoding in the first lines applies to the whole file. */
const encodings = (line: string): string =>
  line
    .replace(/((?:en)?coding)(?=[:=])/gi, '$1 ')
    .replace(/(frozen[_-]string[_-]literal|warn_indent|shareable_constant_value)(?=:)/gi, '$1 ');
/** PHP ends line comments at its closing tag. */
const php = (line: string): string => line.replace(/\?(?=>)/g, '? ').replace(/%(?=>)/g, '% ');
const template = (line: string): string => line.replace(/([<{])(?=[%?{#])/g, '$1 ').replace(/([%?}#])(?=[>}])/g, '$1 ');
/** SQL*Plus variables and psql commands are processed before comments. */
const sql = (line: string): string => line.replace(/&(?=\S)/g, '& ').replace(/\\(?=\S)/g, '\\ ');
/** OCaml comments nest and parse string literals. */
const ocaml = (line: string): string =>
  line
    .replace(/"/g, '”')
    .replace(/\{(?=[a-z_]*\|)/g, '(')
    .replace(/'(?=”)/g, '’');
/** make expands `$(shell …)` in recipe lines even after `#`. */
const make = (line: string): string => line.replace(/\$(?=[({])/g, '$ ');
const table: readonly (readonly [languages: string, syntax: Syntax])[] = [
  [
    'c cpp cuda-cpp objective-c objective-cpp csharp fsharp go rust typescript javascript dart zig solidity verilog systemverilog proto3 proto glsl hlsl wgsl jsonc less scss bicep prisma thrift qml haxe d v pascal objectpascal',
    { line: '//' },
  ],
  ['javascriptreact typescriptreact', { line: '//', topOnly: true }],
  ['java groovy kotlin scala apex', { line: '//', neutralize: unicodeEscapes }],
  ['swift', { line: '//', leading: /^\/\/\s*swift-tools-version/ }],
  ['php', { line: '//', neutralize: php, topOnly: true, leading: /^<\?(?:php)?\s*$/ }],
  ['python', { line: '#', neutralize: encodings, leading: /^[ \t\f]*#.*?coding[:=]/ }],
  [
    'ruby',
    {
      line: '#',
      neutralize: encodings,
      leading: /^#.*(?:coding|frozen_string_literal|warn_indent|shareable_constant_value)\s*[:=]/i,
    },
  ],
  ['dockerfile', { line: '#', leading: /^#\s*\w+\s*=/, topOnly: true }],
  ['makefile', { line: '#', neutralize: make, topOnly: true }],
  ['yaml dockercompose github-actions-workflow', { line: '#', topOnly: true, leading: /^%|^#\s*yaml-language-server/ }],
  [
    'shellscript powershell perl r toml julia elixir coffeescript ignore properties dotenv nim cmake gdscript graphql terraform nix fish crystal',
    { line: '#' },
  ],
  ['sql lua haskell ada vhdl elm', { line: '--', neutralize: sql }],
  ['ini lisp scheme racket', { line: ';', leading: /^#lang/ }],
  ['clojure', { line: ';;' }],
  ['latex tex matlab erlang prolog bibtex', { line: '%', topOnly: true }],
  ['vb', { line: "'" }],
  ['fortran-modern FortranFreeForm', { line: '!' }],
  ['css', { block: ['/*', '*/'] }],
  [
    'html xml svg vue svelte xsl plist',
    { block: ['<!--', '-->'], neutralize: template, topOnly: true, leading: /^\s*<[?!](?!--)/ },
  ],
  ['handlebars', { block: ['{{!--', '--}}'], neutralize: template, topOnly: true }],
  ['ocaml', { block: ['(*', '*)'], neutralize: ocaml, topOnly: true }],
  ['razor', { block: ['@*', '*@'], topOnly: true }],
];
const byLanguage = new Map(table.flatMap(([ids, syntax]) => ids.split(' ').map((id) => [id, syntax] as const)));

/** Supported languages; all others are refused. */
export const commentLanguages: readonly string[] = [...byLanguage.keys()];

/** Comment markers of a language, for comparison with VS Code's. */
export function getCommentMarks(languageId: string): Pick<Syntax, 'line' | 'block'> | undefined {
  return byLanguage.get(languageId);
}

const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u061c]|[\u{e0000}-\u{e007f}]/gu;
/** Words that compilers, linters and editors treat as directives in comments. */
const directive =
  /^(?:[@#!+$:]|(?:|eslint|tslint|prettier|stylelint|istanbul|c8|v8|noqa|nosec|type:|pylint|mypy|pyright|ruff|pragma|rubocop|shellcheck|nolint|go:|line\s+\d|swiftlint|swift-tools|ktlint|syntax|escape|check|synopsys|synthesis|sourceMappingURL|yaml-language-server|codegen|region|endregion|cgo)\b|export\s|SIG\s#)/i;

/**
 * Returns the text as comment lines, the last without a line end. Normalizes line breaks, removes invisible
 * characters, prevents line continuations.
 * @returns undefined for unsupported languages
 */
export function asComment(text: string, languageId: string): string[] | undefined {
  if (languageId === 'markdown') return toQuotation(text);
  if (languageId === 'plaintext') return text.replace(invisible, '').trim().split(/\r?\n/);
  const syntax = byLanguage.get(languageId);
  if (!syntax) return undefined;
  const lines = text
    .replace(invisible, '')
    .trim()
    .split(/\r\n|[\n\r\v\f\x1c-\x1e\u0085\u2028\u2029]/)
    .map((line) => neutralizeLine(line, syntax));
  if (syntax.line !== undefined) return lines.map((line) => (line ? `${syntax.line} ${line}` : (syntax.line ?? '')));
  const [open, close] = syntax.block ?? ['', ''];
  return [open, ...lines.map((line) => withoutMarks(line, open, close)), close];
}

/** Markdown comments are invisible, so the summary becomes an inert quotation. */
function toQuotation(text: string): string[] {
  const lines = neutralizeMarkdown(text.replace(invisible, '').trim()).split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/);
  return [...lines.map((line) => (line ? `> ${line}` : '>')), ''];
}

function neutralizeLine(text: string, syntax: Syntax): string {
  let line = text.replace(/[\x00-\x08\x0e-\x1f\x7f]/g, '').trimEnd();
  // editors read mode lines anywhere; interpolation is active in an unclosed string
  line = line
    .replace(/\b(vim?|ex)(?=[<>=]?\d*:)/gi, '$1 ')
    .replace(/-(?=\*-)/g, '- ')
    .replace(/(Local Variables)(?=:)/gi, '$1 ')
    .replace(/([$#@])(?=\{)/g, '$1 ');
  line = syntax.neutralize?.(line) ?? line;
  if (directive.test(line.trimStart())) line = `· ${line.trimStart()}`;
  // C joins lines at a backslash (or ??/), Visual Basic at an underscore, shells and make at a backslash
  return line.replace(/(?:\\|\?\?\/|\s_|\^|`)$/, '$&.');
}

function withoutMarks(text: string, open: string, close: string): string {
  let line = text;
  // XML forbids double hyphens in comments, and `--!>` ends HTML's
  if (open.includes('--')) line = line.replace(/-{2,}/g, (run) => run.split('').join(' ')).replace(/^-?>/, ' $&');
  for (const mark of [close, open]) line = line.split(mark).join(mark.split('').join(' '));
  // two lines must not form a marker together
  return line.replace(/^[*/}@)>-]+$/, '$& .');
}

/** May open a multi-line string, comment or text. */
const opener =
  /[`]|"""|'''|''|<<|\/\*|\*\/|=begin|=pod|R"|@"|\[=*\[|\{-|\(\*|__END__|__DATA__|%[qQwWiIxr]?[({[<|!]|<\/|\/>|\\$|#=|#\[/m;

const licence = /copyright|licen[cs]e|\bspdx\b|all rights reserved|©/i;
const maxLicence = 80;

/** Returns the line after a licence comment at the top and an empty line; `top` if there is none. */
function belowLicence(lines: readonly string[], top: number, { line, block }: Syntax): number {
  const end = endOfComment(lines, top, line, block ?? (line === '//' ? ['/*', '*/'] : undefined));
  if (end === top || !licence.test(lines.slice(top, end).join('\n'))) return top;
  return lines[end]?.trim() === '' ? end + 1 : end;
}

/** Returns the line after the comment that begins at `top`; `top` if none begins, or it shares its last line with code. */
function endOfComment(
  lines: readonly string[],
  top: number,
  line: string | undefined,
  block: readonly [open: string, close: string] | undefined,
): number {
  const first = lines[top]?.trimStart() ?? '';
  if (block && first.startsWith(block[0])) {
    const ends = lines.slice(top, top + maxLicence).findIndex((one) => one.includes(block[1]));
    return ends >= 0 && lines[top + ends]!.trimEnd().endsWith(block[1]) ? top + ends + 1 : top;
  }
  let end = top;
  while (line !== undefined && end < top + maxLicence && lines[end]?.trimStart().startsWith(line)) end++;
  return end;
}

/**
 * Returns the line, from 0, to insert a comment before: the wanted one if nothing can be open there, else the first after
 * required top lines (shebang, encoding, front matter).
 * @returns undefined if there is none, as in PHP that begins with HTML
 */
export function findCommentPlace(lines: readonly string[], languageId: string, wanted: number): number | undefined {
  const syntax: Syntax | undefined =
    byLanguage.get(languageId) ?? (/^(?:markdown|plaintext)$/.test(languageId) ? { topOnly: true } : undefined);
  if (!syntax) return undefined;
  if (
    languageId === 'php' &&
    !/^<\?(?:php)?\s*$/.test(lines[0]?.startsWith('#!') ? (lines[1] ?? '') : (lines[0] ?? ''))
  )
    return undefined;
  let top = lines[0]?.startsWith('#!') ? 1 : 0;
  if (lines[top] === '---' && languageId === 'markdown') {
    const end = lines.indexOf('---', top + 1);
    if (end > 0 && end < 200) top = end + 1;
  }
  while (top < lines.length && syntax.leading?.test(lines[top] ?? '')) top++;
  top = belowLicence(lines, top, syntax);
  if (syntax.topOnly || wanted <= top) return top;
  return opener.test(lines.slice(0, wanted).join('\n')) ? top : wanted;
}
