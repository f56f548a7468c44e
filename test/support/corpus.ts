/** Seeded texts of the kinds that people summarize; the same seed gives the same text. */

import { seeded } from './random.ts';

export interface Picker {
  readonly random: () => number;
  whole(below: number): number;
  between(least: number, most: number): number;
  one<T>(from: readonly T[]): T;
}
export function picker(seed: number): Picker {
  const random = seeded(seed);
  const whole = (below: number) => Math.floor(random() * below);
  return {
    random,
    whole,
    between: (least, most) => least + whole(most - least + 1),
    one: (from) => from[whole(from.length)]!,
  };
}

const nouns =
  'harbour council engineer river archive ledger valley machine letter winter station bridge committee report farmer district theory market signal library captain engine garden voyage treaty museum factory window question answer result method figure border village teacher student journal pressure surface material current message customer service account release budget project meeting decision contract'.split(
    ' ',
  );
const verbs =
  'described measured opened followed crossed repaired questioned recorded delivered examined carried refused accepted discussed changed compared counted observed published finished moved prepared reached returned supported watched'.split(
    ' ',
  );
const adjectives =
  'old quiet northern careful uncertain narrow recent public heavy distant early common formal broken steady central private ordinary remarkable small late bright useful familiar'.split(
    ' ',
  );
const links = ['and then', 'although', 'because', 'while', 'so that', 'after which', 'but', 'until'];

function clause(pick: Picker): string {
  const number = pick.whole(9) === 0 ? ` ${pick.between(2, 4000)}` : '';
  return `the ${pick.one(adjectives)} ${pick.one(nouns)} ${pick.one(verbs)} the ${pick.one(nouns)} of the${number} ${pick.one(nouns)}s`;
}
export function sentence(pick: Picker): string {
  const parts = Array.from({ length: pick.between(1, 3) }, () => clause(pick));
  const joined = parts.reduce((text, part) => `${text}, ${pick.one(links)} ${part}`);
  return `${joined[0]!.toUpperCase()}${joined.slice(1)}.`;
}

function wrap(text: string, width: number): string {
  let line = 0;
  return text
    .split(' ')
    .map((word, index) => {
      const fits = line + word.length + 1 <= width;
      line = fits ? line + word.length + 1 : word.length;
      return `${index === 0 ? '' : fits ? ' ' : '\n'}${word}`;
    })
    .join('');
}

function fill(characters: number, next: () => string): string {
  const parts: string[] = [];
  for (let length = 0; length < characters;) {
    const part = next();
    parts.push(part);
    length += part.length;
  }
  return parts.join('');
}
const title = (pick: Picker) => `The ${pick.one(adjectives)} ${pick.one(nouns)} and the ${pick.one(nouns)}`;
const paragraph = (pick: Picker) => Array.from({ length: pick.between(2, 7) }, () => sentence(pick)).join(' ');

/** Paragraphs under chapter titles, wrapped at 78 columns or one line each. About four characters a token. */
export function prose(seed: number, characters: number, wrapped = true): string {
  const pick = picker(seed);
  let chapter = 0;
  return fill(characters, () => {
    const text = wrapped ? wrap(paragraph(pick), 78) : paragraph(pick);
    return pick.whole(25) === 0 ? `\nCHAPTER ${++chapter}\n\n${text}\n\n` : `${text}\n\n`;
  });
}

/** One sentence a line, no structure at all. */
export function flat(seed: number, characters: number): string {
  const pick = picker(seed);
  return fill(characters, () => `${clause(pick)}\n`);
}

export function markdown(seed: number, characters: number): string {
  const pick = picker(seed);
  return fill(characters, () => {
    switch (pick.whole(10)) {
      case 0:
        return `\n${'#'.repeat(pick.between(1, 3))} ${title(pick)}\n\n`;
      case 1:
        return `\`\`\`ts\n${typescriptFunction(pick)}\`\`\`\n\n`;
      case 2:
        return `${Array.from({ length: pick.between(2, 6) }, () => `- ${clause(pick)}\n`).join('')}\n`;
      case 3:
        return `| name | value |\n| --- | --- |\n${Array.from({ length: pick.between(2, 6) }, () => `| ${pick.one(nouns)} | ${pick.whole(900)} |\n`).join('')}\n`;
      default:
        return `${paragraph(pick)}\n\n`;
    }
  });
}

const upper = (word: string) => word[0]!.toUpperCase() + word.slice(1);
const named = (pick: Picker) => `${pick.one(verbs)}${upper(pick.one(nouns))}${pick.whole(1000)}`;

