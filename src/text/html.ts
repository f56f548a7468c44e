/** Extracts a page's words on their source lines, for citations; omits navigation. */
import { chatPageText, isChatPage } from './chatPage.ts';
import { findMain, type MainContent } from './mainContent.ts';

const silent = new Set([
  'script',
  'style',
  'noscript',
  'template',
  'svg',
  'math',
  'iframe',
  'object',
  'head',
  'nav',
  'dialog',
]);
const blocks = new Set([
  'p',
  'div',
  'section',
  'article',
  'header',
  'footer',
  'main',
  'aside',
  'nav',
  'td',
  'th',
  'dt',
  'dd',
  'blockquote',
  'figure',
  'figcaption',
  'button',
  'option',
  'label',
  'summary',
]);

/** Returns undefined for a page that is mostly code. */
export async function extractPage(html: string): Promise<string | undefined> {
  const text = await pageToText(html).catch(() => '');
  if (isChatPage(html) && text !== '') return text;
  const words = text.match(/[\p{L}\p{N}]{2,}/gu)?.length ?? 0;
  return words >= 60 && !/\{%|<%|\{\{|<\?php/.test(html) ? text : undefined;
}

/** Maximum nesting, because the parser's time grows with the square of the depth. */
const maxDepth = 20_000;

/**
 * Returns the words of a page's article, of the whole page if none stands out.
 * @throws if elements nest thousands of levels deep
 */
export async function pageToText(html: string): Promise<string> {
  return htmlToText(html, isChatPage(html) ? undefined : await findMain(html).catch(() => undefined));
}

/**
 * Keeps lines, and marks headings and list items.
 * @param main what is read beside the title; absent: everything
 * @throws if elements nest thousands of levels deep
 */
export async function htmlToText(html: string, main?: MainContent): Promise<string> {
  if (isChatPage(html)) return chatPageText(html);
  const { Parser } = await import('htmlparser2');
  const lines = new LineWriter(html);
  let hidden = 0;
  let depth = 0;
  let titleOpen = false;
  let leftOut = 0;
  const isShown = (at: number): boolean => {
    if (!main) return true;
    while (leftOut < main.hidden.length && main.hidden[leftOut]!.to <= at) leftOut++;
    return at >= main.from && at < main.to && !(at >= (main.hidden[leftOut]?.from ?? Infinity));
  };
  const parser: InstanceType<typeof Parser> = new Parser(
    {
      onopentag(name, attributes) {
        if (++depth > maxDepth) throw new Error('nested too deep');
        if (name === 'title') titleOpen = true;
        if (silent.has(name)) hidden++;
        if (hidden > 0 || !isShown(parser.startIndex)) return;
        const heading = /^h([1-6])$/.exec(name);
        if (heading) lines.write(`${'#'.repeat(Number(heading[1]))} `, parser.startIndex);
        else if (name === 'li') lines.write('- ', parser.startIndex);
        else if (name === 'img' && attributes['alt']) lines.write(`${attributes['alt']} `, parser.startIndex);
        else if (blocks.has(name)) lines.write(' ', parser.startIndex);
      },
      ontext(text) {
        if (titleOpen) lines.write(`# ${text.trim()} `, parser.startIndex);
        else if (hidden === 0 && isShown(parser.startIndex)) lines.write(text, parser.startIndex);
      },
      onclosetag(name) {
        depth--;
        if (name === 'title') titleOpen = false;
        if (silent.has(name) && hidden > 0) hidden--;
        else if (hidden === 0 && blocks.has(name) && isShown(parser.startIndex)) lines.write(' ', parser.startIndex);
      },
    },
    { decodeEntities: true },
  );
  parser.write(html);
  parser.end();
  return lines.end();
}

class LineWriter {
  private readonly source: string;
  private readonly out: string[] = [];
  private current = '';
  private at = 0;
  /** First line end from `at` on, found once a line, because a page may be one line. */
  private lineEnd: number;

  constructor(source: string) {
    this.source = source;
    this.lineEnd = this.findLineEnd();
  }

  write(text: string, index: number): void {
    this.advance(index);
    const [first = '', ...rest] = text.split('\n');
    this.current += first;
    for (const line of rest) {
      this.flush();
      this.current = line;
      this.moveTo(this.lineEnd + 1);
    }
  }

  end(): string {
    this.advance(this.source.length);
    this.flush();
    return this.out.join('\n');
  }

  private advance(index: number): void {
    while (this.lineEnd < Math.min(index, this.source.length)) {
      this.flush();
      this.moveTo(this.lineEnd + 1);
    }
  }

  private moveTo(at: number): void {
    this.at = Math.min(at, this.source.length);
    this.lineEnd = this.findLineEnd();
  }

  /** Returns the text's length if there is none. */
  private findLineEnd(): number {
    const end = this.source.indexOf('\n', this.at);
    return end < 0 ? this.source.length : end;
  }

  private flush(): void {
    this.out.push(this.current.replace(/[ \t\r\u00a0]+/g, ' ').trim());
    this.current = '';
  }
}
