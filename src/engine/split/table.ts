import { rank, shorten, type Splitter } from './splitter.ts';

/** Rows; a line break within quotes is none. The header stands beside each chunk. */
export const table: Splitter = {
  id: 'table',
  accepts: (kind) => kind === 'table',
  open(_hints, { setRank, mark }) {
    let quoted = false;
    let rows = 0;
    return (text, start, end, line) => {
      setRank(line, quoted ? rank.never : rank.blank);
      if (!quoted && rows++ === 0) mark(line, 0, shorten(text.slice(start, Math.min(end, start + 600)), 300));
      for (let at = text.indexOf('"', start); at >= 0 && at < end; at = text.indexOf('"', at + 1)) quoted = !quoted;
    };
  },
};
