import { readHead, measureIndent, rank, shorten, type Splitter } from './splitter.ts';

const key = /^\s*"((?:[^"\\]|\\.){1,80})"\s*:\s*[[{]\s*$/;
const ranks = [rank.large, rank.large, rank.middle, rank.small, rank.blank] as const;

/** Cuts at outer elements first; indentation gives the depth, so that misread brackets do no harm. */
export const json: Splitter = {
  id: 'json',
  accepts: ({ kind, languageId }) =>
    kind === 'json' || (kind === 'config' && (languageId === 'json' || languageId === 'jsonc')),
  open(_hints, { setRank, mark }) {
    let unit = 0;
    let marked = -1;
    return (text, start, end, line) => {
      const indent = measureIndent(text, start, end);
      unit ||= indent;
      const depth = unit > 0 ? Math.round(indent / unit) : 0;
      const begin = readHead(text, start, end, 120);
      const closes = /^\s*(?:[\]}]|$)/.test(begin);
      setRank(line, closes ? rank.never : (ranks[depth] ?? rank.line));
      if (closes || depth > 3) return;
      const name = key.exec(begin)?.[1];
      if (name === undefined && marked < depth) return;
      mark(line, depth, shorten(name ?? '', 80));
      marked = name === undefined ? depth - 1 : depth;
    };
  },
};
