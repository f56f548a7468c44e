/** Forms of marks that models write: `[2]`, `[2, 5]`, `[[2]]`, `[^2]`, `[Source 2]`, `【2】`, `【2†L4】`. */

const numbers = String.raw`\s*\d{1,5}(?:\s*[,，、;–-]\s*\d{1,5})*\s*`;
const plain = String.raw`\[\[${numbers}\]\]|\[${numbers}\]`;
const other = String.raw`[【［〔]${numbers}(?:†[^\[\]【】［］〔〕\n]{0,40})?[】］〕]|\[(?:\^|(?:chunk|passage|source)s? )${numbers}\]`;

/** Matches `[2]`, `[2, 5]` and `[2-4]`. */
export const plainMarks = new RegExp(plain, 'g');
/** Also matches the other forms that models write. */
export const anyMarks = new RegExp(`${plain}|${other}`, 'gi');
/** One mark at the start. */
export const markAtStart = new RegExp(`^(?:${plain}|${other})`, 'i');
/** Adjacent marks at the start. */
export const marksAtStart = new RegExp(`^(?:${plain}|${other})+`, 'i');
/** Matches the beginning of a mark whose rest may follow. */
export const markPrefix =
  /^(?:\[{1,2}(?:\^|[a-z]{1,8} ?)?[\s\d,，、;–-]{0,40}|\[\[[\s\d,，、;–-]{0,40}\]|[【［〔][\s\d,，、;–-]{0,40}(?:†[^[\]【】［］〔〕\n]{0,40})?)$/i;

/** Whether the form is ambiguous: titles in wide brackets and footnotes such as `[^1]` look the same. */
export const isOther = (mark: string): boolean => !/^\[[\s\d[]/.test(mark);

/** Numbers of `[2]`, `[2, 5]` or `[2-4]`. */
export function findMarks(mark: string): number[] {
  const numbers: number[] = [];
  const tokens = mark.replace(/†.*/, '').match(/\d+|[–-]/g) ?? [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i]!;
    if (token === '-' || token === '–') {
      const from = numbers.at(-1);
      const to = Number(tokens[i + 1]);
      if (from !== undefined && to > from && to - from <= 12) for (let n = from + 1; n <= to; n++) numbers.push(n);
      i++;
    } else numbers.push(Number(token));
  }
  return numbers;
}
