/** The simulated provider of the comparison: its model keeps planted facts and fills the rest of its answer with the text. */
import { readerAnswer, wordsAllowed } from '../support/provider/index.ts';
import { benchAnswer } from './answer.ts';
import { serveThread } from './serveThread.ts';

/** Words of an answer where the prompt names no limit: at most, and of those read. */
const usualWords = { max: 250, share: 1 / 3 };
const limit = /at most \d[\d,]* words/gi;

function answer(system: string, user: string): string {
  const asked = wordsAllowed(`${system}\n${user}`);
  const read = user.split(/\s+/).length;
  const words = asked === Infinity ? Math.min(usualWords.max, usualWords.share * read) : asked;
  const facts = readerAnswer(system, user, { filler: 'nothing' });
  const kept = facts.includes('FACT-') ? `${facts}\n` : '';
  const room = Math.max(12, Math.floor(words - kept.split(/\s+/).length));
  return kept + benchAnswer(`${system.replace(limit, '')}\n- at most ${room} words`, user.replace(limit, ''));
}

await serveThread(answer);
