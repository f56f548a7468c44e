import { rank, shorten, type Splitter } from './splitter.ts';

/** Cuts between rows, not at quoted line breaks. Every chunk gets the header as context. */
export const table: Splitter = {
  id: 'table',
  accepts: ({ kind }) => kind === 'table',
  open(_hints, { setRank, mark }) {
    let quoted = false;
    let rows = 0;
    let separator = 44;
    let separators = 0;
    return (text, start, end, line) => {
      if (!quoted && rows++ === 0) {
        mark(line, 0, shorten(text.slice(start, Math.min(end, start + 600)), 300));
        separator = findSeparator(text.slice(start, Math.min(end, start + 600)));
        separators = count(text, start, Math.min(end, start + 4000), separator);
      }
      const opens = quoted;
      const quotes = count(text, start, end, 34);
      // An earlier quote was misread.
      const lost = quoted && separators > 0 && quotes % 2 === 0 && count(text, start, end, separator) === separators;
      if (lost) quoted = false;
      if (quotes % 2 === 1) quoted = !quoted;
      setRank(line, opens && !lost ? rank.never : rank.blank);
    };
  },
};

function count(text: string, start: number, end: number, code: number): number {
  let found = 0;
  for (let at = start; at < end; at++) if (text.charCodeAt(at) === code) found++;
  return found;
}

function findSeparator(header: string): number {
  const signs = [',', '\t', ';', '|'];
  const counts = signs.map((sign) => header.split(sign).length);
  return signs[counts.indexOf(Math.max(...counts))]!.charCodeAt(0);
}
