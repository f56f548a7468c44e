const conventional = /^(?:build|chore|ci|docs|feat|fix|perf|refactor|revert|style|test)(?:\([^()]{1,60}\))?!?: /;

/** Whether at least half of the subjects follow Conventional Commits. */
export function isConventional(subjects: readonly string[]): boolean {
  const own = subjects.filter((subject) => !/^(?:Merge|Revert) /.test(subject));
  return own.length > 0 && own.filter((subject) => conventional.test(subject)).length * 2 >= own.length;
}

/** Returns plain text: a subject, then a body after an empty line, without marks, headings and fences. */
export function toCommitMessage(markdown: string): string {
  const lines = markdown
    .replace(/\s?\[\d{1,4}\]/g, '')
    .split('\n')
    .filter((line) => !/^\s*(?:```|~~~)/.test(line))
    .map((line) =>
      line
        .replace(/^#{1,6}\s+/, '')
        .replace(/\*\*([^*]+)\*\*/g, '$1')
        .replace(/^\s*[*+]\s+/, '- ')
        .trimEnd(),
    );
  const first = lines.findIndex((line) => line.trim() !== '');
  if (first < 0) return '';
  const subject = lines[first]!.replace(/^\s*-\s+/, '')
    .replace(/^(?:commit message|subject):\s*/i, '')
    .replace(/(?<!\.)\.$/, '')
    .trim();
  const body = lines
    .slice(first + 1)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
  return body === '' ? subject : `${subject}\n\n${body}`;
}
