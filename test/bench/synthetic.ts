/**
 * Synthetic documents and the model that reads them. A chunk's text is a mark that stands for its tokens, so that two million of them cost
 * nothing to render, hash or count; instructions and notes are real text at four bytes a token.
 */
import type { PreparedPart } from '../../src/engine/source.ts';
import { sectionsOf, wordsAllowed } from '../support/provider/reader.ts';
import { countTokens } from '../support/provider/tokens.ts';
import { integer, seeded } from '../support/random.ts';
import type { Reader } from './virtual.ts';

/** Sizes as the splitter cuts prose: mean 1,650 tokens, standard deviation 0.3 of it. */
const chunkTokens = { min: 775, max: 2_525 };
const mark = /§\d+:(\d+)§/g;

/** Words of three letters, four bytes a token as the server counts, none like its neighbours: what repeats itself would be stopped as a loop. */
function filler(length: number, seed: number): string {
  const words = Array.from({ length: Math.ceil(length / 4) }, (_, at) => {
    const n = (seed * 7919 + at * 2971 + at * at * 31) % 17_576;
    return String.fromCharCode(97 + (n % 26), 97 + (Math.floor(n / 26) % 26), 97 + Math.floor(n / 676));
  });
  return `${words.join(' ')} `.slice(0, length);
}

/** Lines of about 100 tokens, which chunks may be cut at. */
function linesOf(tokens: number, seed: number): string {
  const count = Math.max(1, Math.round(tokens / 100));
  return Array.from({ length: count }, (_, at) => {
    const share = Math.floor((tokens * (at + 1)) / count) - Math.floor((tokens * at) / count);
    return `§${seed * 100 + at}:${share}§\n`;
  }).join('');
}

/** A document of exactly so many tokens. */
export function syntheticDocument(tokens: number, seed: number): PreparedPart {
  const random = seeded(seed);
  const chunks: PreparedPart['chunks'][number][] = [];
  for (let left = tokens; left > 0;) {
    const drawn = integer(random, chunkTokens.min, chunkTokens.max);
    const size = left < drawn + 300 ? left : drawn;
    const line = chunks.length + 1;
    const text = linesOf(size, line);
    chunks.push({ text, startLine: line, endLine: line, tokens: size, context: '', priority: random() });
    left -= size;
  }
  return {
    kind: 'prose',
    chunks,
    lines: chunks.length,
    foldedLines: 0,
    masked: 0,
    invisible: 0,
    length: tokens * 4,
    facts: '',
  };
}

/** Writes 95 % of the words it is allowed, evenly over the parts of its prompt. */
export const syntheticReader: Reader = {
  count(text) {
    let tokens = countTokens(text);
    for (const found of text.matchAll(mark)) tokens += Number(found[1]) - Math.ceil(found[0].length / 4);
    return Math.max(0, tokens);
  },
  answer(system, user) {
    const { sections, ask } = sectionsOf(user);
    const words = Math.max(12, wordsAllowed(`${system}\n${ask}`) * 0.95);
    const speaking = Math.max(1, Math.min(sections.length, Math.floor(words / 12)));
    const lines: string[] = [];
    for (let line = 0; line < speaking; line++) {
      const section = sections[Math.floor((line * sections.length) / speaking)];
      // 1.4 tokens a word at four bytes a token.
      const bytes = Math.floor((words / speaking) * 5.6);
      lines.push(`- ${filler(Math.max(1, bytes - 8), line)} [${section?.n ?? 1}]`);
    }
    return lines.join('\n');
  },
};
