/** Some servers stream a model's hidden reasoning inside the answer, between tags at its very beginning. */

const opening = /^\s*<(think|thinking|reasoning|thought)>/i;
const names = ['<think>', '<thinking>', '<reasoning>', '<thought>'];
/** The end of a thought whose opening tag the server put into the prompt: such models close the line with it. */
const stray = /<\/think>[ \t]*\r?\n/;
const mayBecomeStray = /<(?:$|\/(?:$|t(?:$|h(?:$|i(?:$|n(?:$|k(?:$|>[ \t]*\r?$)))))))/;
const begunClosing = '</think>';

export interface ThinkFilter {
  /** The visible part of the next piece; '' while nothing of it may be shown. */
  push(text: string): string;
  /** What was held back when the answer ended. @param whole the model ended it, nothing cut it off; default true. */
  end(whole?: boolean): string;
  /** The thought has not ended. */
  readonly unclosed: boolean;
}

/**
 * Removes one leading block of tagged reasoning, however it is cut into pieces. Later tags are the answer's own.
 *
 * @param begun the answer begins within a thought; where none ends, it was the answer.
 * @param onStray a thought that nothing had opened ended: all that was given back before was part of it.
 */
export function thinkFilter(begun = false, onStray?: () => void): ThinkFilter {
  let state: 'start' | 'inside' | 'gap' | 'open' | 'done' = begun ? 'inside' : 'start';
  let held = '';
  let closing = begun ? begunClosing : '';
  /** What an answer that began within a thought would be, were it none. */
  let all = '';
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
    return held === '' ? '' : done();
  };
  const done = (): string => {
    const shown = held;
    held = '';
    state = 'done';
    return shown;
  };
  const start = (): string => {
    const tag = opening.exec(held);
    if (tag !== null) {
      closing = `</${(tag[1] ?? '').toLowerCase()}>`;
      held = held.slice(tag[0].length);
      state = 'inside';
      begun = false;
      return inside();
    }
    const start = held.trimStart().toLowerCase();
    if (names.some((name) => name.startsWith(start))) {
      return '';
    }
    state = 'open';
    return open();
  };
  /** Text of the answer, unless a thought that nothing opened ends in it: what may become that end waits. */
  const open = (): string => {
    if (onStray === undefined) {
      return done();
    }
    const found = stray.exec(held);
    if (found !== null) {
      held = held.slice(found.index + found[0].length);
      state = 'gap';
      onStray();
      return gap();
    }
    const cut = mayBecomeStray.exec(held)?.index ?? held.length;
    const shown = held.slice(0, cut);
    held = held.slice(cut);
    return shown;
  };
  return {
    push(text) {
      if (state === 'done') {
        return text;
      }
      held += text;
      all += begun ? text : '';
      switch (state) {
        case 'start':
          return start();
        case 'inside':
          return inside();
        case 'gap':
          return gap();
        default:
          return open();
      }
    },
    end(whole = true) {
      return state === 'start' || state === 'open' ? done() : state === 'inside' && begun && whole ? all : '';
    },
    get unclosed() {
      return state === 'inside';
    },
  };
}
