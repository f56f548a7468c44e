/**
 * Makes hidden characters visible (tags, bidirectional controls, invisible characters outside scripts that need them),
 * removes terminal escapes and resolves overstrikes (`p` backspace `p`). Keeps the number of lines.
 */
interface Cleaner {
  /** Takes a piece that may be cut anywhere; returns the text that is final. */
  push(piece: string): string;
  /** Returns the rest; no `push` may follow. */
  end(): string;
  /** Written as `\\u{…}`. */
  readonly invisible: number;
  /** Overstrikes included. */
  readonly escapes: number;
}

/** Longest sequence that depends on the text after it. */
const maxHeld = 64;
/** Characters held back in case a backspace follows. */
const maxStruck = 4;
/** CSI, OSC, other string sequences and two-character escapes. Adjacent classes are disjoint, so matching is linear. */
const ansi =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b(?:\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|[PX^_][^\u001b\n]*\u001b\\|[@-Z\\-_])/g;
const suspect =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff]|\udb40[\udc00-\udfff]/g;
/** Scripts and emoji that need joiners and direction marks. */
const joins =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}\p{Script=Syriac}\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}]/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const anySuspect =
  /[\b\u001b\u009b\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\udb40]/;
const contextLength = 24;

/** Creates a cleaner for one text. */
export function createCleaner(): Cleaner {
  let held = '';
  /** End of the previous text; '' at the start. */
  let before = '';
  let invisible = 0;
  let escapes = 0;

  const clean = (text: string): string => {
    if (!anySuspect.test(text)) return text;
    const unescaped = text.replace(ansi, () => {
      escapes++;
      return '';
    });
    const plain = unescaped.includes('\b') ? resolveOverstrikes(unescaped) : unescaped;
    // joined once: joining at each sign would take quadratic time
    const context = before + plain;
    return plain.replace(suspect, (sign, index: number) => {
      const code = sign.codePointAt(0)!;
      if (belongs(code, context, before.length + index)) return sign;
      if (code === 0x200e && isChatMark(context, before.length + index)) return '';
      invisible++;
      return `\\u{${code.toString(16).toUpperCase()}}`;
    });
  };
  /** Applies backspaces as a terminal does; an underline keeps the letter. */
  const resolveOverstrikes = (text: string): string => {
    const [first = '', ...rest] = text.split('\b');
    const out = [first];
    escapes += rest.length;
    for (const piece of rest) {
      const previous = out.pop() ?? '';
      const underlined = piece.startsWith('_') && !/^$|[_\s]/.test(previous.slice(-1));
      const left = underlined ? previous : previous.slice(0, previous.length - findLastCharacter(previous));
      const next = underlined ? piece.slice(1) : piece;
      if (left) out.push(left);
      if (next) out.push(next);
    }
    return out.join('');
  };
  return {
    push(piece) {
      const text = held + piece;
      const cut = Math.max(0, cutSafely(text));
      held = text.slice(cut);
      if (cut === 0) return '';
      const safe = text.slice(0, cut);
      const result = clean(safe);
      before = (before + safe).slice(-contextLength);
      return result;
    },
    end() {
      const result = clean(held);
      held = '';
      return result;
    },
    get invisible() {
      return invisible;
    },
    get escapes() {
      return escapes;
    },
  };
}

/** Finds an index to cut at, outside escapes and overstrikes. */
function cutSafely(text: string): number {
  const tail = Math.max(0, text.length - maxHeld);
  if (anySuspect.test(text.slice(tail))) return lastPlain(text, Math.max(0, tail - 4096));
  return beforePair(text, text.length - maxStruck);
}

/** Returns `index`, or one less if it is inside a surrogate pair. */
function beforePair(text: string, index: number): number {
  const code = index > 0 ? text.charCodeAt(index - 1) : 0;
  return code >= 0xd800 && code < 0xdc00 ? index - 1 : index;
}

/** 0 at the start of a line, 2 for a surrogate pair. */
function findLastCharacter(text: string): number {
  const code = text.charCodeAt(text.length - 1);
  if (Number.isNaN(code) || code === 10 || code === 13) return 0;
  return code >= 0xdc00 && code < 0xe000 ? Math.min(2, text.length) : 1;
}

/** Index after the last line break, else space, at `least` or later; else everything but the tail. */
function lastPlain(text: string, least: number): number {
  const broken = Math.max(text.lastIndexOf('\n'), text.lastIndexOf(' '));
  if (broken >= least) return broken + 1;
  // longer than any sequence: cut here, but not inside a pair
  return beforePair(text, Math.max(0, text.length - maxHeld));
}

/** Chat exports start entries and media placeholders with a harmless direction mark. */
const isChatMark = (text: string, at: number): boolean =>
  (at === 0 || /[\n\r]$|: $|\] $/.test(text.slice(Math.max(0, at - 2), at))) && text[at + 1] !== '\u200e';

function belongs(code: number, text: string, at: number): boolean {
  if (code === 0xfeff) return at === 0;
  if (code === 0xad) return /\p{L}/u.test(text[at - 1] ?? '') && /\p{L}/u.test(text[at + 1] ?? '');
  if (code >= 0xe0100 && code <= 0xe01ef) return /[\p{Script=Han}]/u.test(getCharBefore(text, at));
  if (code === 0x200c || code === 0x200d)
    return joins.test(getCharBefore(text, at)) && (code === 0x200c || joins.test(getCharAfter(text, at + 1)));
  if (code === 0x200e || code === 0x200f || code === 0x61c)
    return rightToLeft.test(text.slice(Math.max(0, at - 24), at + 25));
  if (code >= 0x115f && code <= 0x1160) return /[\u1100-\u11ff]/.test(text.slice(Math.max(0, at - 1), at + 2));
  if (code === 0x180e || code === 0x17b4 || code === 0x17b5) return joins.test(getCharBefore(text, at));
  if (code === 0xfffc || code === 0xfffd) return true;
  return false;
}

function getCharBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low < 0xe000 ? text.slice(at - 2, at) : (text[at - 1] ?? '');
}
const getCharAfter = (text: string, at: number) => String.fromCodePoint(text.codePointAt(at) ?? 0);
