import { readHead, isBlank, rank, type Splitter } from './splitter.ts';

/** A speaker's name before a colon, perhaps after a time; also in chat exports. */
export const turn =
  /^\s*(?:[[(]?\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,3})?(?:\s?[AP]M)?[\])]?\s*(?:[-–—]\s*)?|\[[^\]]{4,40}\]\s*|<v\s+|\*\*|\d{1,2}[/.]\d{1,2}[/.]\d{2,4},? \d{1,2}:\d\d(?::\d\d)?\s?(?:[AP]M)?\s*[-–—]\s*)?(?:#(?=[^#]{1,40}#))?([\p{L}][\p{L}\p{M}\p{N} .'’_()-]{0,40}?)#?(?:\*\*)?\s?(?::|：|>)(?:\*\*)?\s*\S/u;
/** Number or times of a caption. */
export const cue = /^\s*(?:\d+\s*$|(?:\d\d:)?\d\d:\d\d[.,]\d{3}\s+-->)/;

/** Cuts at turns, preferably where the speaker changes. */
export const transcript: Splitter = {
  id: 'transcript',
  accepts: ({ kind }) => kind === 'transcript',
  open(_hints, { setRank }) {
    let speaker = '';
    let blank = true;
    let inCue = false;
    return (text, start, end, line) => {
      if (isBlank(text, start, end)) {
        setRank(line, rank.line);
        blank = true;
        inCue = false;
        return;
      }
      const begin = readHead(text, start, end, 160);
      const who = turn.exec(begin)?.[1];
      if (cue.test(begin)) {
        setRank(line, inCue ? rank.never : rank.blank);
        inCue = true;
      } else if (who !== undefined && !inCue) {
        setRank(line, who === speaker ? rank.paragraph : rank.small);
        speaker = who;
      } else setRank(line, inCue ? rank.never : blank ? rank.blank : rank.line);
      blank = false;
    };
  },
};
