import { isCodeLanguage, getLexis } from '../code/languages.ts';
import { createLexer, type LineShape } from '../code/lexer.ts';
import {
  measureIndent,
  isBlank,
  rank,
  shorten,
  type Findings,
  type Hints,
  type LineReader,
  type Splitter,
} from './splitter.ts';

/** Blocks that contain definitions, such as namespaces. */
const container =
  /\b(?:class|interface|namespace|module|impl|trait|object|extension|protocol|mod|contract|library|service|package|defmodule|describe|suite|extern\s+"C")\b|^\s*(?:[;!(]+\s*)?\(?(?:async\s+)?(?:function\s*\(|\(\)\s*=>)/;
/** Attributes and decorators that precede a definition and belong to it. */
const attribute = /^(?:@|#\[|\[[A-Z]\w*[\](]|template\s*<)/;
const goesOn = /^(?:else|elif|elsif|except|finally|catch|rescue|ensure|then|do|and|or|where|end|fi|done|esac)\b/;
const closesByWord = /^(?:end|fi|done|esac)\b/;

interface Level {
  readonly indent: number;
  readonly holds: boolean;
  readonly bracket: string;
  /** Whether its body was seen to be indented. */
  indented?: boolean;
}
interface Statement {
  readonly line: number;
  readonly indent: number;
  readonly begin: string;
}

/** Cuts at outer definitions with their comments first; also splits markup and settings by indentation. */
export const code: Splitter = {
  id: 'code',
  accepts: ({ kind, languageId }) => kind === 'code' || (kind === 'config' && isCodeLanguage(languageId ?? '')),
  open: (hints, findings) => readCode(hints, findings),
};

function readCode(hints: Hints, findings: Findings): LineReader {
  const lexis = getLexis(hints.languageId, hints.title);
  const shape = createLexer(lexis);
  const symbols = hints.symbols?.length ? new Map(hints.symbols.map((symbol) => [symbol.line, symbol])) : undefined;
  const levels: Level[] = [];
  let blank = true;
  let closed = true;
  let previous: Statement = { line: 0, indent: 0, begin: '' };
  let last = '';
  /** −1 without. */
  let lead = -1;
  let leadAfterBlank = true;
  let named = false;
  let symbolEnd = -1;

  /** Number of open blocks that contain definitions, and of other open blocks. */
  let holding = 0;
  let inner = 0;
  const recount = () => {
    holding = 0;
    for (const level of levels) if (level.holds) holding++;
    inner = levels.length - holding;
  };
  const strength = (line: number, after: boolean): number => {
    const symbol = symbols?.get(line);
    if (symbol && (symbol.depth === 0 || inner === 0)) return rankOfDepth(Math.max(symbol.depth, holding));
    if (inner > 0) return after ? (inner === 1 ? rank.sentence : rank.line) : inner <= 2 ? rank.line : rank.never;
    if (line <= symbolEnd && holding === 0) return rank.sentence;
    return after ? rankOfDepth(holding) : rank.blank;
  };
  /** a statement is a definition if it has a block */
  const define = (statement: Statement, start: number) => {
    recount();
    if (inner > 0) return;
    named = true;
    const name = symbols?.get(statement.line)?.name;
    findings.mark(start, holding, name ?? shorten(statement.begin.replace(/(?<!\s)\s*(?:[{:(]\s*)?$/, '')));
  };
  const leave = (indent: number, first: string) => {
    const within = levels[levels.length - 1];
    if (within?.bracket && within.indented === undefined) within.indented = indent > within.indent;
    const before = levels.length;
    while (levels.length > 0 && isLeft(levels[levels.length - 1]!, indent, first)) levels.pop();
    if (levels.length < before) recount();
  };
  const applyBrackets = (brackets: string, indent: number, statement: Statement) => {
    if (brackets === '') return;
    for (let at = 0; at < brackets.length; at++) {
      const bracket = brackets[at]!;
      if (bracket === '}' || bracket === ']' || bracket === ')') close(levels, bracket);
      else {
        const holds = bracket === '{' && lexis.braces && container.test(statement.begin);
        if (bracket === '{' && lexis.braces) define(statement, statement.line);
        levels.push({ indent: Math.min(indent, statement.indent), holds, bracket });
      }
    }
    recount();
  };

  return (text, start, end, line) => {
    if (isBlank(text, start, end)) {
      findings.setRank(line, rank.never);
      shape(text, start, end);
      blank = true;
      return;
    }
    const about = shape(text, start, end);
    const indent = measureIndent(text, start, end);
    const begin = readBegin(text, start, end);
    if (about.continues) {
      findings.setRank(line, rank.never);
      applyBrackets(about.brackets, indent, previous);
      // the end of a comment keeps the comments before it
      if (about.last) last = about.last;
      blank = false;
      return;
    }
    if (lead >= 0 && blank) lead = -1;
    const label = lexis.braces && about.last === ':' && /^[A-Za-z_]\w*:$/.test(begin);
    if (!about.comment && !label) leave(indent, about.first);
    const around = levels[levels.length - 1]?.bracket;
    const inParens = around === '(' || around === '[';
    if (!lexis.braces && indent > previous.indent && !about.comment && !inParens && previous.begin) {
      define(previous, previous.line);
      levels.push({ indent: previous.indent, holds: container.test(previous.begin), bracket: '' });
      recount();
    }
    const role = findRole(about.first);
    if (about.comment || ((role & beginsAttribute) !== 0 && attribute.test(begin))) {
      findings.setRank(
        line,
        lead < 0 && !inParens ? Math.min(strength(line, blank || closed), rank.paragraph) : rank.never,
      );
      if (lead < 0) {
        lead = line;
        leadAfterBlank = blank || closed;
      }
      blank = false;
      if (!about.comment) applyBrackets(about.brackets, indent, { line: lead, indent, begin });
      return;
    }
    const joined = label || isJoined(about, begin, last, lexis.braces) || (inParens && symbols?.get(line)?.depth !== 0);
    const from = lead >= 0 ? lead : line;
    const before = blank || closed;
    if (joined) findings.setRank(line, inParens && blank ? rank.line : rank.never);
    else {
      findings.setRank(line, rank.never);
      findings.setRank(from, strength(line, lead >= 0 ? leadAfterBlank : before));
      if (named && inner === 0) findings.mark(from, holding, '');
      const symbol = symbols?.get(line);
      if (symbol) symbolEnd = Math.max(symbolEnd, symbol.endLine);
      previous = { line: from, indent, begin };
      if (symbol?.depth === 0) findings.mark(from, 0, shorten(symbol.name));
    }
    applyBrackets(about.brackets, indent, previous);
    closed =
      (role & closesBlock) !== 0 ||
      ((role & beginsClosing) !== 0 && closesByWord.test(begin)) ||
      (about.last === '}' && about.brackets.includes('{'));
    last = about.last || last;
    lead = -1;
    blank = false;
  };
}

function isLeft(level: Level, indent: number, first: string): boolean {
  if (level.bracket === '') return level.indent >= indent;
  // A bracket was misread, so indentation decides.
  return (indent < level.indent || (level.indented === true && indent === level.indent)) && /[\p{L}@_]/u.test(first);
}

function readBegin(text: string, start: number, end: number): string {
  let from = start;
  while (from < end && text.charCodeAt(from) <= 32) from++;
  let to = Math.min(end, from + 240);
  while (to > from && text.charCodeAt(to - 1) <= 32) to--;
  return text.slice(from, to);
}

const rankOfDepth = (depth: number) =>
  depth === 0 ? rank.large : depth === 1 ? rank.middle : depth === 2 ? rank.small : rank.paragraph;

const closesBlock = 1;
const beginsAttribute = 2;
const beginsGoingOn = 4;
const beginsClosing = 8;
const beginsWord = 16;
const roles = new Uint8Array(128);
const letters = 'abcdefghijklmnopqrstuvwxyz';
for (const [role, characters] of [
  [closesBlock, '}])'],
  [beginsAttribute, '@#[t'],
  [beginsGoingOn, 'acdeforwt'],
  [beginsClosing, 'def'],
  [beginsWord, `_${letters}${letters.toUpperCase()}`],
] as const)
  for (const character of characters) roles[character.charCodeAt(0)]! |= role;

const findRole = (first: string): number =>
  first === '' ? closesBlock | beginsAttribute | beginsGoingOn | beginsClosing : (roles[first.charCodeAt(0)] ?? 0);

const open = new Uint8Array(128);
for (const character of ',=+|&?(\\<') open[character.charCodeAt(0)] = 1;

function isJoined(about: LineShape, begin: string, last: string, braces: boolean): boolean {
  const role = findRole(about.first);
  if ((role & closesBlock) !== 0 || ((role & beginsGoingOn) !== 0 && goesOn.test(begin))) return true;
  if (!braces) return last === '\\';
  return (
    ((role & beginsWord) === 0 && /^(?:[.&|?:+=<>,{]|-[^-]|\*[^/])/.test(begin)) ||
    (last !== '' && open[last.charCodeAt(0)] === 1 && about.first !== '#')
  );
}

function close(levels: Level[], bracket: string): void {
  const open = bracket === '}' ? '{' : bracket === ']' ? '[' : '(';
  for (let index = levels.length - 1; index >= 0; index--) {
    if (levels[index]!.bracket !== open) continue;
    while (levels.length > index) levels.pop();
    return;
  }
}
