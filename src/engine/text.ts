/**
 * Cleans a text before anything else sees it: makes visible what a person would not see but a model would read (tag characters,
 * bidirectional controls, invisible characters outside the scripts that need them), removes terminals' escape sequences and
 * resolves overstrikes (`p` backspace `p`) to what a terminal shows. The number of lines stays.
 */
export interface Cleaner {
  /** Takes a piece cut anywhere; returns what is certain so far. */
  push(piece: string): string;
  /** Returns the rest. Nothing may be pushed after it. */
  end(): string;
  /** Invisible characters written as `\\u{…}` so far. */
  readonly invisible: number;
  /** Escape sequences and overstrikes removed so far. */
  readonly escapes: number;
}

/** Longest sequence whose meaning depends on what follows. */
const maxHeld = 64;
/** Characters held back because a backspace may follow. */
const maxStruck = 4;
/** CSI, OSC, the other string sequences, and two-character escapes. No two neighbours match the same character. */
const ansi =
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|\u001b(?:\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|[PX^_][^\u001b\n]*\u001b\\|[@-Z\\-_])/g;
const suspect =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff]|\udb40[\udc00-\udfff]/g;
/** Scripts and emoji in which joiners and direction marks belong. */
const joins =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}\p{Script=Syriac}\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}]/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const anySuspect =
  /[\b\u001b\u009b\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\udb40]/;
/** Characters kept from the piece before, for signs whose meaning depends on their neighbours. */
const contextLength = 24;

export function createCleaner(): Cleaner {
  let held = '';
  /** The end of what was given; '' at the start of the text. */
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
    // Joined once: joining it for each sign would copy the text as often as it has joiners.
    const context = before + plain;
    return plain.replace(suspect, (sign, index: number) => {
      const code = sign.codePointAt(0)!;
      if (belongs(code, context, before.length + index)) return sign;
      if (code === 0x200e && isChatMark(context, before.length + index)) return '';
      invisible++;
      return `\\u{${code.toString(16).toUpperCase()}}`;
    });
  };
  /** Each backspace takes back the character before it, as on a terminal; an underline stroke leaves the letter. */
  const resolveOverstrikes = (text: string): string => {
    const [first = '', ...rest] = text.split('\b');
    const out = [first];
    escapes += rest.length;
    for (const piece of rest) {
      const previous = out.pop() ?? '';
      const underlined = piece.startsWith('_') && !/^$|[_\s]/.test(previous.slice(-1));
      const left = underlined ? previous : previous.slice(0, previous.length - lastCharacter(previous));
      const next = underlined ? piece.slice(1) : piece;
      if (left) out.push(left);
      if (next) out.push(next);
    }
    return out.join('');
  };
  return {
    push(piece) {
      const text = held + piece;
      const cut = Math.max(0, safeCut(text));
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

/** Where a text can be cut so that no sequence is, and that the last characters can still be struck over. */
function safeCut(text: string): number {
  const tail = Math.max(0, text.length - maxHeld);
  if (anySuspect.test(text.slice(tail))) return lastPlain(text, Math.max(0, tail - 4096));
  return beforePair(text, text.length - maxStruck);
}

/** `index`, or one less where it would divide a surrogate pair. */
function beforePair(text: string, index: number): number {
  const code = index > 0 ? text.charCodeAt(index - 1) : 0;
  return code >= 0xd800 && code < 0xdc00 ? index - 1 : index;
}

/** Length of the character that a backspace at the end takes back: 0 at the start of a line, 2 for a pair. */
function lastCharacter(text: string): number {
  const code = text.charCodeAt(text.length - 1);
  if (Number.isNaN(code) || code === 10 || code === 13) return 0;
  return code >= 0xdc00 && code < 0xe000 ? Math.min(2, text.length) : 1;
}

/** Behind the last line break, or else the last plain space, from `least` on; all of the text but its tail where there is none. */
function lastPlain(text: string, least: number): number {
  const broken = Math.max(text.lastIndexOf('\n'), text.lastIndexOf(' '));
  if (broken >= least) return broken + 1;
  // A sequence longer than this is none: it is cut, but never within a pair.
  return beforePair(text, Math.max(0, text.length - maxHeld));
}

/** Chat exports begin an entry, or what stands for a picture in it, with a mark of direction that turns nothing. */
const isChatMark = (text: string, at: number): boolean =>
  (at === 0 || /[\n\r]$|: $|\] $/.test(text.slice(Math.max(0, at - 2), at))) && text[at + 1] !== '\u200e';

function belongs(code: number, text: string, at: number): boolean {
  if (code === 0xfeff) return at === 0;
  if (code === 0xad) return /\p{L}/u.test(text[at - 1] ?? '') && /\p{L}/u.test(text[at + 1] ?? '');
  if (code >= 0xe0100 && code <= 0xe01ef) return /[\p{Script=Han}]/u.test(charBefore(text, at));
  if (code === 0x200c || code === 0x200d)
    return joins.test(charBefore(text, at)) && (code === 0x200c || joins.test(charAfter(text, at + 1)));
  if (code === 0x200e || code === 0x200f || code === 0x61c)
    return rightToLeft.test(text.slice(Math.max(0, at - 24), at + 25));
  if (code >= 0x115f && code <= 0x1160) return /[\u1100-\u11ff]/.test(text.slice(Math.max(0, at - 1), at + 2));
  if (code === 0x180e || code === 0x17b4 || code === 0x17b5) return joins.test(charBefore(text, at));
  if (code === 0xfffc || code === 0xfffd) return true;
  return false;
}

function charBefore(text: string, at: number): string {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low < 0xe000 ? text.slice(at - 2, at) : (text[at - 1] ?? '');
}
const charAfter = (text: string, at: number) => String.fromCodePoint(text.codePointAt(at) ?? 0);