/** Statements of a function's body; `blank` lines fall among them. */
function body(pick: Picker, indent: string, statement: (pick: Picker) => string): string {
  return Array.from(
    { length: pick.between(3, 25) },
    () => `${indent}${statement(pick)}\n${pick.whole(8) === 0 ? '\n' : ''}`,
  ).join('');
}
function typescriptFunction(pick: Picker): string {
  const lead = pick.whole(2) === 0 ? `/** ${sentence(pick)} */\n` : '';
  const statements = body(pick, '  ', (p) =>
    p.one([
      `const ${p.one(nouns)} = ${p.one(verbs)}(${p.one(nouns)}, '${p.one(adjectives)} {'); // ${p.one(nouns)}`,
      `if (${p.one(nouns)}.length > ${p.whole(99)}) {\n    return [${p.whole(9)}, ${p.whole(9)}];\n  }`,
      `${p.one(nouns)}.set(\`\${${p.one(nouns)}} }\`, { ${p.one(nouns)}: /[{(]\\/x/.test(${p.one(nouns)}) });`,
      `for (const item of ${p.one(nouns)}) {\n    item.${p.one(verbs)}();\n  }`,
    ]),
  );
  return `${lead}export function ${named(pick)}(${pick.one(nouns)}: string, ${pick.one(nouns)}2 = ${pick.whole(9)}) {\n${statements}}\n\n`;
}
function pythonFunction(pick: Picker, indent: string): string {
  const statements = body(pick, `${indent}    `, (p) =>
    p.one([
      `${p.one(nouns)} = ${p.one(verbs)}(${p.one(nouns)}, "${p.one(adjectives)}")  # ${p.one(nouns)}`,
      `if ${p.one(nouns)} > ${p.whole(99)}:\n${indent}        return ${p.whole(9)}`,
      `${p.one(nouns)}.${p.one(verbs)}(\n${indent}        ${p.one(nouns)},\n${indent}    )`,
    ]),
  );
  const self = indent ? 'self, ' : '';
  return `${pick.whole(4) === 0 ? `${indent}@${pick.one(nouns)}\n` : ''}${indent}def ${pick.one(verbs)}_${pick.one(nouns)}_${pick.whole(999)}(${self}${pick.one(nouns)}):\n${indent}    """${sentence(pick)}\n\n${indent}    ${sentence(pick)}\n${indent}    """\n${statements}\n`;
}
function goFunction(pick: Picker): string {
  const statements = body(pick, '\t', (p) =>
    p.one([
      `${p.one(nouns)}, err := ${p.one(verbs)}(ctx, "${p.one(nouns)} {")`,
      `if err != nil {\n\t\treturn fmt.Errorf("${p.one(nouns)}: %w", err)\n\t}`,
      `switch r := ${p.one(nouns)}[0]; r {\n\tcase '{':\n\t\t${p.one(verbs)}()\n\t}`,
    ]),
  );
  return `// ${upper(pick.one(nouns))} ${clause(pick)}.\nfunc ${upper(named(pick))}(ctx context.Context) error {\n${statements}\treturn nil\n}\n\n`;
}
function javaMethod(pick: Picker): string {
  const statements = body(pick, '        ', (p) =>
    p.one([
      `String ${p.one(nouns)} = this.${p.one(verbs)}("${p.one(nouns)}", '"');`,
      `if (${p.one(nouns)} == null) {\n            throw new IllegalStateException("${p.one(nouns)} (");\n        }`,
    ]),
  );
  return `    /**\n     * ${sentence(pick)}\n     */\n    @Override\n    public int ${named(pick)}(String ${pick.one(nouns)}) {\n${statements}        return ${pick.whole(9)};\n    }\n\n`;
}
function cFunction(pick: Picker): string {
  const statements = body(pick, '    ', (p) =>
    p.one([
      `int ${p.one(nouns)} = ${p.one(verbs)}(${p.one(nouns)}, '{');`,
      `if (${p.one(nouns)} < ${p.whole(99)}) /* ${p.one(nouns)} } */\n        return -1;`,
      `while (${p.one(nouns)}--) {\n        ${p.one(verbs)}(&${p.one(nouns)});\n    }`,
    ]),
  );
  return `/* ${sentence(pick)} */\nstatic int\n${pick.one(verbs)}_${pick.one(nouns)}${pick.whole(999)}(struct ${pick.one(nouns)} *p)\n{\n${statements}    return 0;\n}\n\n`;
}

export const codeLanguages = ['typescript', 'python', 'go', 'java', 'c'] as const;
export type CodeLanguage = (typeof codeLanguages)[number];

/** Source code that holds brackets in strings, comments, characters and regular expressions. */
export function code(seed: number, characters: number, language: CodeLanguage = 'typescript'): string {
  const pick = picker(seed);
  switch (language) {
    case 'typescript':
      return `import { a } from './a.ts';\n\n${fill(characters, () => typescriptFunction(pick))}`;
    case 'python':
      return `import os\n\n${fill(characters, () =>
        pick.whole(5) === 0
          ? `\nclass ${upper(pick.one(nouns))}${pick.whole(99)}:\n${Array.from({ length: pick.between(2, 8) }, () => pythonFunction(pick, '    ')).join('')}`
          : `\n${pythonFunction(pick, '')}`,
      )}`;
    case 'go':
      return `package main\n\n${fill(characters, () => goFunction(pick))}`;
    case 'java':
      return `package example;\n\npublic class Example {\n${fill(characters, () => javaMethod(pick))}}\n`;
    case 'c':
      return `#include <stdio.h>\n\n${fill(characters, () => cFunction(pick))}`;
  }
}

