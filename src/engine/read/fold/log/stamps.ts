/** Reads timestamps; values out of range are none. */
import { countDays, toMs } from './calendar.ts';

/** One reader is reused, to avoid an object for each line. */
export class StampReader {
  end = 0;
  /** Unix ms, in UTC if no zone is given; ms since midnight without a date. */
  ms = 0;
  hasYear = false;
  hasDate = false;
  hasTime = false;
  isEpoch = false;

  /** Reads a stamp that ends with its word. Epochs count only with `epoch`. */
  read(text: string, at: number, epoch: boolean): boolean {
    this.hasYear = this.hasDate = this.hasTime = this.isEpoch = false;
    const code = text.charCodeAt(at);
    const found = isDigit(code) ? this.#readNumeric(text, at, epoch) : isLetter(code) && this.#readNamed(text, at);
    return found && endsWord(text.charCodeAt(this.end));
  }

  #readNumeric(text: string, at: number, epoch: boolean): boolean {
    const digits = scanDigits(text, at);
    const value = number;
    const next = text.charCodeAt(at + digits);
    if (digits === 4 && isDateSeparator(next)) return this.#readYearFirst(text, at);
    if (digits <= 2 && next === colon) return this.#readTime(text, at, 0);
    if (digits <= 2 && (isDateSeparator(next) || next === space)) return this.#readDayFirst(text, at, digits, value);
    if (digits === 8) return this.#readCompact(text, at, value, 8);
    if (digits === 6 && isDigit(text.charCodeAt(at + 7)) && next === space) return this.#readShort(text, at, value);
    return epoch && this.#readEpoch(text, at, digits, value);
  }

  /** `2025-03-10`, `2005.06.03`, each with or without a time. */
  #readYearFirst(text: string, at: number): boolean {
    const year = Number(text.slice(at, at + 4));
    const separator = text.charCodeAt(at + 4);
    const months = scanDigits(text, at + 5);
    const month = number;
    const dayAt = at + 5 + months + 1;
    if (months < 1 || months > 2 || text.charCodeAt(dayAt - 1) !== separator) return false;
    const days = scanDigits(text, dayAt);
    if (days < 1 || days > 2) return false;
    return this.#setDate(year, month, number, true) && this.#timeAfterDate(text, dayAt + days);
  }

  /** `17/06/09 20:10:40`, `10/Oct/2025:13:55:36`, `31.12.2025 10:00:00`, `12/31/2025 10:00:00 AM`, `9 Nov 2025`. */
  #readDayFirst(text: string, at: number, digits: number, first: number): boolean {
    const separator = text.charCodeAt(at + digits);
    let next = at + digits + 1;
    const name = parseMonth(text, next);
    if (name > 0) {
      next += 3;
      if (text.charCodeAt(next) !== separator) return false;
      const years = scanDigits(text, next + 1);
      if (years !== 4 && years !== 2) return false;
      return this.#setDate(toFullYear(number, years), name, first, true) && this.#timeAfterDate(text, next + 1 + years);
    }
    if (separator === space) return false;
    const second = scanDigits(text, next);
    if (second < 1 || second > 2) return false;
    const middle = number;
    next += second;
    if (text.charCodeAt(next) !== separator) {
      // otherwise it is a fraction or a version
      return (
        this.#setDate(2000, first, middle, false) &&
        text.charCodeAt(next) === space &&
        this.#readTime(text, next + 1, this.ms)
      );
    }
    const years = scanDigits(text, next + 1);
    const last = number;
    next += 1 + years;
    if (years === 4)
      return this.#setDayAndMonth(last, first, middle, separator) && this.#timeAfterDate(text, next) && this.hasTime;
    if (years !== 2 || digits !== 2) return false;
    const isSet =
      first > 12 && last <= 31 && first < 70 && middle <= 12
        ? this.#setDate(toFullYear(first, 2), middle, last, true)
        : this.#setDayAndMonth(toFullYear(last, 2), first, middle, separator);
    return isSet && this.#timeAfterDate(text, next) && this.hasTime;
  }

  /** Slashes mean the US order, unless that is impossible. */
  #setDayAndMonth(year: number, first: number, second: number, separator: number): boolean {
    const monthFirst = first <= 12 && (separator === slash || second > 12);
    return monthFirst ? this.#setDate(year, first, second, true) : this.#setDate(year, second, first, true);
  }

  /** `20171223-22:15:29:606`, `20250310T101500Z`. */
  #readCompact(text: string, at: number, value: number, digits: number): boolean {
    const year = Math.floor(value / 10_000);
    if (!this.#setDate(year, Math.floor(value / 100) % 100, value % 100, true)) return false;
    const next = at + digits;
    const joint = text.charCodeAt(next);
    if (joint !== hyphen && joint !== space && joint !== letterT && joint !== underscore) return false;
    if (scanDigits(text, next + 1) === 6) return this.#setCompactTime(text, next + 1, number);
    return this.#readTime(text, next + 1, this.ms);
  }

  /** `081109 203615`: year, month, day; hour, minute, second. */
  #readShort(text: string, at: number, value: number): boolean {
    if (scanDigits(text, at + 7) !== 6) return false;
    const time = number;
    const year = toFullYear(Math.floor(value / 10_000), 2);
    return (
      this.#setDate(year, Math.floor(value / 100) % 100, value % 100, true) && this.#setCompactTime(text, at + 7, time)
    );
  }

  #setCompactTime(text: string, at: number, value: number): boolean {
    const hour = Math.floor(value / 10_000);
    const minute = Math.floor(value / 100) % 100;
    if (hour > 23 || minute > 59 || value % 100 > 60) return false;
    this.ms += ((hour * 60 + minute) * 60 + (value % 100)) * 1000;
    this.hasTime = true;
    this.#readFraction(text, at + 6);
    return true;
  }

  /** Reads s, ms, µs or ns since 1970, from 2001 to 2039. */
  #readEpoch(text: string, at: number, digits: number, value: number): boolean {
    const scale = digits === 10 ? 1000 : digits === 13 ? 1 : digits === 16 ? 1e-3 : digits === 19 ? 1e-6 : 0;
    this.ms = value * scale;
    if (scale === 0 || this.ms < 978_307_200_000 || this.ms > 2_208_988_800_000) return false;
    this.end = at + digits;
    if (text.charCodeAt(this.end) === dot) this.#readFraction(text, this.end);
    this.hasYear = this.hasDate = this.hasTime = this.isEpoch = true;
    return true;
  }

  /** `Sun Dec 04 04:47:44 2005`, `Jun 14 15:16:01`, `Sun, 06 Nov 1994 08:49:37 GMT`. */
  #readNamed(text: string, at: number): boolean {
    let next = at;
    if (isWeekday(text, next)) {
      next += 3;
      if (text.charCodeAt(next) === comma) next++;
      if (text.charCodeAt(next++) !== space) return false;
    }
    const month = parseMonth(text, next);
    if (month === 0) {
      const digits = next > at ? scanDigits(text, next) : 0;
      return digits > 0 && digits < 3 && this.#readDayFirst(text, next, digits, number);
    }
    next += 3;
    if (text.charCodeAt(next++) !== space) return false;
    if (text.charCodeAt(next) === space) next++;
    const days = scanDigits(text, next);
    if (days < 1 || days > 2 || !this.#setDate(2000, month, number, false)) return false;
    const day = number;
    next += days;
    if (text.charCodeAt(next) === comma) next++;
    if (text.charCodeAt(next++) !== space) return false;
    if (scanDigits(text, next) === 4 && text.charCodeAt(next + 4) === space)
      return this.#setDate(number, month, day, true) && this.#readTime(text, next + 5, this.ms);
    if (!this.#readTime(text, next, this.ms)) return false;
    if (
      text.charCodeAt(this.end) === space &&
      scanDigits(text, this.end + 1) === 4 &&
      number > 1969 &&
      number < 2100 &&
      endsWord(text.charCodeAt(this.end + 5))
    ) {
      const time = this.ms - toMs(2000, month, day);
      this.#setDate(number, month, day, true);
      this.ms += time;
      this.end += 5;
    }
    return true;
  }

  #setDate(year: number, month: number, day: number, hasYear: boolean): boolean {
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 || day > countDays(month)) return false;
    this.ms = toMs(year, month, day);
    this.hasDate = true;
    this.hasYear = hasYear;
    return true;
  }

  #timeAfterDate(text: string, at: number): boolean {
    this.end = at;
    const joint = text.charCodeAt(at);
    const joins = joint === space || joint === letterT || joint === underscore || joint === hyphen || joint === colon;
    if (joins && isDigit(text.charCodeAt(at + 1))) {
      const date = this.ms;
      if (this.#readTime(text, at + 1, date, true)) return true;
      this.ms = date;
      this.end = at;
    }
    return true;
  }

  /** Seconds are optional after a date. */
  #readTime(text: string, at: number, date: number, mayLackSeconds = false): boolean {
    const hours = scanDigits(text, at);
    let hour = number;
    const separator = text.charCodeAt(at + hours);
    if (hours < 1 || hours > 2 || hour > 23 || (separator !== colon && separator !== dot)) return false;
    let next = at + hours + 1;
    const minutes = scanDigits(text, next);
    const minute = number;
    if (minutes < 1 || minutes > 2 || minute > 59) return false;
    next += minutes;
    let second = 0;
    let hasSeconds = false;
    if (text.charCodeAt(next) === separator) {
      const seconds = scanDigits(text, next + 1);
      if (seconds < 1 || seconds > 2 || number > 60) return false;
      second = number;
      next += 1 + seconds;
      hasSeconds = true;
    }
    if (!hasSeconds && (!mayLackSeconds || separator === dot)) return false;
    const half =
      text.charCodeAt(next) === space && (text.charCodeAt(next + 2) | 32) === 109 ? text.charCodeAt(next + 1) | 32 : 0;
    if (half === 112 && hour < 12) hour += 12;
    else if (half === 97 && hour === 12) hour = 0;
    this.ms = date + ((hour * 60 + minute) * 60 + second) * 1000;
    this.hasTime = true;
    this.end = next;
    if (half === 112 || half === 97) this.end = next + 3;
    else this.#readFraction(text, next);
    this.#readZone(text);
    return true;
  }

  /** A fraction of a second after `.` or `,`; after `:` a number of milliseconds. */
  #readFraction(text: string, at: number): void {
    this.end = at;
    const joint = text.charCodeAt(at);
    if (joint !== dot && joint !== comma && joint !== colon) return;
    const digits = scanDigits(text, at + 1);
    if (digits < 1 || digits > 9 || (joint === colon && digits > 3)) return;
    this.ms += joint === colon ? number : (number / 10 ** digits) * 1000;
    this.end = at + 1 + digits;
  }

  /** Reads `Z`, `UTC`, `+01:00` or ` +0000` and converts the time to UTC. */
  #readZone(text: string): void {
    let at = this.end;
    const code = text.charCodeAt(at);
    if (code === 90) {
      this.end++;
      return;
    }
    if (code === space) at++;
    if (text.startsWith('UTC', at) || text.startsWith('GMT', at)) {
      this.end = at + 3;
      return;
    }
    const sign = text.charCodeAt(at);
    if (sign !== plus && sign !== hyphen) return;
    const digits = scanDigits(text, at + 1);
    if (digits === 4 && endsWord(text.charCodeAt(at + 5)))
      this.#shift(sign, Math.floor(number / 100), number % 100, at + 5);
    else if (digits === 2 && text.charCodeAt(at + 3) === colon) {
      const hours = number;
      if (scanDigits(text, at + 4) === 2) this.#shift(sign, hours, number, at + 6);
    }
  }

  #shift(sign: number, hours: number, minutes: number, end: number): void {
    if (hours > 14 || minutes > 59) return;
    this.ms -= (sign === plus ? 1 : -1) * (hours * 60 + minutes) * 60_000;
    this.end = end;
  }
}

