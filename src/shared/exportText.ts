/** Exports a summary as text: no invisible characters, with sources and gaps listed. */
import { neutralizeMarkdown } from './inertMarkdown.ts';
import type { RunView } from './runView.ts';

/** Controls that reorder or hide text: bidi marks, zero-width and tag characters. */
const hidden = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u061c]|[\u{e0000}-\u{e007f}]/gu;

/** Replaces hidden characters by a visible form. */
export function showHidden(text: string): string {
  return text.replace(hidden, (char) => `\\u{${char.codePointAt(0)!.toString(16).toUpperCase()}}`);
}

/** Metadata of a saved summary. */
interface DocumentFacts {
  readonly title: string;
  readonly source: string;
  /** Formatted for the reader. */
  readonly date: string;
  readonly model: string;
  readonly questions: readonly { readonly question: string; readonly view: RunView }[];
}

/**
 * Returns a complete document: title, source, date, model, linked marks, questions and answers.
 * @param linkOf path to link a file by; undefined if it cannot be opened
 */
export function toDocument(
  view: RunView,
  facts: DocumentFacts,
  pathOf: (uri: string) => string,
  linkOf: (uri: string) => string | undefined,
): string {
  const head = [facts.source, facts.date, facts.model].filter((fact) => fact !== '').map(showHidden);
  const answers = facts.questions.filter((one) => one.view.markdown !== '');
  const parts = [
    `# ${showHidden(facts.title)}`,
    head.join(' · '),
    linkMarks(toMarkdown(view, pathOf).trim(), view, linkOf),
    ...answers.map(
      (one) => `## ${showHidden(one.question)}\n\n${linkMarks(toMarkdown(one.view, pathOf).trim(), one.view, linkOf)}`,
    ),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

/** Links `[1]` as `[1](path#L55)`, except in code and at line starts (the source list). */
function linkMarks(markdown: string, { citations }: RunView, linkOf: (uri: string) => string | undefined): string {
  const links = new Map(
    citations.map(({ id, uri, startLine }) => {
      const path = uri === undefined ? undefined : linkOf(uri);
      return [
        String(id),
        path === undefined ? undefined : `${encodeURI(path).replace(/[()#?]/g, encodeURIComponent)}#L${startLine}`,
      ];
    }),
  );
  return markdown
    .split(/(```[^]*?```|`[^`\n]*`)/)
    .map((piece, index) =>
      index % 2 === 1
        ? piece
        : piece.replace(/(?<!^- )\[(\d{1,4})\](?!\()/gm, (mark: string, id: string) => {
            const link = links.get(id);
            return link === undefined ? mark : `${mark}(${link})`;
          }),
    )
    .join('');
}

/** Returns the summary with a list of cited lines. */
export function toMarkdown(view: RunView, pathOf: (uri: string) => string): string {
  const body = neutralizeMarkdown(showHidden(view.markdown.trim()));
  if (!view.citations.length) return `${body}\n`;
  const list = view.citations.map(({ id, uri, startLine, endLine }) => {
    const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
    return `- [${id}] ${neutralizeMarkdown(showHidden(uri ? `${pathOf(uri)}:${lines}` : `line ${lines}`))}`;
  });
  return `${body}\n\n---\n\n${list.join('\n')}\n`;
}
