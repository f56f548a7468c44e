import type { ModelCall } from '../model.ts';

/** UTF-16 units. */
const tailLength = 400;
/** UTF-16 units. */
const maxOverlap = 600;
const minOverlap = 6;
const minSentence = 12;
/** Minimum length of a repeated sentence start, UTF-16 units; shorter ones repeat by chance. */
const minRepeatedStart = 40;
const answerSoFar = '(your answer so far)';

/** Drops an incomplete last word. */
export function cutToWords(answer: string): string {
  const text = answer.trimEnd();
  if (text !== answer || /[.!?…。！？)\]"”»`*]$/.test(text)) return answer;
  const last =
    /(?<![^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,40}$/u.exec(
      text,
    );
  return last && last.index > 0 ? text.slice(0, last.index) : text;
}

const nameLine = /^([ \t]*)\[(\d+)\]/gm;
const goOn = 'The data ends with your answer so far. Go on exactly there; repeat nothing.';

/**
 * Asks the model to continue an answer that was cut. The answer may quote instructions of the text, so it stays inside the
 * fence.
 * @param answer as returned by `cutToWords`
 */
export function createContinuation(call: ModelCall, answer: string): ModelCall {
  const end = call.stop ? call.user.lastIndexOf(call.stop) : -1;
  const tail = answer.trimEnd().slice(-tailLength).replace(nameLine, '$1\\[$2]');
  const user =
    end < 0
      ? `${call.user}\n${answerSoFar}\n${tail}\n${goOn}`
      : `${call.user.slice(0, end)}${answerSoFar}\n${tail}\n${call.user.slice(end)}\n${goOn}`;
  return { ...call, user, reusable: false };
}

/** Undefined if `rest` is empty, starts the answer anew, repeats it or holds lines of the prompt. */
export function joinAnswers(answer: string, rest: string): string | undefined {
  if (rest.includes(answerSoFar) || rest.includes(goOn)) return undefined;
  const piece = withoutOverlap(answer, rest);
  const sentences = splitSentences(piece);
  if (!/[\p{L}\p{N}]/u.test(piece)) return undefined;
  const before = plain(answer);
  const known = sentences.filter((sentence) => before.includes(sentence)).length;
  if (known * 2 > sentences.length) return undefined;
  const first = sentences[0] ?? '';
  if (first.length >= minRepeatedStart && before.includes(first)) return undefined;
  const start = plain(answer).slice(0, 40);
  if (start.length >= minSentence && plain(piece).startsWith(start)) return undefined;
  return answer + findSeam(answer, piece) + piece.trimStart();
}

function withoutOverlap(answer: string, rest: string): string {
  const piece = rest.trimStart();
  const end = answer.trimEnd();
  for (let length = Math.min(maxOverlap, piece.length, end.length); length >= minOverlap; length--)
    if (end.endsWith(piece.slice(0, length))) return piece.slice(length);
  return rest;
}

function findSeam(answer: string, piece: string): string {
  if (answer === '' || /\s$/.test(answer)) return '';
  const space = /^\s+/.exec(piece)?.[0];
  if (space) return space.includes('\n') ? space : ' ';
  if (/^(?:[-*+•]|\d{1,3}[.)]|#{1,6}) /.test(piece)) return '\n';
  const wide = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}。！？]$/u.test(answer);
  return wide || /^[.,;:!?)\]]/.test(piece) ? '' : ' ';
}

const plain = (text: string): string =>
  text
    .toLowerCase()
    .replace(/\[\d+\]/g, ' ')
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

function splitSentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|[。！？\n]/)
    .map(plain)
    .filter((sentence) => sentence.length >= minSentence);
}
