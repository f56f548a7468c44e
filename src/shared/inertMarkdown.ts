/** Makes a model's Markdown safe to leave the panel: loads and runs nothing in any preview. */

/** Only http(s) links stay links; `command:`, `file:`, `vscode:` and relative ones become text. */
const web = /^https?:\/\/[^\s<>"'`\\]+$/i;

/**
 * Escapes `<` outside code, turns images into text and keeps only http(s) links. Keeps one-line code spans and unindented
 * fences; what previews parse differently (multi-line spans, fences in lists) becomes text.
 */
export function neutralizeMarkdown(markdown: string): string {
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
    return neutralizeLine(line);
  });
  return (fence ? [...lines, fence] : lines).join('\n');
}

/** Escapes unmatched backtick runs: code spans must not continue on the next line. */
function neutralizeLine(line: string): string {
  const runs = [...line.matchAll(/`+/g)].map((run) => ({ start: run.index, length: run[0].length }));
  /** Run starts by length: a span closes at a run of exactly its length. */
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
    // a backslash shortens an opening run by one, but not a closing run
    const escaped = /(?:^|[^\\])(?:\\\\)*\\$/.test(line.slice(Math.max(from, run.start - 40), run.start)) ? 1 : 0;
    const start = run.start + escaped;
    const length = run.length - escaped;
    const ends = byLength.get(length) ?? [];
    while (ends.length && ends.at(-1)! <= run.start) ends.pop();
    const end = length ? ends.at(-1) : undefined;
    out += neutralizeText(line.slice(from, start));
    from = end === undefined ? start + length : end + length;
    out += end === undefined ? '\\`'.repeat(length) : line.slice(start, from);
  }
  return (out + neutralizeText(line.slice(from))).replace(/~{3,}/g, (run) => run.replaceAll('~', '\\~'));
}

function neutralizeText(text: string): string {
  return neutralizeLinks(text.replace(/<(?!https?:\/\/[^\s<>]+>)/gi, '&lt;'));
}

/** Turns images into text and keeps only http(s) links, for chat, which takes no HTML. */
export function neutralizeLinks(text: string): string {
  return text
    .replace(/!(?=\[)/g, '!\\')
    .replace(/<(?=[a-z][\w+.-]*:)(?!https?:)/gi, '\\<')
    .replace(/\](?=[:[])/g, ']\\')
    .replace(/\]\((?=([^)]{0,2000})(\)?))/g, (mark, target: string, end: string) => {
      const [address = ''] = target.trim().split(/\s+/);
      return end && web.test(address) ? mark : ']\\(';
    });
}
