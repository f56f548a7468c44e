import type { Lexis } from './languages.ts';

/** Effect of a line on the nesting. */
export interface LineShape {
  /** Whether it begins within a string or comment of an earlier line. */
  readonly continues: boolean;
  readonly comment: boolean;
  /** Brackets outside strings and comments, without pairs that close at once. */
  readonly brackets: string;
  /** '' if there is none. */
  readonly last: string;
  /** '' if there is none. */
  readonly first: string;
}

/** A definition is unlikely within a string or comment: an earlier quote was misread. */
const definition =
  /^(?:\s*(?:async\s+)?def\s+\w+\s*\(.*[:,(]|\s*class\s+\w+\s*(?:\(.*\))?:|(?:export|public|func|function|fn|pub|impl|static|package|namespace|#include)\s\S.*[{;(])\s*$/;

interface Beginning {
  readonly line: readonly string[];
  readonly block: Lexis['block'];
  readonly long: Lexis['long'];
  readonly quote: boolean;
  readonly bracket: boolean;
}

/** By code of the first character. */
function listBeginnings(lexis: Lexis): readonly (Beginning | undefined)[] {
  const words = [
    ...lexis.line,
    ...lexis.block.map(([open]) => open),
    ...lexis.long.map(([open]) => open),
    ...lexis.quotes,
  ];
  if (lexis.characters) words.push("'");
  if (lexis.regex) words.push('/');
  return Array.from({ length: 128 }, (_, code) => {
    const first = String.fromCharCode(code);
    if (!words.some((word) => word.startsWith(first))) return undefined;
    return {
      line: lexis.line.filter((open) => open.startsWith(first)),
      block: lexis.block.filter(([open]) => open.startsWith(first)),
      long: lexis.long.filter(([open]) => open.startsWith(first)),
      quote: lexis.quotes.includes(first),
      bracket: '{}[]()'.includes(first),
    };
  });
}

/** Creates a lexer that remembers what each line leaves open. */
export function createLexer(lexis: Lexis): (text: string, start: number, end: number) => LineShape {
  const interesting = new Uint8Array(128);
  for (const bracket of '{}[]()') interesting[bracket.charCodeAt(0)] = isBracket;
  const beginnings = listBeginnings(lexis);
  beginnings.forEach((beginning, code) => {
    if (beginning) interesting[code] = startsWord;
  });
  const brackets: number[] = [];
  let closing = '';
  let opening = '';
  let nested = 0;
  let raw = false;
  let closingCode = 0;

  /** Returns the position after the end of the open string or comment, or the line's end. */
  const skipOpen = (text: string, from: number, end: number): number => {
    for (let at = from; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === 92 && !raw) at++;
      else if (code === closingCode && text.startsWith(closing, at)) {
        at += closing.length;
        if (nested > 0) {
          nested--;
          at--;
        } else {
          closing = '';
          return Math.min(at, end);
        }
      } else if (opening && text.startsWith(opening, at)) nested++;
    }
    return end;
  };
  const openLong = (
    words: readonly (readonly [string, string])[],
    text: string,
    at: number,
    comment: boolean,
  ): number => {
    for (const [open, close] of words) {
      if (!text.startsWith(open, at)) continue;
      closing = close;
      closingCode = close.charCodeAt(0);
      nested = 0;
      opening = comment && lexis.nests ? open : '';
      raw = comment || /^(?:#|R"|@|\[)/.test(open);
      return open.length;
    }
    return 0;
  };

  return (text, start, end) => {
    if (closing !== '' && definition.test(text.slice(start, Math.min(end, start + 200)))) closing = '';
    const continues = closing !== '';
    let at = continues ? skipOpen(text, start, end) : start;
    let depth = 0;
    let first = '';
    let codeEnd = start;
    let comment = false;
    while (at < end) {
      const from = at;
      let code = 0;
      let role = 0;
      for (; at < end; at++) {
        code = text.charCodeAt(at);
        if (code < 128 && (role = interesting[code]!) !== 0) break;
      }
      const gap = findLastVisible(text, from, at);
      if (gap >= from) {
        if (first === '') first = text[findFirstVisible(text, from)]!;
        codeEnd = gap + 1;
      }
      if (at >= end) break;
      const here = at;
      if (role === isBracket) {
        // Most brackets close at once and do not affect nesting.
        if (depth > 0 && closesAtOnce(brackets[depth - 1]!, code)) depth--;
        else brackets[depth++] = code;
        at++;
      } else {
        const begins = beginnings[code]!;
        const inComment = begins.block.length > 0 ? openLong(begins.block, text, at, true) : 0;
        if (inComment || startsAny(begins.line, text, at)) {
          comment ||= first === '';
          if (!inComment) break;
          at = skipOpen(text, at + inComment, end);
          continue;
        }
        const inString = begins.long.length > 0 ? openLong(begins.long, text, at, false) : 0;
        if (inString) at = skipOpen(text, at + inString, end);
        else if (code === apostrophe && lexis.characters) at = skipCharacter(text, at, end);
        else if (begins.quote) at = skipString(text, at, end, code);
        else if (code === slash && lexis.regex && startsRegex(text, start, at, text[codeEnd - 1] ?? '', first))
          at = skipRegex(text, at, end);
        else {
          if (begins.bracket) brackets[depth++] = code;
          at++;
        }
      }
      if (first === '') first = text[here]!;
      codeEnd = at;
    }
    const last = first === '' ? '' : text[codeEnd - 1]!;
    return { continues, comment: comment && first === '', brackets: toText(brackets, depth), last, first };
  };
}

const apostrophe = 39;
const slash = 47;

const closesAtOnce = (open: number, close: number): boolean =>
  (open === 40 && close === 41) || (open === 91 && close === 93);

function toText(codes: readonly number[], length: number): string {
  let text = '';
  for (let at = 0; at < length; at++) text += String.fromCharCode(codes[at]!);
  return text;
}

function findFirstVisible(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) <= 32) at++;
  return at;
}
function findLastVisible(text: string, from: number, to: number): number {
  let at = to - 1;
  while (at >= from && text.charCodeAt(at) <= 32) at--;
  return at;
}
function startsAny(words: readonly string[], text: string, at: number): boolean {
  for (const word of words) if (text.startsWith(word, at)) return true;
  return false;
}

const isBracket = 1;
const startsWord = 2;

function skipString(text: string, from: number, end: number, quote: number): number {
  for (let at = from + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === quote) return at + 1;
  }
  return end;
}

/**
 * `'x'` and `'
 * '`; a lone quote is a lifetime or the like.
 */
function skipCharacter(text: string, from: number, end: number): number {
  if (text.charCodeAt(from + 1) === 92) {
    const close = text.indexOf("'", from + 3);
    return close > 0 && close < Math.min(end, from + 14) ? close + 1 : from + 1;
  }
  if (text.charCodeAt(from + 2) === 39) return from + 3;
  return text.charCodeAt(from + 3) === 39 && text.charCodeAt(from + 1) >= 0xd800 ? from + 4 : from + 1;
}

function startsRegex(text: string, start: number, at: number, last: string, first: string): boolean {
  if (first === '' || '(,=:[!&|?{};+-*%~^<>'.includes(last)) return true;
  return /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|delete|yield|await)\s*$/.test(
    text.slice(Math.max(start, at - 14), at),
  );
}

function skipRegex(text: string, from: number, end: number): number {
  let inClass = false;
  for (let at = from + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 92) at++;
    else if (code === 91) inClass = true;
    else if (code === 93) inClass = false;
    else if (code === 47 && !inClass) return at + 1;
  }
  return from + 1;
}
