/** Seeded generators of texts, answers, bytes and values that nobody would write. */
import type { Random } from '../../src/engine/ports.ts';
import { integer, pick } from '../support/random.ts';

const pieces: readonly string[] = [
  '\n',
  '\n',
  '\n\n',
  '\r\n',
  '\r',
  '\t',
  '  ',
  '    ',
  ' ',
  '# A heading',
  '## B',
  '- point',
  '* point',
  '1. point',
  '| a | b |\n|---|---|\n',
  '```',
  '```js\n',
  '~~~',
  '    indented',
  '> said',
  '---',
  '{',
  '}',
  '[',
  ']',
  '"key": ',
  '{"a":1,"b":[1,2]}\n',
  ',',
  ';',
  '(',
  ')',
  'function f(a) {\n',
  'def g():\n',
  'class H {\n',
  'import x\n',
  '// note',
  '/* open',
  '*/',
  '"""',
  "'''",
  '`',
  '${',
  '\\',
  '#include <a>\n',
  '2026-03-04T10:11:12Z ERROR db: lost 17 rows\n',
  '2026-03-04T10:11:13Z ERROR db: lost 18 rows\n',
  'a,b,c\n',
  '1,2,3\n',
  '1,,"x\ny"\n',
  'diff --git a/x b/x\n',
  '@@ -1,3 +1,4 @@\n',
  '+added\n',
  '-gone\n',
  'ALICE: hello\n',
  '00:01:02 --> 00:01:04\n',
  '<p>',
  '</p>',
  '<!-- ',
  'word',
  'another word. ',
  'Sentence ends! ',
  'pump 2042 failed',
  '數字',
  '。',
  'مرحبا',
  'שלום',
  '🧑‍🚀',
  'é',
  '\u{1F1E9}\u{1F1EA}',
  '\ud800',
  '\udc00',
  '\u0000',
  '\u200b',
  '\u202e',
  '\ufeff',
  '\u2028',
  '\u001b[31m',
  '[1]',
  '[2]\n',
  '\n[3]\n',
  'sk-proj-abcdefghijklmnopqrstuvwxyz0123456789ABCD',
  'password = "hunter2hunter2"',
  'secretlint-disable',
  'x'.repeat(300),
  '=',
  '%%',
  '$',
  '&amp;',
  '🙂'.repeat(9),
];

export function oddText(random: Random, most = 40): string {
  let text = '';
  for (let i = integer(random, 0, most); i > 0; i--) text += pick(random, pieces);
  return text;
}

const marks: readonly string[] = [
  '[1]',
  '[2]',
  '[3]',
  '[1, 2]',
  '[2-3]',
  '[2–9]',
  '[0]',
  '[99]',
  '[ 1 ]',
  '[1][2]',
  '[1], [2]',
  '[1',
  '1]',
  '[]',
  '[[1]]',
  '\\[1]',
  '[1](http://x.example)',
  '[a]',
  '[99999]',
  '[1;2]',
  '(1)',
  '[^1]',
];
const answerPieces: readonly string[] = [
  ' ',
  ' ',
  '. ',
  '\n',
  '\n',
  '\n\n',
  '\n- ',
  '\n1. ',
  '\n## ',
  '`',
  '``',
  '```',
  '\n```\n',
  '\n~~~\n',
  '**',
  '*',
  '|',
  '\n| ',
  ' and ',
  ', ',
  ': ',
  '> ',
  '\n    ',
  '\t',
  '\r\n',
  'NONE',
  '—',
  '!',
  '?',
  'é',
  '數',
  '🙂',
];

/** An answer with marks in all the wrong places; its words are `w1`, `w2`, … */
export function oddAnswer(random: Random, most = 30): string {
  let text = '';
  let words = 0;
  for (let i = integer(random, 0, most); i > 0; i--) {
    const dice = random();
    if (dice < 0.4) text += `w${++words} `;
    else text += dice < 0.65 ? pick(random, marks) : pick(random, answerPieces);
  }
  return text;
}

/** The same text in pieces of 1 to `most` units. */
export function inPieces<T extends { slice(from: number, to: number): T; readonly length: number }>(
  random: Random,
  whole: T,
  most: number,
): T[] {
  const found: T[] = [];
  for (let at = 0; at < whole.length;) {
    const to = at + integer(random, 1, most);
    found.push(whole.slice(at, to));
    at = to;
  }
  return found;
}

/** Bytes changed, doubled, left out or cut at random. */
export function damaged(random: Random, text: string): Uint8Array {
  let bytes = [...Buffer.from(text)];
  for (let i = integer(random, 0, 4); i > 0 && bytes.length > 0; i--) {
    const at = integer(random, 0, bytes.length - 1);
    const length = integer(random, 1, 40);
    const dice = random();
    if (dice < 0.25) bytes[at] = integer(random, 0, 255);
    else if (dice < 0.5) bytes.splice(at, length);
    else if (dice < 0.75) bytes.splice(at, 0, ...bytes.slice(at, at + length));
    else if (dice < 0.85) bytes = bytes.slice(0, at);
    else
      bytes.splice(
        at,
        0,
        ...Buffer.from(pick(random, ['\n\n', 'data: ', '{}', '"', '\r', ': ping\n\n', 'data: [DONE]\n\n', '\ufeff'])),
      );
  }
  return Uint8Array.from(bytes);
}

/** Any value that a message could be. */
export function oddValue(random: Random, depth = 0): unknown {
  const dice = random();
  if (depth > 3 || dice < 0.5)
    return pick<unknown>(random, [
      null,
      undefined,
      true,
      0,
      -1,
      Infinity,
      NaN,
      '',
      'delta',
      'end',
      'x'.repeat(50),
      [],
      {},
      2 ** 53,
      '__proto__',
      new Date(0),
    ]);
  if (dice < 0.7) return Array.from({ length: integer(random, 0, 3) }, () => oddValue(random, depth + 1));
  const names = [
    'type',
    'text',
    'event',
    'events',
    'id',
    'view',
    '__proto__',
    'constructor',
    'href',
    'action',
    'chunk',
    'length',
    'result',
  ];
  return Object.fromEntries(
    Array.from({ length: integer(random, 0, 5) }, () => [pick(random, names), oddValue(random, depth + 1)]),
  );
}

/** A valid message with one place changed. */
export function changed(random: Random, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.15) return oddValue(random, 2);
  const entries = Object.entries(value);
  if (entries.length === 0) return oddValue(random, 2);
  const at = integer(random, 0, entries.length - 1);
  const next = entries.map(([key, inner], i) => [key, i === at ? changed(random, inner) : inner] as const);
  return Array.isArray(value) ? next.map(([, inner]) => inner) : Object.fromEntries(next);
}
