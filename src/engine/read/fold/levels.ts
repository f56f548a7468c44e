/** How serious a record says it is. */

const levelWords =
  /\b(?:(FATAL|CRITICAL|SEVERE|PANIC|EMERG|ALERT)|(ERROR|ERR|FAILURE)|(WARN|WARNING)|(NOTICE)|(INFO|INFORMATION)|(DEBUG|TRACE|VERBOSE|FINE))\b/;
const lowLevelWords =
  /(?:\[|<|\blevel["']?[=:] ?["']?|^[A-Za-z]{0,3}\S{0,20} ?)\b(?:(fatal|critical|crit|panic|emerg|alert)|(error|err)|(warn|warning)|(notice)|(info)|(debug|trace|verbose))\b/i;
const levelRanks = [6, 5, 4, 3, 2, 1];
const alarm =
  /exception|\berror|fail(?:ed|ure|s|ing)?\b|\bfatal|\bpanic|denied|time[d -]*out|refused|corrupt|abort|segfault|out of memory|unreachable|\bcrash|traceback|\binvalid\b|\bcritical|\bsevere/i;

/** Level of a record, from its first words. */
export function levelOf(masked: string): number {
  const head = masked.slice(0, 160);
  const found = levelWords.exec(head) ?? lowLevelWords.exec(head);
  if (!found) return 0;
  for (let i = 0; i < levelRanks.length; i++) if (found[i + 1]) return levelRanks[i] as number;
  return 0;
}
export const speaksOfFailure = (text: string): boolean => alarm.test(text);
