/** Some servers stream a model's hidden reasoning inside the answer, between tags at its very beginning. */

const opening = /^\s*<(think|thinking|reasoning|thought)>/i;
const names = ['<think>', '<thinking>', '<reasoning>', '<thought>'];

export interface ThinkFilter {
  /** The visible part of the next piece; '' while nothing of it may be shown. */
  push(text: string): string;
  /** What was held back when the answer ended. */
  end(): string;
}

/** Removes one leading block of tagged reasoning, however it is cut into pieces. Later tags are the answer's own. */
export function thinkFilter(): ThinkFilter {
  let state: 'start' | 'inside' | 'gap' | 'open' = 'start';
  let held = '';
  let closing = '';
  const inside = (): string => {
    const end = held.toLowerCase().indexOf(closing);
    if (end < 0) {
      held = held.slice(-closing.length);
      return '';
    }
    held = held.slice(end + closing.length);
    state = 'gap';
    return gap();
  };
  const gap = (): string => {
    held = held.trimStart();
    return held === '' ? '' : open();
  };
  const open = (): string => {
    const shown = held;
    held = '';
    state = 'open';
    return shown;
  };
  const start = (): string => {
    const tag = opening.exec(held);
    if (tag !== null) {
      closing = `</${(tag[1] ?? '').toLowerCase()}>`;
      held = held.slice(tag[0].length);
      state = 'inside';
      return inside();
    }
    const begun = held.trimStart().toLowerCase();
    return names.some((name) => name.startsWith(begun)) ? '' : open();
  };
  return {
    push(text) {
      if (state === 'open') {
        return text;
      }
      held += text;
      return state === 'start' ? start() : state === 'inside' ? inside() : gap();
    },
    end() {
      return state === 'start' ? open() : '';
    },
  };
}