const space = 32;
const plus = 43;
const comma = 44;
const hyphen = 45;
const dot = 46;
const slash = 47;
const colon = 58;
const letterT = 84;
const underscore = 95;

let number = 0;
function scanDigits(text: string, at: number): number {
  let count = 0;
  number = 0;
  for (; count < 20; count++) {
    const digit = text.charCodeAt(at + count) - 48;
    if (!(digit >= 0 && digit <= 9)) break;
    number = number * 10 + digit;
  }
  return count;
}

const isDigit = (code: number): boolean => code >= 48 && code <= 57;
const isLetter = (code: number): boolean => (code | 32) >= 97 && (code | 32) <= 122;
const isDateSeparator = (code: number): boolean => code === hyphen || code === slash || code === dot;
const endsWord = (code: number): boolean =>
  Number.isNaN(code) ||
  code <= space ||
  code === comma ||
  code === colon ||
  code === 59 ||
  code === 93 ||
  code === 124 ||
  code === 41 ||
  code === 34 ||
  code === 62;

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec';
/** Month from 1 by its three letters; 0 if none. */
function parseMonth(text: string, at: number): number {
  const first = text.charCodeAt(at);
  if (first < 65 || first > 83) return 0;
  const found = months.indexOf(text.slice(at, at + 3));
  return found >= 0 && found % 3 === 0 ? found / 3 + 1 : 0;
}
function isWeekday(text: string, at: number): boolean {
  const found = 'MonTueWedThuFriSatSun'.indexOf(text.slice(at, at + 3));
  return found >= 0 && found % 3 === 0 && (text.charCodeAt(at + 3) === space || text.charCodeAt(at + 3) === comma);
}
const toFullYear = (year: number, digits: number): number => (digits === 2 ? year + (year < 70 ? 2000 : 1900) : year);
