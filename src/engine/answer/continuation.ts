/** Continues a truncated answer. */
import type { ModelCall } from '../model.ts';

/** UTF-16 units of the tail sent to the model. */
const tailLength = 400;
/** Overlap at the seam, UTF-16 units. */
const maxOverlap = 600;
const minOverlap = 6;
const minSentence = 12;

/** Drops an incomplete last word. */
export function wholeWords(answer: string): string {
  const text = answer.trimEnd();
  if (text !== answer || /[.!?…。！？)\]"”»`*]$/.test(text)) return answer;
  const last = /[^\s\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]{1,40}$/u.exec(text);
  return last && last.index > 0 ? text.slice(0, last.index) : text;
}

/** @param answer as returned by `wholeWords` */
export function continuationOf(call: ModelCall, answer: string): ModelCall {
  const tail = answer.trimEnd().slice(-tailLength);
  return {
    ...call,
    user: `${call.user}\nYour answer so far ends with:\n${tail}\nGo on exactly there; repeat nothing.`,
    reusable: false,
  };
}

/** Undefined if `rest` restarts, repeats or is empty. */
export function joined(answer: string, rest: string): string | undefined {
  const piece = withoutOverlap(answer, rest);
  const sentences = sentencesOf(piece);
  if (!/[\p{L}\p{N}]/u.test(piece)) return undefined;
  const before = plain(answer);
  const known = sentences.filter((sentence) => before.includes(sentence)).length;
  if (sentences.length && (before.includes(sentences[0]!) || known * 2 > sentences.length)) return undefined;
  const start = plain(answer).slice(0, 40);
  if (start.length >= minSentence && plain(piece).startsWith(start)) return undefined;
  return answer + seam(answer, piece) + piece.trimStart();
}

function withoutOverlap(answer: string, rest: string): string {
  const piece = rest.trimStart();
  const end = answer.trimEnd();
  for (let length = Math.min(maxOverlap, piece.length, end.length); length >= minOverlap; length--)
    if (end.endsWith(piece.slice(0, length))) return piece.slice(length);
  return rest;
}

function seam(answer: string, piece: string): string {
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

function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|[。！？\n]/)
    .map(plain)
    .filter((sentence) => sentence.length >= minSentence);
}
