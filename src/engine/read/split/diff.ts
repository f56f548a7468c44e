import { readHead, rank, shorten, type Splitter } from './splitter.ts';

const file = /^(?:diff --git a\/(.+?) b\/|diff (?:-\S+ )*(\S+)|Index: (.+)|commit [0-9a-f]{7,40}|From [0-9a-f]{40} )/;
const hunk = /^@@+ [^@]*@@+ ?(.*)/;

/** Cuts at commits and files, then hunks. */
export const diff: Splitter = {
  id: 'diff',
  accepts: ({ kind }) => kind === 'diff',
  open(_hints, { setRank, mark }) {
    let seenHunk = true;
    let changed = false;
    return (text, start, end, line) => {
      const begin = readHead(text, start, end, 300);
      const starts = file.exec(begin);
      const part = hunk.exec(begin);
      const change = begin.startsWith('+') || begin.startsWith('-');
      if (starts) {
        const title = starts[1] ?? starts[2] ?? starts[3] ?? begin;
        setRank(line, begin.startsWith('commit') || begin.startsWith('From') ? rank.top : rank.large);
        mark(line, 0, shorten(title, 200));
        seenHunk = false;
      } else if (begin.startsWith('--- ') && seenHunk && text.startsWith('+++ ', text.indexOf('\n', start) + 1)) {
        setRank(line, rank.large);
        mark(line, 0, shorten(begin.slice(4).replace(/^a\//, '').replace(/\t.*/, ''), 200));
        seenHunk = false;
      } else if (part) {
        setRank(line, seenHunk ? rank.small : rank.never);
        mark(line, 1, shorten(part[1]!));
        seenHunk = true;
      } else if (!seenHunk) setRank(line, rank.never);
      else setRank(line, change && !changed ? rank.sentence : rank.line);
      changed = change;
    };
  },
};
