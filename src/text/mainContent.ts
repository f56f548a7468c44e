/** Finds the article of a saved page by text density, after Readability. */

/** Offsets in the page. */
interface Span {
  readonly from: number;
  readonly to: number;
}
/** The article of a page, by offsets. */
export interface MainContent extends Span {
  /** Parts to leave out. */
  readonly hidden: readonly Span[];
}

interface Node {
  readonly name: string;
  readonly parent: Node | undefined;
  readonly from: number;
  to: number;
  /** Characters of text, and of links. */
  text: number;
  linked: number;
  /** Score from its paragraphs. */
  score: number;
  /** Text outside blocks within it. */
  own: number;
  commas: number;
  /** 1 if named like an article, −1 if named like a side element. */
  readonly sign: number;
  readonly children: Node[];
}

const unlikely =
  /\b(?:ad(?:s|vert\w*|box)?|banner|breadcrumbs?|combx|comments?|community|cookies?|consent|disqus|extra|footer?|gdpr|masthead|menu|modal|nav\w*|newsletter|outbrain|pager|pagination|popup|promo\w*|recommend\w*|related|remark|rss|share|sharing|shoutbox|sidebar|skyscraper|social|sponsor\w*|subscribe|taboola|tags?|toolbar|trending|widget)\b/i;
const likely = /\b(?:article|body|blog|content|entry|h-entry|hentry|main|page|post|story|text)\b/i;
const paragraphs = new Set(['p', 'pre', 'td', 'blockquote', 'li', 'dd']);
const silent = new Set(['script', 'style', 'noscript', 'template', 'svg', 'nav', 'dialog', 'head']);
/** Elements that neither contain nor belong to an article. */
const beside = new Set(['aside', 'footer', 'form', 'nav']);
const inline = new Set(
  'a abbr b bdi bdo br cite code data dfn em font i img kbd label mark q s samp small span strong sub sup time u var wbr'.split(
    ' ',
  ),
);

const minParagraph = 25;
/** Characters. */
const minArticle = 500;
/** Minimum share of the page's text outside links. */
const minShare = 0.25;
const maxDepth = 2_000;

/** Returns undefined if no part stands out or it is too short. */
export async function findMain(html: string): Promise<MainContent | undefined> {
  const body = await readTree(html);
  if (!body) return undefined;
  const nodes = [...within(body)];
  for (const node of nodes) addParagraph(node);
  const best = nodes.reduce((top, node) => (rate(node) > rate(top) ? node : top), body);
  if (rate(best) <= 0 || best === body) return undefined;
  const main = widen(best);
  const plain = (node: Node): number => node.text - node.linked;
  if (plain(main) < minArticle || plain(main) < minShare * plain(body)) return undefined;
  return { from: main.from, to: main.to, hidden: [...hiddenIn(main)] };
}

async function readTree(html: string): Promise<Node | undefined> {
  const { Parser } = await import('htmlparser2');
  const root = createNode('', undefined, 0, {});
  let open = root;
  let depth = 0;
  let links = 0;
  let hidden = 0;
  const parser: InstanceType<typeof Parser> = new Parser({
    onopentag(name, attributes) {
      if (silent.has(name)) hidden++;
      if (name === 'a') links++;
      if (++depth > maxDepth) throw new RangeError('nested too deep');
      open = createNode(name, open, parser.startIndex, attributes);
      open.parent!.children.push(open);
    },
    ontext(text) {
      const length = hidden > 0 ? 0 : text.replace(/\s+/g, ' ').trim().length;
      if (length === 0) return;
      open.text += length;
      open.own += length;
      if (links > 0) open.linked += length;
      open.commas += (text.match(/[,،、，。]/g) ?? []).length;
    },
    onclosetag(name) {
      depth--;
      if (silent.has(name) && hidden > 0) hidden--;
      if (name === 'a' && links > 0) links--;
      open.to = parser.endIndex + 1;
      const { parent } = open;
      if (!parent) return;
      parent.text += open.text;
      parent.linked += open.linked;
      if (inline.has(name)) {
        parent.own += open.own;
        parent.commas += open.commas;
      }
      open = parent;
    },
  });
  parser.write(html);
  parser.end();
  root.to = html.length;
  return [...within(root)].find(({ name }) => name === 'body') ?? root;
}

function createNode(
  name: string,
  parent: Node | undefined,
  from: number,
  { class: classes = '', id = '' }: Readonly<Record<string, string>>,
): Node {
  const named = `${classes} ${id}`.replace(/[_-]+/g, ' ');
  const sign = beside.has(name) || unlikely.test(named) ? (likely.test(named) ? 0 : -1) : likely.test(named) ? 1 : 0;
  const about = name === 'article' || name === 'main' ? 1 : sign;
  return { name, parent, from, to: from, text: 0, linked: 0, score: 0, own: 0, commas: 0, sign: about, children: [] };
}

function* within(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) yield* within(child);
}

/** Adds a paragraph's score to its parent, less to outer elements. */
function addParagraph(node: Node): void {
  const isParagraph = paragraphs.has(node.name) || (!inline.has(node.name) && node.own >= 80);
  if (!isParagraph || node.own < minParagraph || node.linked > 0.6 * node.text) return;
  const points = 1 + node.commas + Math.min(3, Math.floor(node.own / 100));
  let share = 1;
  for (let at = paragraphs.has(node.name) ? node.parent : node; at && share > 0.1; at = at.parent, share /= 2)
    if (!inline.has(at.name)) at.score += points * share;
}

const linkShare = ({ text, linked }: Node): number => (text === 0 ? 1 : linked / text);
const rate = (node: Node): number =>
  (node.score + 25 * node.sign * Math.min(1, node.score / 10)) * (1 - linkShare(node));

/** Adds siblings that belong to the article. */
function widen(best: Node): Node {
  let main = best;
  for (let { parent } = main; parent && parent.name !== 'body' && parent.name !== ''; { parent } = parent) {
    const extra = parent.text - parent.linked - (main.text - main.linked);
    const beside = parent.children.filter((child) => child !== main);
    const good = beside.reduce((sum, child) => sum + (child.sign >= 0 && linkShare(child) < 0.3 ? child.text : 0), 0);
    if (parent.sign < 0 || (extra > 0 && good < 0.7 * extra) || linkShare(parent) > linkShare(main) + 0.2) break;
    main = parent;
  }
  return main;
}

function* hiddenIn(node: Node): Generator<Span> {
  for (const child of node.children) {
    const isList = child.text > 60 && linkShare(child) > 0.85 && !inline.has(child.name) && child.name !== 'p';
    const isNamed = child.sign < 0 && (linkShare(child) > 0.3 || child.text < 400 || beside.has(child.name));
    if ((isList && isNamed) || ((isList || isNamed) && child.text < 0.2 * node.text + 300))
      yield { from: child.from, to: child.to };
    else yield* hiddenIn(child);
  }
}
