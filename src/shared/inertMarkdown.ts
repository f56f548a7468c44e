/** A model's Markdown as it may leave the panel: it loads nothing and runs nothing, in whatever preview it is opened. */

/** Addresses that open in a browser; every other link (`command:`, `file:`, `vscode:`, relative ones) stays text. */
const web = /^https?:\/\/[^\s<>"'`\\]+$/i;

/**
 * The same text with every `<` outside code escaped, images as text, and links kept only where they lead to http(s). Code stays as
 * it is: spans of one line, and blocks whose fence stands at the line's beginning. What a preview might read otherwise (a span over
 * lines, a fence inside a list) is made text.
 */
export function inertMarkdown(markdown: string): string {
  let fence = '';
  const lines = markdown.split('\n').map((line) => {
    if (fence) {
      const end = /^ {0,3}(`{3,}|~{3,})\s*$/.exec(line);
      if (end?.[1]?.startsWith(fence)) fence = '';
      return line;
    }
    const begin = /^(?:`{3,}|~{3,})/.exec(line)?.[0];
    const info = line.slice(begin?.length ?? 0);
    if (begin && !(begin.startsWith('`') && info.includes('`'))) {
      fence = begin;
      return fence + info.replace(/[^\w +#.-]/g, '');
    }
    return inertLine(line);
  });
  return (fence ? [...lines, fence] : lines).join('\n');
}

/** A code span ends on its line: a run of backticks without a partner there is escaped, so that it opens none over lines. */
function inertLine(line: string): string {
  const runs = [...line.matchAll(/`+/g)].map((run) => ({ start: run.index, length: run[0].length }));
  /** Starts of the runs of each length, in order: a span ends at a run of exactly its length, whatever stands before it. */
  const byLength = new Map<number, number[]>();
  for (const { start, length } of [...runs].reverse()) {
    const starts = byLength.get(length);
    if (starts) starts.push(start);
    else byLength.set(length, [start]);
  }
  let out = '';
  let from = 0;
  for (const run of runs) {
    if (run.start < from) continue;
    // a backslash takes the first backtick out of an opening run, but not out of a closing one
    const escaped = /(?:^|[^\\])(?:\\\\)*\\$/.test(line.slice(Math.max(from, run.start - 40), run.start)) ? 1 : 0;
    const start = run.start + escaped;
    const length = run.length - escaped;
    const ends = byLength.get(length) ?? [];
    while (ends.length && ends.at(-1)! <= run.start) ends.pop();
    const end = length ? ends.at(-1) : undefined;
    out += inertText(line.slice(from, start));
    from = end === undefined ? start + length : end + length;
    out += end === undefined ? '\\`'.repeat(length) : line.slice(start, from);
  }
  return (out + inertText(line.slice(from))).replace(/~{3,}/g, (run) => run.replaceAll('~', '\\~'));
}

function inertText(text: string): string {
  return inertLinks(text.replace(/<(?!https?:\/\/[^\s<>]+>)/gi, '&lt;'));
}

/** Images as text, and links kept only where they lead to http(s); for places that take no HTML, as the chat. */
export function inertLinks(text: string): string {
  return text
    .replace(/!(?=\[)/g, '!\\')
    .replace(/<(?=[a-z][\w+.-]*:)(?!https?:)/gi, '\\<')
    .replace(/\](?=[:[])/g, ']\\')
    .replace(/\]\((?=([^)]{0,2000})(\)?))/g, (mark, target: string, end: string) => {
      const [address = ''] = target.trim().split(/\s+/);
      return end && web.test(address) ? mark : ']\\(';
    });
}
