import { hasWords } from '../words.ts';
import { replaceCodeSpans } from './codeSpans.ts';

const quoted =
  /"([^"\n]{4,200})"|“([^“”\n]{4,200})”|«([^«»\n]{4,202})»|„([^„“”\n]{4,200})[“”]|「([^「」\n]{2,200})」/gu;
/** Digits with thousands separators, one decimal part and percent sign. */
const figure =
  /(?<![\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}_.])[+-]?(?:\d{1,3}(?:[,'’\u00a0\u202f\u2009]\d{3})+|\d{1,3}(?:\.\d{3}){2,}|\d+)(?:[.,]\d+)?(?:\s?%)?/gu;
const identifier =
  /(?<![\p{L}\p{N}_$])(?:[A-Za-z_$][\w$]*(?:(?:[./:-]|::)[\w$]+)+|[a-z]+[A-Z][\w$]*|[A-Z][a-z0-9]+[A-Z][\w$]*|_*[A-Za-z][A-Za-z\d]*_[\w$]+|[A-Z]+-?\d+[\w-]*|\d+[A-Za-z]+\d*[A-Z][\w-]*|\d+[A-Z][\w-]*)(?![\p{L}\p{N}_])/gu;

/** Items that can be looked up exactly: figures from ten, names, paths, dates and quotations. */
export function findCheckableTokens(text: string): string[] {
  const items = new Set<string>();
  const add = (inner: string): string => {
    if (hasWords(inner)) items.add(inner.trim());
    return ' ';
  };
  let rest = replaceCodeSpans(text, add).replace(quoted, (quote: string) => add(quote.slice(1, -1)));
  for (const match of rest.matchAll(identifier)) items.add(match[0].replace(/(?<![.:/-])[.:/-]+$/, ''));
  rest = rest.replace(identifier, ' ');
  for (const match of rest.matchAll(figure)) {
    const value = match[0].trim();
    if (value.replace(/[^\d]/g, '').length > 1 || value.endsWith('%')) items.add(value);
  }
  return [...items];
}
