/** Creates elements. Text is inserted as text; markup only through `sanitize.ts`. */

type Child = Node | string | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Creates an element; undefined or false omits an attribute, true sets it empty. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(element, name, value);
  for (const child of children) if (child !== undefined && child !== false) element.append(child);
  return element;
}

/** Creates a button. */
export function createButton(label: string, onClick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  const element = h('button', { type: 'button', ...attributes }, label);
  element.addEventListener('click', onClick);
  return element;
}

/** Creates a decorative 16×16 icon; the button carries the label. */
export function createIcon(path: string): SVGSVGElement {
  // the HTML parser sets the SVG namespace
  const drawing = `<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="${path}"/></svg>`;
  const element = new DOMParser().parseFromString(drawing, 'text/html').querySelector('svg')!;
  return document.importNode(element, true);
}

/** Sets an attribute; undefined or false removes it. */
export function setAttribute(element: Element, name: string, value: string | number | boolean | undefined): void {
  if (value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
}

/** Writes only on change, to avoid a new layout or announcement. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** Shows or hides an element. */
export function createToggle(element: HTMLElement, shown: boolean): void {
  if (element.hidden === shown) element.hidden = !shown;
}

/**
 * Replaces the nodes `before` (siblings in `parent`) by `after`; unchanged nodes keep focus, selection and
 * layout.
 * @param end the node after them in `parent`, or null
 * @returns the nodes now in place
 */
export function morph(
  parent: Node,
  before: readonly ChildNode[],
  after: readonly ChildNode[],
  end: Node | null,
): ChildNode[] {
  const result = after.map((next, index) => {
    const old = before[index];
    if (old === undefined) {
      parent.insertBefore(next, end);
      return next;
    }
    return morphOne(old, next);
  });
  for (const old of before.slice(after.length)) old.remove();
  return result;
}

function morphOne(old: ChildNode, next: ChildNode): ChildNode {
  if (old instanceof Text && next instanceof Text) {
    if (next.data !== old.data) {
      if (next.data.startsWith(old.data)) old.appendData(next.data.slice(old.data.length));
      else old.data = next.data;
    }
    return old;
  }
  if (old instanceof Element && next instanceof Element && old.tagName === next.tagName) {
    for (const { name } of [...old.attributes]) if (!next.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of next.attributes) {
      if (old.getAttribute(name) !== value) old.setAttribute(name, value);
    }
    morph(old, [...old.childNodes], [...next.childNodes], null);
    return old;
  }
  old.replaceWith(next);
  return next;
}
