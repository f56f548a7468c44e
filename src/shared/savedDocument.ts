/** Parses a saved summary: the reverse of `toDocument`. */

/** Lines of a mark; `path` is relative to the document, as in the link. */
export interface SavedCitation {
  readonly id: number;
  readonly path?: string;
  readonly startLine: number;
  readonly endLine: number;
}

/** A summary or answer. */
export interface SavedPart {
  /** Summary with marks such as `[1]`, without the list of sources. */
  readonly markdown: string;
  readonly citations: readonly SavedCitation[];
}

interface SavedDocument extends SavedPart {
  readonly title: string;
  /** Source, date and model, as written. */
  readonly facts: string;
  readonly questions: readonly (SavedPart & { readonly question: string })[];
}

const sourceList = /\n---\n\n((?:- \[\d{1,4}\] [^\n]*(?:\n|$))+)/;
const linkedMark = /\[(\d{1,4})\]\(([^()\s]*)#L(\d{1,7})\)/g;

/** Undefined if the text is no saved summary. */
export function parseDocument(text: string): SavedDocument | undefined {
  const lines = text.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
  const [heading = '', blank, facts = '', secondBlank, ...rest] = lines.split('\n');
  const isSaved = heading.startsWith('# ') && facts.includes(' · ') && blank === '' && secondBlank === '';
  if (!isSaved) return undefined;
  const [first, ...others] = splitParts(rest.join('\n'));
  if (first === undefined) return undefined;
  const questions = others.map((part) => {
    const question = /^\s*## ([^\n]+)\n/.exec(part)?.[1] ?? '';
    return { question, ...readPart(part.replace(/^\s*## [^\n]+\n/, '')) };
  });
  return {
    title: heading.slice(2),
    facts,
    ...readPart(first),
    questions: questions.filter(({ question }) => question !== ''),
  };
}

/** Each part ends with its list of sources. */
function splitParts(text: string): string[] {
  const parts: string[] = [];
  let rest = text;
  for (;;) {
    const list = sourceList.exec(rest);
    const end = list === null ? rest.length : list.index + list[0].length;
    if (rest.slice(0, end).trim() !== '') parts.push(rest.slice(0, end));
    if (end >= rest.length) return parts;
    rest = rest.slice(end);
  }
}

function readPart(text: string): SavedPart {
  const list = sourceList.exec(text);
  const body = (list === null ? text : text.slice(0, list.index)).trim();
  const paths = new Map<number, { readonly path: string; readonly line: number }>();
  for (const [, id, path = '', line] of body.matchAll(linkedMark))
    if (!paths.has(Number(id))) paths.set(Number(id), { path: decode(path), line: Number(line) });
  const citations = (list?.[1] ?? '').split('\n').flatMap((line): SavedCitation[] => {
    const id = Number(/^- \[(\d{1,4})\] /.exec(line)?.[1]);
    const lines = /^(\d{1,7})(?:-(\d{1,7}))?$/.exec(
      line.slice(Math.max(line.lastIndexOf(':'), line.lastIndexOf(' ')) + 1),
    );
    if (Number.isNaN(id) || lines === null) return [];
    const path = paths.get(id)?.path;
    const startLine = Number(lines[1]);
    return [{ id, startLine, endLine: Number(lines[2] ?? startLine), ...(path === undefined ? {} : { path }) }];
  });
  return { markdown: body.replace(linkedMark, '[$1]'), citations };
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
