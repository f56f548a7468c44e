/** The bench's model: writes as many words as it is allowed, evenly over all that it was given, each point with its mark. */
import { sectionsOf, wordsAllowed } from '../support/provider/reader.ts';

const pointWords = 24;
/** Nobody writes a point in fewer. */
const leastWords = 12;

export function benchAnswer(system: string, user: string): string {
  const { sections, ask } = sectionsOf(user);
  const allowed = Math.min(wordsAllowed(`${system}\n${ask}`), 2_000);
  const each = Math.max(leastWords, Math.floor((allowed * 0.95) / Math.max(1, sections.length)));
  const most = Math.max(1, Math.floor((allowed * 0.95) / each));
  // Where there is not a word for each, evenly chosen ones speak.
  const step = Math.max(1, sections.length / most);
  const speaking = sections.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step) || step <= 1);
  return speaking.map(({ n, text }) => points(n, text, each)).join('\n');
}

function points(n: number, text: string, words: number): string {
  const body = text.replace(/^\(.*\)$/m, '').replace(/\[\d+\]|[#*`>-]/g, ' ');
  const found = body.match(/\S+/g)?.slice(0, words) ?? [];
  const lines: string[] = [];
  for (let at = 0; at < found.length; at += pointWords)
    lines.push(`- ${found.slice(at, at + pointWords).join(' ')} [${n}]`);
  return lines.join('\n');
}
