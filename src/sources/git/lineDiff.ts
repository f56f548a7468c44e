import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';

/** Maximum edits; with more the text counts as replaced, because the search takes quadratic time. */
const maxEditLength = 1_500;

/** Returns '' if the texts differ only in line ends. */
export function createUnifiedDiff(before: string, after: string, beforeName: string, afterName: string): string {
  const [old, next] = [toLines(before), toLines(after)];
  if (old === next) return '';
  const options = { context: 3, maxEditLength, headerOptions: FILE_HEADERS_ONLY };
  return (
    createTwoFilesPatch(beforeName, afterName, old, next, undefined, undefined, options) ??
    `--- ${beforeName}\n+++ ${afterName}\n${replaceAll(old, next)}`
  );
}

/** Ends each line with `\n`, the last one too. */
function toLines(text: string): string {
  const lines = text.replaceAll('\r\n', '\n');
  return lines === '' || lines.endsWith('\n') ? lines : `${lines}\n`;
}

function replaceAll(old: string, next: string): string {
  const count = (text: string): number => text.split('\n').length - 1;
  const range = (lines: number): string => `${lines === 0 ? 0 : 1},${lines}`;
  const signed = (text: string, sign: string): string =>
    text
      .split('\n')
      .map((line, i, lines) => (i < lines.length - 1 ? `${sign}${line}\n` : ''))
      .join('');
  return `@@ -${range(count(old))} +${range(count(next))} @@\n${signed(old, '-')}${signed(next, '+')}`;
}
