/** What of a sentence can be looked up exactly: figures, names, paths, dates, quotations. */
import { hasWords } from '../words.ts';

const quoted =
  /"([^"\n]{4,200})"|“([^”\n]{4,200})”|«\s?([^»\n]{4,200}?)\s?»|„([^“”\n]{4,200})[“”]|「([^」\n]{2,200})」/gu;
const code = /(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)/g;
/** Digits with separators before groups of three, one decimal part, a percent sign. A CJK letter before it ends no figure. */
const figure =
  /(?<![\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{N}_.])[+-]?(?:\d{1,3}(?:[,'’\u00a0\u202f\u2009]\d{3})+|\d{1,3}(?:\.\d{3}){2,}|\d+)(?:[.,]\d+)?(?:\s?%)?/gu;
const identifier =
  /(?<![\p{L}\p{N}_])(?:[A-Za-z_$][\w$]*(?:(?:[._/:-]|::)[\w$]+)+|[a-z]+[A-Z][\w$]*|[A-Z][a-z0-9]+[A-Z][\w$]*|[A-Za-z]+_[\w$]+|[A-Z]+-?\d+[\w-]*|\d+[A-Za-z]+\d*[A-Z][\w-]*|\d+[A-Z][\w-]*)(?![\p{L}\p{N}_])/gu;

/** What of a sentence can be looked up. Counts under ten and list numbers say too little. */
export function itemsOf(text: string): string[] {
  const items = new Set<string>();
  let rest = text;
  for (const pattern of [code, quoted]) {
    rest = rest.replace(pattern, (...groups: unknown[]) => {
      const strings = groups.slice(1).filter((g): g is string => typeof g === 'string' && !/^`+$/.test(g));
      const inner = pattern === code ? strings[0] : strings.find((g) => g !== text && g.length < text.length);
      if (inner && hasWords(inner)) items.add(inner.trim());
      return ' ';
    });
  }
  for (const match of rest.matchAll(identifier)) items.add(match[0].replace(/[.:/-]+$/, ''));
  rest = rest.replace(identifier, ' ');
  for (const match of rest.matchAll(figure)) {
    const value = match[0].trim();
    if (value.replace(/[^\d]/g, '').length > 1 || value.endsWith('%')) items.add(value);
  }
  return [...items];
}