const two = (value: number) => String(value).padStart(2, '0');

/** An application's log: some forty forms of record, now and then an error with its stack trace. */
export function log(seed: number, characters: number): string {
  const pick = picker(seed);
  const forms = Array.from({ length: 40 }, () => `${pick.one(nouns)} ${pick.one(verbs)} ${pick.one(nouns)}`);
  let ms = Date.UTC(2026, 0, 1);
  return fill(characters, () => {
    ms += pick.whole(900);
    const at = new Date(ms).toISOString();
    if (pick.whole(200) === 0) {
      const trace = Array.from(
        { length: pick.between(3, 12) },
        () =>
          `    at com.example.${pick.one(nouns)}.${upper(pick.one(nouns))}.${pick.one(verbs)}(${upper(pick.one(nouns))}.java:${pick.whole(900)})\n`,
      );
      return `${at} ERROR [worker-${pick.whole(16)}] ${pick.one(forms)}\njava.lang.IllegalStateException: ${pick.one(nouns)}\n${trace.join('')}Caused by: java.io.IOException: ${pick.one(nouns)}\n${trace[0]}`;
    }
    return `${at} ${pick.one(['INFO', 'INFO', 'INFO', 'DEBUG', 'WARN'])} [worker-${pick.whole(16)}] ${pick.one(forms)} id=${pick.whole(1e6)} from 10.0.${pick.whole(256)}.${pick.whole(256)}:${pick.whole(60000)} took ${pick.whole(3000)} ms\n`;
  });
}

/** Rows of numbers, words and dates under a header; some cells are quoted, a few hold a line break. */
export function csv(seed: number, characters: number): string {
  const pick = picker(seed);
  return `id,name,amount,day,note\n${fill(characters, () => {
    const note = pick.whole(40) === 0 ? `"${pick.one(nouns)},\n${pick.one(nouns)} ""x"""` : pick.one(nouns);
    return `${pick.whole(1e6)},${pick.one(nouns)},${(pick.random() * 1000).toFixed(2)},2026-${two(pick.between(1, 12))}-${two(pick.between(1, 28))},${note}\n`;
  })}`;
}

function record(pick: Picker) {
  return {
    id: pick.whole(1e6),
    name: pick.one(nouns),
    amount: Number((pick.random() * 1000).toFixed(2)),
    tags: [pick.one(adjectives), pick.one(adjectives)],
    place: { district: pick.one(nouns), floor: pick.whole(9) },
  };
}
export function jsonLines(seed: number, characters: number): string {
  const pick = picker(seed);
  return fill(characters, () => `${JSON.stringify(record(pick))}\n`);
}
/** One array, indented by two, or without any line break. */
export function json(seed: number, characters: number, indent = 2): string {
  const pick = picker(seed);
  const records: unknown[] = [];
  for (let length = 0; length < characters;) {
    const next = record(pick);
    records.push(next);
    length += JSON.stringify(next, undefined, indent).length;
  }
  return `${JSON.stringify(records, undefined, indent)}\n`;
}

export function diff(seed: number, characters: number): string {
  const pick = picker(seed);
  return fill(characters, () => {
    const name = `src/${pick.one(nouns)}/${pick.one(nouns)}${pick.whole(99)}.ts`;
    const hunks = Array.from({ length: pick.between(1, 5) }, () => {
      const lines = Array.from(
        { length: pick.between(4, 30) },
        () => `${pick.one([' ', ' ', '+', '-'])}  ${clause(pick)};\n`,
      );
      const at = pick.between(1, 900);
      return `@@ -${at},${lines.length} +${at},${lines.length} @@ function ${named(pick)}() {\n${lines.join('')}`;
    });
    return `diff --git a/${name} b/${name}\nindex 1f2e3d4..5a6b7c8 100644\n--- a/${name}\n+++ b/${name}\n${hunks.join('')}`;
  });
}

export function transcript(seed: number, characters: number): string {
  const pick = picker(seed);
  const people = ['Ada', 'Grace Hopper', 'Linus', 'Dr. Noether'];
  return fill(characters, () => `${pick.one(people)}: ${paragraph(pick)}\n`);
}

const han =
  '的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经'.split(
    '',
  );
/** Sentences of Chinese characters; lines are paragraphs. */
export function chinese(seed: number, characters: number): string {
  const pick = picker(seed);
  return fill(characters, () => {
    const sentences = Array.from(
      { length: pick.between(2, 8) },
      () =>
        `${Array.from({ length: pick.between(8, 30) }, () => pick.one(han)).join('')}${pick.one(['。', '。', '！', '？'])}`,
    );
    return `${sentences.join('')}\n${pick.whole(3) === 0 ? '\n' : ''}`;
  });
}
