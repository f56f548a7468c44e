/** Severity: 0 unknown, 1 debug, 2 info, 3 notice, 4 warning, 5 error, 6 fatal. */

export const levelNames = ['no level', 'debug', 'info', 'notice', 'warning', 'error', 'fatal'] as const;

const ranks = new Map<string, number>();
const words: readonly (readonly [rank: number, words: string])[] = [
  [6, 'fatal critical crit panic emerg emergency alert'],
  [5, 'error err failure severe e eror'],
  [4, 'warn warning wrn'],
  [3, 'notice'],
  [2, 'info information inf informational audit success'],
  [1, 'debug dbg trace trc verbose vrb fine finer finest config silly'],
];
for (const [rank, list] of words) for (const word of list.split(' ')) if (word.length > 1) ranks.set(word, rank);

/** Rank of a level's name in any case; 0 if unknown. */
export const rankOfWord = (word: string): number => (word.length > 13 ? 0 : (ranks.get(word.toLowerCase()) ?? 0));

/** Rank of a level's letter in logcat, glog and klog; 0 if unknown. */
export function toRank(code: number): number {
  switch (code) {
    case 86: // V
    case 68: // D
      return 1;
    case 73: // I
      return 2;
    case 87: // W
      return 4;
    case 69: // E
      return 5;
    case 70: // F
    case 65: // A
      return 6;
    default:
      return 0;
  }
}

/** Rank of a syslog severity, 0 (emergency) to 7 (debug). */
export const rankOfSeverity = (severity: number): number => [6, 6, 6, 5, 4, 3, 2, 1][severity] ?? 0;

/** Rank of a level's number in pino and bunyan (10 to 60), GELF and journald (syslog). */
export function rankOfNumber(value: number): number {
  if (value >= 10) return value < 30 ? 1 : value < 40 ? 2 : value < 50 ? 4 : value < 60 ? 5 : 6;
  return Number.isInteger(value) ? rankOfSeverity(value) : 0;
}

const leading =
  /^[\s[(<*"]{0,4}(?:(FATAL|CRITICAL|PANIC|EMERG)|(ERROR|ERR|SEVERE)|(WARN|WARNING)|(NOTICE)|(INFO)|(DEBUG|TRACE|VERBOSE))\b(?!\s+(?:exited|level))|^[\s[(<]{0,3}(?:(fatal|critical|panic)|(error)|(warn|warning)|(notice)|(info)|(debug|trace))(?:[\]>)]|\s*:\s)/i;
const keyed = /\b(?:level|lvl|severity)"?[=:] ?"?([A-Za-z]{3,13})\b/;
const inside = /(?:\s|^)[[<|(]?(FATAL|CRITICAL|ERROR|WARN|WARNING|NOTICE|INFO|DEBUG|TRACE)[\]>|):]?(?=\s|$)/;

/** Finds the level that a message states: its first word or `level=…`. */
export function findLevel(message: string): number {
  const head = message.slice(0, 160);
  const found = leading.exec(head);
  if (found && (found[0] === found[0].toUpperCase() || /[:\]>)]\s*$|[[(<]/.test(found[0])))
    for (let i = 1; i <= 12; i++) if (found[i] !== undefined) return 7 - (i > 6 ? i - 6 : i);
  const key = keyed.exec(head);
  if (key) return rankOfWord(key[1] as string);
  const word = inside.exec(head.slice(0, 100));
  return word ? rankOfWord(word[1] as string) : 0;
}

const alarm =
  /exception|\berror|fail(?:ed|ure|s|ing)?\b|\bfatal|\bpanic|denied|time[d -]*out|refused|corrupt|abort|segfault|out of memory|uncaught|unreachable|\bcrash|traceback|\binvalid\b|\bcritical|\bsevere/i;

/** Whether a text contains a word of failure. */
export const mentionsFailure = (text: string): boolean =>
  alarm.test(text) || (text.includes('err') && errorCode.test(text));
/** An error number that is not zero: `err=-12785`. */
const errorCode = /\berr(?:no)?=-?[1-9]/;
