/** Masks words that contain digits; the original words become values. */

/** Replaces a masked word in keys. */
export const mark = '\u0001';
/** Replaces varying parts in displayed text. */
export const varies = '…';

// 0 other, 1 letter, 2 digit, 3 a sign that may join two parts of a word (. _ - : + % @ ~)
const classes = new Uint8Array(128);
for (let c = 0; c < 128; c++) {
  if ((c >= 65 && c <= 90) || (c >= 97 && c <= 122)) classes[c] = 1;
  else if (c >= 48 && c <= 57) classes[c] = 2;
  else if (c === 95 || c === 45 || c === 46 || c === 58 || c === 43 || c === 37 || c === 64 || c === 126)
    classes[c] = 3;
}
const underscore = 95;
const hyphen = 45;
const dot = 46;
const colon = 58;
const plus = 43;
const percent = 37;

const isWord = (c: number): boolean => (c < 128 ? classes[c] === 1 || classes[c] === 2 : true);

/** Replaces words that contain digits by `mark`; empties `values` first. */
export function maskText(line: string, values: string[], from = 0): string {
  values.length = 0;
  let key = '';
  let kept = from;
  let i = from;
  const end = line.length;
  while (i < end) {
    let c = line.charCodeAt(i);
    if (c < 128 && classes[c] !== 1 && classes[c] !== 2) {
      i++;
      continue;
    }
    let start = i;
    let digit = false;
    for (; i < end; i++) {
      c = line.charCodeAt(i);
      if (c > 127) continue;
      const kind = classes[c];
      if (kind === 2) digit = true;
      else if (kind !== 1 && (kind === 0 || !joins(line, i, c, end))) break;
    }
    if (!digit && !(i - start === 3 && isDateName(line, start))) continue;
    if (start > from && line.charCodeAt(start - 1) === hyphen && !isWord(line.charCodeAt(start - 2))) start--;
    if (i < end && line.charCodeAt(i) === percent) i++;
    key += line.slice(kept, start) + mark;
    values.push(line.slice(start, i));
    kept = i;
  }
  let last = end;
  while (last > kept && line.charCodeAt(last - 1) === 32) last--;
  return kept === 0 && last === end ? line : key + line.slice(kept, last);
}

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
const weekdays = 'MonTueWedThuFriSatSun';
const isOneOf = (names: string, line: string, at: number): boolean => {
  const found = names.indexOf(line.slice(at, at + 3));
  return found >= 0 && found % 3 === 0;
};
const isDigitAt = (line: string, at: number): boolean => line.charCodeAt(at) >= 48 && line.charCodeAt(at) <= 57;

/** Whether a word is part of a date: the month or day of `Jun 17 07:07:00`. */
function isDateName(line: string, at: number): boolean {
  const first = line.charCodeAt(at);
  if (first < 65 || first > 87) return false;
  let next = at + 3;
  while (line.charCodeAt(next) === 32 || line.charCodeAt(next) === 44) next++;
  if (next === at + 3) return false;
  if (!isOneOf(months, line, at))
    return isOneOf(weekdays, line, at) && isOneOf(months, line, next) && isDateName(line, next);
  if (!isDigitAt(line, next)) return false;
  while (isDigitAt(line, next)) next++;
  const day = next;
  while (line.charCodeAt(next) === 32 || line.charCodeAt(next) === 44) next++;
  return next > day && isDigitAt(line, next);
}

/** Whether punctuation joins a word: `10.0.0.1:80`, `a-1`, but not `error:404`. */
function joins(line: string, at: number, c: number, end: number): boolean {
  if (at + 1 >= end) return false;
  const next = line.charCodeAt(at + 1);
  if (c === underscore) return isWord(next) || next === hyphen;
  if (!isWord(next)) return false;
  if (c === hyphen || c === dot) return true;
  if (c === colon || c === plus) {
    const before = line.charCodeAt(at - 1);
    return before >= 48 && before <= 57 && next >= 48 && next <= 57;
  }
  return c !== percent;
}

/** Replaces masks for display. */
export const showMasked = (masked: string): string => masked.replaceAll(mark, varies);
