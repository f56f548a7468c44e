/** XML and HTML as a tree with lines. Loads its library on first use. */

export interface Element {
  /** Name of the element; lower case in HTML. */
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly (Element | string)[];
  readonly line: number;
  readonly endLine: number;
}

type Open = { -readonly [key in keyof Element]: Element[key] } & { children: (Element | string)[] };

const maxDepth = 400;

/**
 * Returns the outermost element, whose children are the text's elements.
 * @throws if elements nest deeper than 400 levels, or XML ends within one
 */
export async function parseMarkup(text: string, xmlMode: boolean): Promise<Element> {
  const { Parser } = await import('htmlparser2');
  const top: Open = { name: '', attributes: {}, children: [], line: 1, endLine: 1 };
  const open: Open[] = [top];
  let counted = 0;
  let line = 1;
  const lineAt = (index: number): number => {
    for (let end = text.indexOf('\n', counted); end >= 0 && end < index; end = text.indexOf('\n', counted)) {
      line++;
      counted = end + 1;
    }
    return line;
  };
  const parser: InstanceType<typeof Parser> = new Parser(
    {
      onopentag(name, attributes) {
        if (open.length > maxDepth) throw new RangeError('too deep');
        const at = lineAt(parser.startIndex);
        const element: Open = { name, attributes, children: [], line: at, endLine: at };
        open.at(-1)!.children.push(element);
        open.push(element);
      },
      ontext(data) {
        open.at(-1)!.children.push(data);
      },
      onclosetag() {
        if (open.length > 1) open.pop()!.endLine = lineAt(parser.endIndex);
      },
    },
    { decodeEntities: true, xmlMode, recognizeCDATA: true },
  );
  parser.write(text);
  if (xmlMode && open.length > 1) throw new SyntaxError('an element is not closed');
  parser.end();
  return top;
}

/** Returns the only root element if its name fits; undefined for several documents. */
export function rootOf(top: Element, name: RegExp): Element | undefined {
  const [root, second] = top.children.filter((child): child is Element => typeof child !== 'string');
  return root && !second && name.test(root.name) ? root : undefined;
}

/** Yields all descendants in text order. */
export function* below(element: Element): Generator<Element> {
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    yield child;
    yield* below(child);
  }
}

/** Children of that name. */
export const listChildren = (element: Element, name: string): Element[] =>
  element.children.filter((child): child is Element => typeof child !== 'string' && child.name === name);

/** Returns the words of an element; each `br` is a line break, other line breaks are spaces. */
export function getWords(element: Element): string {
  return element.children
    .map((child) => (typeof child === 'string' ? child : child.name === 'br' ? '\n' : getWords(child)))
    .join('');
}

/** Case-sensitive. */
export const hasClass = ({ attributes }: Element, name: string): boolean =>
  (attributes['class'] ?? '').split(/\s+/).includes(name);
