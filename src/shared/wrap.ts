const minWidth = 30;

/** Wraps paragraphs and list items; indents continuation lines of items. Keeps code, tables and headings. */
export function wrapMarkdown(text: string, width: number): string {
  let isCode = false;
  return text
    .split('\n')
    .flatMap((line) => {
      if (/^\s*(?:```|~~~)/.test(line)) isCode = !isCode;
      return isCode || /^\s*(?:```|~~~|\||#)/.test(line) ? [line] : wrapLine(line, Math.max(minWidth, width));
    })
    .join('\n');
}

function wrapLine(line: string, width: number): string[] {
  const [lead = ''] = /^\s*(?:[-*+]|\d{1,3}[.)])?\s*/.exec(line) ?? [];
  const hanging = ' '.repeat(lead.length);
  const lines: string[] = [];
  let current = lead;
  for (const word of line.slice(lead.length).split(/\s+/).filter(Boolean)) {
    const isEmpty = current.trim() === '' || current === lead;
    if (!isEmpty && current.length + 1 + word.length > width) {
      lines.push(current);
      current = hanging + word;
    } else current = isEmpty ? current + word : `${current} ${word}`;
  }
  return [...lines, current.trimEnd()];
}
