import { readHead, isBlank, rank, type Splitter } from './splitter.ts';

const continued = /^(?:\s+\S|at\s|Caused by|Suppressed:|\.{3}\s|Traceback|\s*File "|[)}\]])/;
const timed =
  /^\W{0,3}(?:\w{0,12}\W{1,3})?(?:\d{4}[-/.]\d\d[-/.]\d\d|\d\d[-/.]\d\d[-/.]\d{2,4}|\w{3}\s+\d{1,2}\s+\d\d:\d\d|\d\d:\d\d:\d\d|\d{6}\s\d{6}|\d{10}(?:\.\d+)?\b|\d{13}\b|\{"|[IWEF]\d{4}\s)/;
const session =
  /^(?:={5,}|-{5,}|\*{5,}|#{3,}|.{0,60}\b(?:starting up|startup|started server|boot(?:ing)?|shutting down|server start(?:ed|ing)?)\b)/i;

/** Cuts between records; traces and continuations stay with theirs. */
export const log: Splitter = {
  id: 'log',
  accepts: ({ kind }) => kind === 'log',
  open(_hints, { setRank }) {
    let blank = false;
    let stamped = 0;
    let seen = 0;
    return (text, start, end, line) => {
      if (isBlank(text, start, end)) {
        setRank(line, rank.never);
        blank = true;
        return;
      }
      const begin = readHead(text, start, end, 120);
      const stamp = timed.test(begin);
      stamped += ((stamp ? 1 : 0) - stamped) / Math.min(++seen, 20);
      // If most lines have times, a line without one continues its record.
      if (continued.test(begin) || (!stamp && stamped > 0.3)) setRank(line, rank.never);
      else if (session.test(begin)) setRank(line, rank.large);
      else setRank(line, blank ? rank.paragraph : rank.blank);
      blank = false;
    };
  },
};
