import { readHead, isBlank, rank, shorten, type Splitter } from './splitter.ts';

/** Headings of books, laws and papers, CJK included. */
const chapter =
  /^\s{0,8}(?:(?:chapter|part|book|act|scene|volume|appendix|prologue|epilogue)\b[\s\dIVXLC.:—-]*\S{0,60}|第[\d０-９一二三四五六七八九十百千〇零]+[章节節回部卷編篇]|제\s*\d+\s*[장부편])/i;
const section =
  /^\s{0,8}(?:(?:§+|article|section|sec\.|art\.|clause|schedule|exhibit)\s*[\dIVXLC]+|\d{1,3}(?:\.\d{1,3}){0,3}\.?\s+\p{Lu}|[IVXLC]{1,6}\.\s+\p{Lu}|第[\d０-９一二三四五六七八九十百千〇零]+[条條款]|제\s*\d+\s*조)/iu;
const sentenceEnd = /[.!?…。！？」』”"')\]]$/;

/** Cuts at chapters, sections, paragraphs, then sentences; the fallback. */
export const prose: Splitter = {
  id: 'prose',
  accepts: () => true,
  open(_hints, { setRank, mark }) {
    let blanks = 2;
    let ended = true;
    return (text, start, end, line) => {
      if (isBlank(text, start, end)) {
        blanks++;
        setRank(line, rank.line);
        return;
      }
      const begin = blanks > 0 ? readHead(text, start, end, 100) : '';
      if (begin && end - start < 90 && chapter.test(begin)) {
        setRank(line, rank.large);
        mark(line, 0, shorten(begin));
      } else if (begin && section.test(begin)) {
        setRank(line, rank.small);
        if (end - start < 90) mark(line, 1, shorten(begin));
      } else setRank(line, blanks > 1 ? rank.paragraph : blanks === 1 ? rank.blank : ended ? rank.sentence : rank.line);
      blanks = 0;
      ended = sentenceEnd.test(text.slice(Math.max(start, end - 4), end).trimEnd());
    };
  },
};
