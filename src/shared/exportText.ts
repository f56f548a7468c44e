/** A summary as text that leaves the panel: nothing invisible goes along, and what it cites and lacks is named. */
import type { RunView } from './runView.ts';

/** Controls that reorder or hide text: bidirectional marks, zero-width characters, tag characters. */
const hidden = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u061c]|[\u{e0000}-\u{e007f}]/gu;

/** Makes such characters readable as what they are. */
export function showHidden(text: string): string {
  return text.replace(hidden, (char) => `\\u{${char.codePointAt(0)!.toString(16).toUpperCase()}}`);
}

/** The summary with a list of the lines behind its marks. */
export function toMarkdown(view: RunView, pathOf: (uri: string) => string): string {
  const body = withoutImages(showHidden(view.markdown.trim()));
  if (!view.citations.length) return `${body}\n`;
  const list = view.citations.map(({ id, uri, startLine, endLine }) => {
    const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
    return `- [${id}] ${showHidden(uri ? `${pathOf(uri)}:${lines}` : `line ${lines}`)}`;
  });
  return `${body}\n\n---\n\n${list.join('\n')}\n`;
}

/** A preview would fetch a model's images from anywhere: they stay text. */
function withoutImages(markdown: string): string {
  return markdown
    .replace(/!\[/g, '!\\[')
    .replace(/<(?=(?:img|iframe|object|embed|link|meta|script|style|svg|base|form|video|audio)\b)/gi, '&lt;');
}

/** Comment marks of a language; the summary can never end the comment that holds it. */
export interface CommentStyle {
  readonly line?: string;
  readonly block?: readonly [open: string, close: string];
}

const styles: readonly (readonly [languages: string, style: CommentStyle])[] = [
  [
    'python ruby shellscript powershell perl perl6 r yaml toml dockerfile makefile julia elixir coffeescript ignore properties dotenv nim tcl cmake gdscript graphql terraform nix',
    { line: '#' },
  ],
  ['sql lua haskell ada vhdl elm', { line: '--' }],
  ['ini clojure lisp scheme asm racket', { line: ';' }],
  ['latex tex matlab erlang prolog bibtex', { line: '%' }],
  ['vb vba', { line: "'" }],
  ['fortran-modern fortran', { line: '!' }],
  ['bat', { line: 'REM' }],
  ['css', { block: ['/*', '*/'] }],
  ['html xml markdown svg vue svelte xsl handlebars plist', { block: ['<!--', '-->'] }],
  ['ocaml', { block: ['(*', '*)'] }],
  ['razor', { block: ['@*', '*@'] }],
];
const byLanguage = new Map(
  styles.flatMap(([languages, style]) => languages.split(' ').map((id) => [id, style] as const)),
);
/** C's family and everything unknown; plain text takes none. */
const ordinary: CommentStyle = { line: '//' };
const plain = new Set(['plaintext', 'json', 'csv', 'tsv', 'log', 'diff']);

export function commentStyle(languageId: string): CommentStyle {
  if (plain.has(languageId)) return {};
  return byLanguage.get(languageId) ?? ordinary;
}

/**
 * The text as a comment of that language, ended by a newline. Line breaks of every kind are ours, a closing mark is taken apart,
 * and a backslash at the end of a line, which would join the next one, gets a full stop.
 */
export function toComment(text: string, languageId: string, indent: string): string {
  const style = commentStyle(languageId);
  const lines = showHidden(text)
    .replace(/\u0000/g, '')
    .trim()
    .split(/\r\n|[\n\r\v\f\u0085\u2028\u2029]/)
    .map((line) => line.trimEnd());
  if (style.line !== undefined) {
    const mark = style.line;
    return lines
      .map((line) => `${indent}${mark}${line ? ` ${line.replace(/\\$/, '\\.').replace(/\?\?\/$/, '??/.')}` : ''}\n`)
      .join('');
  }
  if (style.block) {
    const [open, close] = style.block;
    const safe = lines.map((line) => defused(line, open, close));
    return `${indent}${open}\n${safe.map((line) => `${indent}${line}\n`).join('')}${indent}${close}\n`;
  }
  return lines.map((line) => `${indent}${line}\n`).join('');
}

function defused(line: string, open: string, close: string): string {
  let out = line;
  // `--!>` ends an HTML comment too, and `--` alone is not allowed in XML's
  if (open === '<!--') out = out.replace(/--+/g, (run) => run.split('').join(' ')).replace(/^>|^->/, ' $&');
  for (const mark of [close, open]) out = out.split(mark).join(mark.split('').join(' '));
  return out;
}
