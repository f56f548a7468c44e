/** Outlines source code by lines: definitions, comments, imports. */
import type { Yield } from '../../ports.ts';
import type { Line } from '../../offline/view.ts';
import { commentStart, findCommentEnd, findFirstSentence, findPurpose, licence } from './comments.ts';
import { cUse, detectDialect, type Dialect, keywords, listRules, readSignature } from './definitionRules.ts';
import type { CodeOutline, Definition, Purpose } from './outlineTypes.ts';
import { findVisibility, type Visibility } from './visibility.ts';

export type { CodeOutline, Definition } from './outlineTypes.ts';

const importRule =
  /^\s*(?:import\s+(?!\s)(?:.*?\sfrom\s+)?['"]([^'"]+)['"]|export\s.*\sfrom\s+['"]([^'"]+)['"]|(?:from\s+([\w.]+)\s+import\b)|import\s+(?:static\s+|qualified\s+)?([\w.*]+)|#\s*include\s*[<"]([^>"]+)[>"]|(?:pub\s+)?use\s+([\w:\\]+)|using\s+([\w.]+);|require(?:_relative)?\s*(?:\(\s*)?['"]([^'"]+)|(?:const|let|var)\s.*=\s*require\(['"]([^'"]+)|(?:alias|require|use)\s+([A-Z][\w.]+)|(?:[\w.]+ )?"([\w./-]+)"\s*$)/;
const noteRule = /\b(TODO|FIXME|HACK|XXX|DEPRECATED|@deprecated|BUG)\b[:\s(]*(.*)/;
const typeKind =
  /class|interface|struct|trait|module|object|protocol|service|enum|record|actor|contract|data|newtype|impl|extension|union/;
const containers = /^(?:namespace|package|module|mod)$/;

const commentedOut = /[=({[]\s*["'[{]|[;{]$|^[\w.]+\s*[+=]?=\s|-{4}/;

/** Lines between two yields. */
const slice = 1200;

interface Open {
  readonly definition: Found;
  readonly indent: number;
  /** Whether the last `public:` or `private` shows what follows; undefined without one. */
  access: boolean | undefined;
}
interface Found extends Definition {
  readonly parent: Found | undefined;
  readonly isType: boolean;
  /** By its own line, whatever is around it. */
  readonly isShown: boolean;
}

/** Reads purpose, definitions, imports and notes of a file. */
export async function createOutline(lines: readonly Line[], yieldNow: Yield): Promise<CodeOutline> {
  const reader = createReader(lines);
  for (let i = 0; i < lines.length; i++) {
    if (i % slice === slice - 1) await yieldNow();
    reader.read(i);
  }
  reader.closeAll();
  const definitions = nest(reader.found);
  const { purpose, above } = findPurpose(lines);
  const main = describeDefinitions(definitions);
  const isOfMain = above === undefined || main.line === above;
  const told = purpose && isOfMain ? purpose : main.purpose;
  const { imports, notes, remarks } = reader;
  return { ...(told ? { purpose: told } : {}), definitions, imports, notes, remarks };
}

function createReader(lines: readonly Line[]) {
  const dialect = detectDialect(lines);
  const visibility = findVisibility(lines, dialect);
  const found: Found[] = [];
  const imports: { name: string; line: number }[] = [];
  const notes: { text: string; line: number }[] = [];
  const remarks: { text: string; line: number }[] = [];
  const open: Open[] = [];
  const clauses = new Set<string>();
  let comment: Line[] = [];
  let end = '';
  let isInText = '';
  let isInImports = false;
  let isHidden = false;

  const pop = (indent: number, line: number, types = true): void => {
    while (open.length > 0) {
      const last = open[open.length - 1] as Open;
      if (last.indent < indent || (!types && last.definition.isType)) break;
      last.definition.endLine = Math.max(last.definition.line, line);
      open.pop();
    }
  };

  function read(i: number): void {
    const line = lines[i] as Line;
    const { text } = line;
    if (text.length > 1000) return;
    const trimmed = text.trim();
    const note = /[#/*;-]/.test(text) ? noteRule.exec(text) : null;
    if (note) notes.push({ text: `${note[1]} ${note[2] ?? ''}`.replace(/\*\/\s*$/, '').trim(), line: line.line });
    if (end !== '') {
      comment.push(line);
      if (trimmed.includes(end)) end = '';
      return;
    }
    if (isInText !== '') {
      if (text.includes(isInText)) isInText = '';
      return;
    }
    if (trimmed === '') {
      if (found.length > 0) comment = [];
      return;
    }
    if (commentStart.test(text)) {
      end = findCommentEnd(trimmed);
      if (end !== '' || trimmed.startsWith('/*')) comment = [];
      comment.push(line);
      return;
    }
    readCodeLine(i, line, trimmed);
  }

  function readCodeLine(i: number, line: Line, trimmed: string): void {
    const { text } = line;
    const indent = text.length - text.trimStart().length;
    if (
      indent === 0 &&
      comment.length > 0 &&
      comment[0]?.text.startsWith(trimmed[0] === '<' ? '' : (comment[0].text[0] as string))
    )
      addRemark();
    isInText = findOpenText(text);
    if (/^import \($/.test(trimmed)) isInImports = true;
    const imported = importRule.exec(text);
    if (imported && (isInImports || !/^\s*(?:[\w.]+ )?"/.test(text)) && !isInside(indent)) {
      const name = imported.slice(1).find((one) => one !== undefined);
      if (name) imports.push({ name: name.replace(/::$/, ''), line: line.line });
      comment = [];
      return;
    }
    if (isInImports) isInImports = trimmed !== ')';
    if (dialect === 'cpp') {
      if (/^namespace\s*\{/.test(text)) isHidden = true;
      else if (/^\}\s*(?:\/\/.*namespace\s*)?$/.test(text) && !open.some((one) => one.indent === 0)) isHidden = false;
    }
    if (/^(?:@|#\[|\[[\w:]+[\](,])/.test(trimmed) && !trimmed.endsWith(';') && !/^@callback\b/.test(trimmed)) {
      // An annotation may stand before the definition on the same line.
      const rest = trimmed.replace(/^(?:@[\w.]+(?:\([^()]*\))?\s*|\[[^[\]]*\]\s*)+/, '');
      if (rest === '' || rest.startsWith('@') || rest.startsWith('[')) return;
    }
    if (setAccess(trimmed, indent)) return;
    addDefinition(i, indent, trimmed);
    comment = [];
  }

  /** `public:` of C++, `private` of Ruby. */
  function setAccess(trimmed: string, indent: number): boolean {
    const label =
      /^(public|private|protected|signals|private_class_method)(?: (?:slots|Q_SLOTS))?(?: ?:)?(?:\s*(?:\/\/|#).*)?$/.exec(
        trimmed,
      );
    if (!label) return false;
    pop(indent + 1, lines.length, true);
    const owner = open.findLast((one) => one.definition.isType && one.indent <= indent);
    if (owner) owner.access = label[1] === 'public' || label[1] === 'signals';
    comment = [];
    return true;
  }

  /** Whether the line is in a function or type, where a word like `use` is no import. */
  const isInside = (indent: number): boolean =>
    indent > 0 &&
    open.some(
      (one) => one.indent < indent && !containers.test(one.definition.what) && !/^def/.test(one.definition.what),
    );

  function addDefinition(i: number, indent: number, trimmed: string): void {
    const { line } = lines[i] as Line;
    const closes = /^(?:\}|end\b)/.test(trimmed);
    if (closes) return pop(indent, line);
    if (!/^[{#:|&.,)\]]|^(?:where|then|else|elsif|rescue|ensure)\b/.test(trimmed)) pop(indent, line - 1, false);
    const parent = open.findLast((one) => one.indent < indent);
    if (parent && !parent.definition.isType && !containers.test(parent.definition.what)) return;
    const definition = findDefinition({ lines, at: i, comment, dialect, visibility, parent, isHidden });
    if (!definition) return;
    pop(indent, Math.min(definition.docLine, line) - 1);
    if (dialect === 'haskell' || dialect === 'elixir') {
      const clause = `${definition.parent?.line ?? 0} ${definition.name}`;
      if (clauses.has(clause)) return;
      clauses.add(clause);
    }
    found.push(definition);
    open.push({ definition, indent, access: findAccess(definition.what) });
  }

  function addRemark(): void {
    const text = findFirstSentence(
      comment.map((one) => one.text),
      120,
    );
    if (
      text.length >= 8 &&
      /\s/.test(text) &&
      /^[\p{L}"'`(]/u.test(text) &&
      !licence.test(text) &&
      !commentedOut.test(text)
    )
      remarks.push({ text, line: (comment[0] as Line).line });
  }

  const findAccess = (what: string): boolean | undefined =>
    dialect === 'cpp' && what === 'class' ? false : dialect === 'cpp' && what === 'struct' ? true : undefined;

  return { read, closeAll: () => pop(0, lines.at(-1)?.line ?? 1), found, imports, notes, remarks };
}

/** Mark that ends a text of several lines which `line` begins; '' if it begins none. */
function findOpenText(line: string): string {
  for (const mark of ['"""', "'''"]) if (line.split(mark).length % 2 === 0) return mark;
  const raw = /R"(\w*)\(/.exec(line);
  return raw && !line.includes(`)${raw[1]}"`) ? `)${raw[1]}"` : '';
}

interface Place {
  readonly lines: readonly Line[];
  readonly at: number;
  readonly comment: readonly Line[];
  readonly dialect: Dialect;
  readonly visibility: Visibility;
  readonly parent: Open | undefined;
  /** In a namespace without a name. */
  readonly isHidden: boolean;
}

function findDefinition({ lines, at, comment, dialect, visibility, parent, isHidden }: Place): Found | undefined {
  const { text: whole, line } = lines[at] as Line;
  // The type of a function of C may have a line of its own.
  const before = lines[at - 1]?.text ?? '';
  const isSplit = /^[A-Za-z_][\w:~]*\s*\(/.test(whole) && /^[A-Za-z_][\w:<>*&, ]*$/.test(before);
  const text = (isSplit ? `${before} ${whole}` : whole).replace(/^(\s*)(?:@[\w.]+(?:\([^()]*\))?\s+)+(?=[a-z])/, '$1');
  if (text.length - text.trimStart().length > 16 || cUse.test(text)) return undefined;
  const of = parent?.definition;
  const isInterface = of !== undefined && /^(?:interface|protocol|trait)$/.test(of.what);
  const inMembers = of !== undefined && ((dialect === 'cpp' && of.isType) || isInterface);
  for (const { pattern, what, isOpen } of listRules(dialect, inMembers)) {
    const found = pattern.exec(text);
    if (!found) continue;
    const name = findLastWord((found[2] ?? found[1]) as string);
    const kind = what || (found[1] as string);
    if (
      keywords.has(name) ||
      /^\s*(?:return|await|throw|else|new|case|if|for|while|delete|yield)\b(?!\s+(?:class|object)\b)/.test(text)
    )
      continue;
    if (kind === 'package' && !/^\s*package\s+\p{Lu}/u.test(text)) continue;
    if (/=\s*(?:delete|default);?$/.test(text) && dialect === 'cpp') return undefined;
    const doc = comment.length > 0 ? comment : findDocString(lines, at);
    const docText = findFirstSentence(doc.map((one) => one.text));
    const isType = what === '' && !containers.test(kind);
    const byAccess = parent?.access;
    const isShown =
      !isHidden &&
      (isInterface
        ? !/^\s*private\b/.test(text)
        : byAccess === undefined || /^\s*(?:public|private|protected)\s+\w/.test(text)
          ? (isOpen === true && of !== undefined && !/^[_#]/.test(name)) ||
            visibility.isPublic(text, name, of && !containers.test(of.what) ? 1 : 0)
          : byAccess && !/^_/.test(name));
    return {
      name,
      signature: readSignature([{ text: text.trim(), line }, ...lines.slice(at + 1, at + 12)], 0),
      what: kind,
      line,
      endLine: line,
      depth: 0,
      isPublic: false,
      isListed: false,
      doc: licence.test(docText) ? '' : docText,
      docLine: doc[0]?.line ?? line,
      parent: of,
      isType,
      isShown,
    };
  }
  return undefined;
}

/** As in `const Slice& key` or `name:`. */
const findLastWord = (text: string): string =>
  text
    .trim()
    .split(/[\s*&]+/)
    .at(-1)
    ?.replace(/:$/, '') ?? '';

/** Leaves out modules and packages around other definitions, and says what is of the interface. */
function nest(found: readonly Found[]): Definition[] {
  const inner = new Map<Found, Found[]>();
  for (const one of found) if (one.parent) inner.set(one.parent, [...(inner.get(one.parent) ?? []), one]);
  const isLeftOut = (one: Found): boolean => {
    if (!containers.test(one.what) || /^export\b/.test(one.signature)) return false;
    const members = inner.get(one) ?? [];
    if (/^(?:namespace|package)$/.test(one.what)) return true;
    return one.doc === '' && members.some(({ isType, what }) => isType || containers.test(what));
  };
  const isExtension = (one: Found): boolean => /^(?:impl|extension|defimpl)$/.test(one.what);
  const isPublic = (one: Found): boolean => {
    if (isExtension(one)) return (inner.get(one) ?? []).some(({ isShown }) => isShown);
    if (!one.isShown) return false;
    return one.parent === undefined || isLeftOut(one.parent) || isExtension(one.parent) || isPublic(one.parent);
  };
  const countAround = (one: Found): number =>
    one.parent ? countAround(one.parent) + (isLeftOut(one.parent) ? 0 : 1) : 0;
  const told = found.filter((one) => !isLeftOut(one));
  const hasPublic = told.some(isPublic);
  return told.map((one) => ({
    name: one.name,
    signature: one.signature,
    what: one.what,
    line: one.line,
    endLine: one.endLine,
    depth: countAround(one),
    isPublic: isPublic(one),
    isListed: hasPublic ? isPublic(one) : one.isShown || countAround(one) === 0,
    doc: one.doc,
    docLine: one.docLine,
  }));
}

function findDocString(lines: readonly Line[], at: number): Line[] {
  for (let i = at + 1; i < Math.min(lines.length, at + 6); i++) {
    const text = (lines[i] as Line).text.trim();
    const quote = /^(?:[rRuU]|@moduledoc\s+(?:~[sS])?)?("""|''')/.exec(text)?.[1];
    if (quote) {
      const doc: Line[] = [];
      for (let j = i; j < Math.min(lines.length, i + 12); j++) {
        doc.push(lines[j] as Line);
        const own = (lines[j] as Line).text.trim();
        if ((j === i ? own.slice(own.indexOf(quote) + 3) : own).includes(quote)) break;
      }
      return doc;
    }
    if (text.endsWith(':') || text.endsWith(')') || text.endsWith(',')) continue;
    break;
  }
  return [];
}

/** What the largest documented type or the only public definition says of itself. */
function describeDefinitions(definitions: readonly Definition[]): {
  readonly purpose?: Purpose;
  readonly line?: number;
} {
  const top = definitions.filter((one) => one.depth === 0);
  const outer = top.some((one) => one.isPublic) ? top.filter((one) => one.isPublic) : top;
  const own = (one: Definition): boolean => typeKind.test(one.what) && !/^(?:impl|extension)$/.test(one.what);
  const sizes = countByType(definitions);
  const countLines = (one: Definition): number => one.endLine - one.line + 1 + (sizes.get(one.name) ?? 0);
  const listTypes = (list: readonly Definition[]): Definition[] =>
    list.filter((one) => own(one) || /^type .*\b(?:struct|interface)\b/.test(one.signature));
  const types = listTypes(outer).length > 0 ? listTypes(outer) : listTypes(top);
  const sized = (types.length > 0 ? types : outer)
    .map((one) => ({ one, size: countLines(one) }))
    .sort((a, b) => b.size - a.size);
  const all = top.reduce((sum, { line, endLine }) => sum + endLine - line + 1, 0);
  const main = types.length > 0 || (sized[0]?.size ?? 0) > all / 2 ? sized[0]?.one : undefined;
  if (!main) return {};
  if (main.doc.length < 15 || main.doc.endsWith(':')) return { line: main.line };
  return {
    line: main.line,
    purpose: { text: main.doc, startLine: Math.min(main.docLine, main.line), endLine: main.line },
  };
}

/** Lines outside a type that belong to it: functions with a receiver, blocks like `impl`. */
function countByType(definitions: readonly Definition[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { signature, what, line, endLine } of definitions) {
    const receiver = /^func \(\w+ \*?(\w+)/.exec(signature)?.[1];
    const names = /^(?:impl|extension)$/.test(what) ? (signature.match(/\w+/g) ?? []) : receiver ? [receiver] : [];
    for (const name of names) sizes.set(name, (sizes.get(name) ?? 0) + endLine - line + 1);
  }
  return sizes;
}
