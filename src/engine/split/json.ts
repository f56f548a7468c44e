import { head, rank, shorten, type Splitter } from './splitter.ts';

const key = /^\s*"((?:[^"\\]|\\.){1,80})"\s*:\s*[[{]\s*$/;

/** JSON by elements, the outer ones first; JSON lines by line. */
export const json: Splitter = {
  id: 'json',
  accepts: (kind, languageId) =>
    kind === 'json' || ((languageId === 'json' || languageId === 'jsonc') && kind === 'config'),
  open(_hints, { setRank, mark }) {
    let depth = 0;
    let inString = false;
    return (text, start, end, line) => {
      const first = head(text, start, end, 200);
      const closes = /^\s*[\]}]/.test(first);
      if (inString) setRank(line, rank.never);
      else
        setRank(
          line,
          closes
            ? rank.never
            : depth <= 1
              ? rank.large
              : depth === 2
                ? rank.middle
                : depth === 3
                  ? rank.small
                  : depth === 4
                    ? rank.blank
                    : rank.line,
        );
      const name = key.exec(first)?.[1];
      if (name && depth <= 3) mark(line, Math.max(0, depth - 1), shorten(name, 80));
      for (let at = start; at < end; at++) {
        const code = text.charCodeAt(at);
        if (code === 92 && inString) at++;
        else if (code === 34) inString = !inString;
        else if (inString) continue;
        else if (code === 123 || code === 91) depth++;
        else if (code === 125 || code === 93) depth = Math.max(0, depth - 1);
      }
      // No JSON string goes over a line's end: one that seems to is damaged text.
      inString = false;
    };
  },
};
