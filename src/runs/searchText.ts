import type { RunRecord } from './history.ts';

/** Characters before and after a hit. */
const around = 60;

/**
 * Returns the words around the first hit of the rarest word; '' for an empty query; undefined if a word is missing from title,
 * text, questions and answers. Ignores case and accents.
 */
export function findInSummary(
  record: Pick<RunRecord, 'title' | 'questions'> & { readonly view: { readonly markdown: string } },
  query: string,
): string | undefined {
  const words = fold(query).split(/\s+/).filter(Boolean);
  const text = [record.view.markdown, ...record.questions.flatMap(({ question, view }) => [question, view.markdown])]
    .join(' ')
    .replace(/ ?\[\d{1,4}\]/g, '')
    .replace(/[#*`>\s]+/g, ' ');
  const folded = fold(text);
  const title = fold(record.title);
  if (!words.every((word) => folded.includes(word) || title.includes(word))) return undefined;
  const rarest = words
    .map((word) => ({ at: folded.indexOf(word), count: folded.split(word).length }))
    .filter(({ at }) => at >= 0)
    .sort((a, b) => a.count - b.count)[0];
  if (rarest === undefined) return '';
  const { at } = rarest;
  const from = Math.max(0, at - around);
  const excerpt = text.slice(from, at + around * 2).trim();
  return `${from > 0 ? '…' : ''}${excerpt}${at + around * 2 < text.length ? '…' : ''}`;
}

/** Returns lower case without accents, of the same length. */
function fold(text: string): string {
  return [...text].map((char) => foldChar(char)).join('');
}

function foldChar(char: string): string {
  if (char < '\u0080') return char.toLowerCase();
  const plain = char.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
  return plain.length === char.length ? plain : char;
}
