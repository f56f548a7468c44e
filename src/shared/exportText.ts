/** A summary as text that leaves the panel: nothing invisible goes along, and what it cites and lacks is named. */
import { inertMarkdown } from './inertMarkdown.ts';
import type { RunView } from './runView.ts';

/** Controls that reorder or hide text: bidirectional marks, zero-width characters, tag characters. */
const hidden = /[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u061c]|[\u{e0000}-\u{e007f}]/gu;

/** Makes such characters readable as what they are. */
export function showHidden(text: string): string {
  return text.replace(hidden, (char) => `\\u{${char.codePointAt(0)!.toString(16).toUpperCase()}}`);
}

/** The summary with a list of the lines behind its marks. */
export function toMarkdown(view: RunView, pathOf: (uri: string) => string): string {
  const body = inertMarkdown(showHidden(view.markdown.trim()));
  if (!view.citations.length) return `${body}\n`;
  const list = view.citations.map(({ id, uri, startLine, endLine }) => {
    const lines = startLine === endLine ? `${startLine}` : `${startLine}-${endLine}`;
    return `- [${id}] ${inertMarkdown(showHidden(uri ? `${pathOf(uri)}:${lines}` : `line ${lines}`))}`;
  });
  return `${body}\n\n---\n\n${list.join('\n')}\n`;
}
