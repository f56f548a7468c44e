/**
 * Makes visible what a person would not see but a model would read: tag characters, bidirectional controls, invisible characters
 * outside the scripts that need them; and takes out terminals' colour codes. Lines stay the lines.
 */
export interface Cleaner {
  push(piece: string): string;
  end(): string;
  readonly invisible: number;
  readonly escapes: number;
}

/** Longest sequence whose meaning hangs on what follows. */
const keep = 64;
const ansi = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g;
const suspect =
  /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff]|\udb40[\udc00-\udfff]/g;
/** Scripts and emoji in which joiners and direction marks belong. */
const joins =
  /[\p{Script=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Mongolian}\p{Script=Syriac}\p{Extended_Pictographic}\ufe0f\u{1f3fb}-\u{1f3ff}]/u;
const rightToLeft = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}]/u;
const anyEscape =
  /[\u001b\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\uffff\udb40]/;

export function cleaner(): Cleaner {
  let held = '';
  /** The end of what was given, for what hangs on the character before; '' at the start of the text. */
  let before = '';
  let invisible = 0;
  let escapes = 0;

  const clean = (text: string): string => {
    if (!anyEscape.test(text)) return text;
    const plain = text.replace(ansi, () => {
      escapes++;
      return '';
    });
    return plain.replace(suspect, (sign, at: number) => {
      const code = sign.codePointAt(0)!;
      if (belongs(code, before + plain, before.length + at)) return sign;
      invisible++;
      return `\\u{${code.toString(16).toUpperCase()}}`;
    });
  };
  return {
    push(piece) {
      const text = held + piece;
      const cut = Math.max(0, safeCut(text));
      held = text.slice(cut);
      if (cut === 0) return '';
      const safe = text.slice(0, cut);
      const result = clean(safe);
      before = (before + safe).slice(-24);
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

/** Where a text can be cut so that no sequence is: behind a plain character with nothing suspect near. */
function safeCut(text: string): number {
  if (text.length === 0) return 0;
  const tail = Math.max(0, text.length - keep);
  if (!anyEscape.test(text.slice(tail)))
    return isPlain(text.charCodeAt(text.length - 1)) ? text.length : lastPlain(text, tail);
  return lastPlain(text, Math.max(0, tail - 4096));
}

/** Behind the last line break, or else the last plain space, from `least` on; all of the text but its tail where there is none. */
function lastPlain(text: string, least: number): number {
  const broken = Math.max(text.lastIndexOf('\n'), text.lastIndexOf(' '));
  if (broken >= least) return broken + 1;
  // A sequence longer than this is none: it is cut, but never within a pair.
  let cut = Math.max(0, text.length - keep);
  if (cut > 0 && text.charCodeAt(cut - 1) >= 0xd800 && text.charCodeAt(cut - 1) < 0xdc00) cut--;
  return cut;
}
const isPlain = (code: number) => code >= 0x20 && code < 0x7f;

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
