/** Markdown of summaries: no HTML or images, inert links, citation marks, formulas. */
import createParser, { type Env, type MarkdownIt, type StateInline, type Token } from 'markdown-it';
import { highlight } from './highlight.ts';

export type { Token };

/** Rendering input besides tokens. */
interface RenderContext {
  /** Whether `[n]` is a known citation; otherwise it stays text. */
  readonly known: (id: number) => boolean;
  /** Still streaming: code is not highlighted yet. */
  readonly open?: boolean;
}

const md = createMarkdown();

/** Parses Markdown to tokens. */
export function parse(source: string): Token[] {
  return md.parse(source, {});
}

/** Renders tokens to unsanitized HTML. */
export function render(tokens: Token[], context: RenderContext): string {
  return md.renderer.render(tokens, md.options, context as unknown as Env);
}

/** Plain text of Markdown without citation marks, for searching the page. */
export function toPlainText(source: string): string {
  const out: string[] = [];
  const walk = (tokens: readonly Token[]): void => {
    for (const token of tokens) {
      if (token.type === 'inline') walk(token.children ?? []);
      else if (token.type === 'softbreak' || token.type === 'hardbreak') out.push('\n');
      else if (token.type !== 'citation') out.push(token.content);
    }
  };
  walk(md.parseInline(source, {}));
  return out.join('');
}

/** The parser passes our context through untyped. */
function getContext(env: Env | undefined): RenderContext {
  return env as unknown as RenderContext;
}

function createMarkdown(): MarkdownIt {
  const parser = createParser({ html: false, linkify: false, typographer: false });
  parser.disable(['image', 'reference']);
  parser.validateLink = (url) => /^https?:\/\/[^\s\\]+$/i.test(url);
  parser.inline.ruler.before('escape', 'math', mathRule);
  parser.inline.ruler.before('link', 'citation', citationRule);
  parser.core.ruler.after('inline', 'tasks', ({ tokens }) => markTasks(tokens));
  const rules = parser.renderer.rules;
  const escape = parser.utils.escapeHtml;
  rules['citation'] = (tokens, index, _options, env) => {
    const { content } = tokens[index]!;
    return getContext(env).known(Number(content)) ? `<sup data-citation="${content}"></sup>` : `[${content}]`;
  };
  rules['math'] = (tokens, index) => `<span class="math">${escape(tokens[index]!.content)}</span>`;
  rules['link_open'] = (tokens, index) => `<a data-href="${escape(String(tokens[index]!.attrGet('href') ?? ''))}">`;
  rules['table_open'] = () => '<div class="table"><table>\n';
  rules['table_close'] = () => '</table></div>\n';
  for (const tag of ['th', 'td']) {
    // The page's CSP forbids style attributes: alignment uses classes.
    rules[`${tag}_open`] = (tokens, index) => {
      const align = /text-align:\s*(left|right|center)/.exec(String(tokens[index]!.attrGet('style') ?? ''))?.[1];
      return align === undefined ? `<${tag}>` : `<${tag} class="${align}">`;
    };
  }
  rules['fence'] = (tokens, index, _options, env) => {
    const { info, content } = tokens[index]!;
    const language = /^[\w#+-]+/.exec(info.trim())?.[0]?.toLowerCase() ?? '';
    const coloured = getContext(env).open === true ? undefined : highlight(content, language);
    return `<pre><code>${coloured ?? escape(content)}</code></pre>\n`;
  };
  return parser;
}

/** Parses `[12]` outside link text. */
function citationRule(state: StateInline, silent: boolean): boolean {
  const found = /^\[(\d{1,5})\](?!\()/.exec(state.src.slice(state.pos, state.pos + 9));
  if (found === null) return false;
  if (!silent) state.push('citation', '', 0).content = String(Number(found[1]));
  state.pos += found[0].length;
  return true;
}

/** Keeps `$…$`, `$$…$$`, `\(…\)`, `\[…\]` verbatim, so formulas get no emphasis. */
function mathRule(state: StateInline, silent: boolean): boolean {
  const first = state.src.charCodeAt(state.pos);
  if (first !== 0x24 && first !== 0x5c) return false;
  const rest = state.src.slice(state.pos, state.pos + 2_000);
  const found =
    /^\$\$[^$]+\$\$/.exec(rest) ??
    /^\$(?![\s$])(?:[^$\n\\]|\\.){0,300}?(?<![\s\\])\$(?!\d)/.exec(rest) ??
    /^\\\([^\n]{1,300}?\\\)/.exec(rest) ??
    /^\\\[(?=[^\]]*[\\^_=+{}])[\s\S]{1,1000}?\\\]/.exec(rest);
  if (found === null) return false;
  if (!silent) state.push('math', '', 0).content = found[0];
  state.pos += found[0].length;
  return true;
}

/** Renders `- [ ]` and `- [x]` as characters that can be read aloud and copied. */
function markTasks(tokens: readonly Token[]): void {
  tokens.forEach((token, index) => {
    if (token.type !== 'inline' || tokens[index - 2]?.type !== 'list_item_open') return;
    const text = token.children?.[0];
    const box = text?.type === 'text' ? /^\[([ xX])\]\s+/.exec(text.content) : null;
    if (text === undefined || box === null) return;
    text.content = `${box[1] === ' ' ? '☐' : '☑'} ${text.content.slice(box[0].length)}`;
    tokens[index - 2]!.attrJoin('class', 'task');
  });
}
