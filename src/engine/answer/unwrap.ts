/** Removes a code fence around a whole Markdown answer. */

interface Unwrapper {
  /** Returns text that can be shown; '' while undecided. */
  push(text: string): string;
  end(): string;
}

const opening = /^\s*(`{3,}|~{3,})[ \t]*(?:(markdown|md)[ \t]*)?\r?\n/i;
/** A prefix that may become a fence around the answer. */
const mayOpen = /^\s*(?:(?:`+|~+)[ \t]*)?(?:(?:m|md|ma|mar|mark|markd|markdo|markdow|markdown)[ \t]*)?\r?$/i;
/** First characters of prose inside a fence without a language. */
const isProse = /^(?:[-*+•][ \t]|#{1,6}[ \t]|\d{1,3}[.)][ \t]|\*\*)/;
const telling = 8;
/** UTF-16 units. */
const maxUndecided = 1_000;

/** Unwraps one streaming answer. */
export function createUnwrapper(): Unwrapper {
  let state: 'start' | 'inside' | 'open' = 'start';
  let held = '';
  let wrapping = '';
  let inner = '';
  let lineBegun = false;

  const pass = (): string => {
    const text = held;
    held = '';
    state = 'open';
    return text;
  };
  const start = (final: boolean): string => {
    const found = opening.exec(held);
    if (found === null) return !final && held.length <= maxUndecided && mayOpen.test(held) ? '' : pass();
    const rest = held.slice(found[0].length);
    if (found[2] === undefined) {
      const first = rest.trimStart();
      if (!final && first.length < telling && !first.includes('\n')) return '';
      if (!isProse.test(first)) return pass();
    }
    wrapping = found[1]!;
    held = rest;
    state = 'inside';
    return inside(final);
  };
  const inside = (final: boolean): string => {
    let out = '';
    for (;;) {
      const end = held.indexOf('\n') + 1;
      const line = end === 0 ? held : held.slice(0, end);
      const fence = /^\s*(`{3,}|~{3,})(.*)/.exec(line);
      if (end === 0 && !final) {
        if (line.length <= maxUndecided && /^\s*(?:`|~|$)/.test(line)) return out;
        held = '';
        lineBegun = true;
        return out + line;
      }
      held = held.slice(line.length);
      if (lineBegun || fence === null) out += line;
      else if (inner !== '') {
        if (fence[1]!.startsWith(inner) && !fence[2]!.trim()) inner = '';
        out += line;
      } else if (fence[1]!.startsWith(wrapping) && !fence[2]!.trim()) return out + pass();
      else {
        inner = fence[1]!;
        out += line;
      }
      lineBegun = false;
      if (line === '' || end === 0) return out;
    }
  };
  return {
    push(text) {
      if (state === 'open') return text;
      held += text;
      return state === 'start' ? start(false) : inside(false);
    },
    end: () => (state === 'start' ? start(true) : state === 'inside' ? inside(true) : ''),
  };
}
