/** Texts of every kind, each with facts planted at even depths: what the evaluation asks for is known to the line. */
import {
  code,
  csv,
  diff,
  jsonLines,
  log,
  markdown,
  prose,
  sentence,
  picker,
  transcript,
  chinese,
  type Picker,
} from '../support/corpus.ts';

export interface Fact {
  /** All of them must be in a summary that tells the fact. The first is found nowhere else. */
  readonly keys: readonly [name: string, figure: string];
  readonly line: number;
  /** 0 at the text's beginning, 1 at its end. */
  readonly depth: number;
}
export interface EvalDocument {
  /** Name of the kind, as the report shows it. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
  readonly facts: readonly Fact[];
}

interface Form {
  readonly id: string;
  readonly title: string;
  readonly make: (seed: number, characters: number) => string;
  /** The line that tells a fact in this kind of text. */
  readonly line: (fact: Planted, index: number) => string;
  /** Lines after which a fact may stand; absent: any. */
  readonly after?: RegExp;
  /** A fact replaces such a line instead of being added. */
  readonly replaces?: RegExp;
}
interface Planted {
  readonly name: string;
  readonly figure: string;
}

const names =
  'Kestrel Ombria Talvik Zephron Quillan Marrowby Dunstale Ferrox Halvard Ixworth Jorvane Lundqvist Nettlecombe Oswin Pellworm Rostrevor Silvanus Tarnmoor Ulverston Wexcombe'.split(
    ' ',
  );

const sentences: readonly ((fact: Planted) => string)[] = [
  ({ name, figure }) => `At ${name} the inspectors counted ${figure} barrels of oil.`,
  ({ name, figure }) => `The repair of ${name} cost ${figure} crowns in all.`,
  ({ name, figure }) => `Only ${name} kept the record of ${figure} hours without a fault.`,
  ({ name, figure }) => `After the storm ${name} lost ${figure} metres of cable.`,
];
const told = (fact: Planted, index: number): string =>
  (sentences[index % sentences.length] as (fact: Planted) => string)(fact);
const plain = (figure: string): string => figure.replaceAll(',', '');
const constant = ({ name }: Planted): string => `${name.toUpperCase().replace('-', '_')}_LIMIT`;

const forms: readonly Form[] = [
  { id: 'prose', title: 'chronicle.txt', make: prose, line: told },
  {
    id: 'markdown',
    title: 'handbook.md',
    make: markdown,
    line: (fact, index) => `\n${told(fact, index)}\n`,
    after: /^$/,
  },
  { id: 'chinese', title: '年鉴.txt', make: chinese, line: ({ name, figure }) => `据记载${name}共有${figure}桶油。` },
  { id: 'legal', title: 'agreement.md', make: legal, line: (fact, index) => told(fact, index), after: /^$/ },
  {
    id: 'typescript',
    title: 'harbour.ts',
    make: (seed, size) => code(seed, size, 'typescript'),
    line: (fact) => `export const ${constant(fact)} = ${plain(fact.figure)};\n`,
    after: /^$/,
  },
  {
    id: 'python',
    title: 'harbour.py',
    make: (seed, size) => code(seed, size, 'python'),
    line: (fact) => `${constant(fact)} = ${plain(fact.figure)}\n`,
    after: /^$/,
  },
  {
    id: 'log',
    title: 'service.log',
    make: log,
    line: ({ name, figure }, index) =>
      `2026-01-01T00:${String(index).padStart(2, '0')}:59.000Z ERROR [worker-3] pump ${name} failed: pressure ${plain(figure)} kPa above its limit`,
  },
  {
    id: 'csv',
    title: 'accounts.csv',
    make: csv,
    line: ({ name, figure }, index) => `${900_001 + index},${name},${plain(figure)}.25,2026-06-14,recount`,
  },
  {
    id: 'jsonl',
    title: 'accounts.jsonl',
    make: jsonLines,
    line: ({ name, figure }, index) =>
      `{"id":${900_001 + index},"name":"${name}","amount":${plain(figure)}.25,"tags":["recount"],"place":{"district":"harbour","floor":4}}`,
  },
  {
    id: 'diff',
    title: 'change.diff',
    make: diff,
    line: ({ name, figure }) => `+  the limit of ${name} is now ${plain(figure)};`,
    replaces: /^\+ /,
  },
  {
    id: 'transcript',
    title: 'meeting.txt',
    make: transcript,
    line: ({ name, figure }) => `Linus: We decided that ${name} gets ${figure} euros.`,
    after: /./,
  },
  {
    id: 'config',
    title: 'settings.yaml',
    make: config,
    line: ({ name, figure }) => `${name.toLowerCase().replace('-', '_')}_limit: ${plain(figure)}`,
    after: /^[a-z]\w*: /,
  },
];

export const documentIds: readonly string[] = forms.map((form) => form.id);

/** About `tokens` tokens of one kind with `facts` facts. */
export function evalDocument(id: string, seed: number, tokens: number, facts = 20): EvalDocument {
  const form = forms.find((one) => one.id === id);
  if (form === undefined) throw new Error(`no kind ${id}; there are ${documentIds.join(', ')}`);
  const bytesPerToken = id === 'chinese' ? 1.1 : id === 'csv' || id === 'jsonl' || id === 'log' ? 2.6 : 4.5;
  const lines = form.make(seed, Math.round(tokens * bytesPerToken)).split('\n');
  const planted = plantedOf(seed, facts);
  plant(lines, form, planted);
  const text = lines.join('\n');
  return { id, title: form.title, text, facts: located(text, form, planted) };
}

function plantedOf(seed: number, count: number): Planted[] {
  const pick = picker(seed * 31 + 7);
  return Array.from({ length: count }, (_, index) => ({
    name: `${names[index % names.length] as string}-${seed * 1000 + 101 + index}`,
    figure: (41_003 + index * 97 + pick.whole(90)).toLocaleString('en-US'),
  }));
}

/** From the end, so that the places before stay where they are. */
function plant(lines: string[], form: Form, planted: readonly Planted[]): void {
  for (let index = planted.length - 1; index >= 0; index--) {
    const depth = planted.length === 1 ? 0.5 : index / (planted.length - 1);
    const at = placeFor(lines, form, Math.round(depth * (lines.length - 1)));
    const line = form.line(planted[index] as Planted, index);
    lines.splice(at, form.replaces ? 1 : 0, ...line.split('\n'));
  }
}

/** The nearest line that may hold a fact, looked for towards the middle. */
function placeFor(lines: readonly string[], form: Form, wanted: number): number {
  const fits = (at: number): boolean =>
    form.replaces ? form.replaces.test(lines[at] ?? '') : at > 0 && (form.after ?? /(?:)/).test(lines[at - 1] ?? '');
  for (let distance = 0; distance < lines.length; distance++) {
    if (fits(wanted + distance)) return wanted + distance;
    if (fits(wanted - distance)) return wanted - distance;
  }
  return wanted;
}

function located(text: string, form: Form, planted: readonly Planted[]): Fact[] {
  const lines = text.split('\n');
  return planted.map((fact, index) => {
    const line = form.line(fact, index).trim();
    const at = lines.findIndex((one) => one.trim() === line);
    if (at < 0) throw new Error(`the fact about ${fact.name} was lost while planting`);
    const name = /_LIMIT|_limit/.exec(line) ? (/\w+_limit/i.exec(line)?.[0] as string) : fact.name;
    return { keys: [name, fact.figure], line: at + 1, depth: at / Math.max(1, lines.length - 1) };
  });
}

function legal(seed: number, characters: number): string {
  const pick = picker(seed);
  const pieces = ['# Agreement', '', '## 1. Definitions', ''];
  let size = 0;
  for (let article = 2; size < characters; article++) {
    const clauses = Array.from(
      { length: pick.between(2, 5) },
      (_, at) =>
        `${article}.${at + 1} The Supplier shall ensure that ${lower(pick)} Notwithstanding the foregoing, ${lower(pick)}`,
    );
    const text = [`## ${article}. Duties of the parties`, '', ...clauses.flatMap((clause) => [clause, ''])];
    pieces.push(...text);
    size += text.join('\n').length;
  }
  return pieces.join('\n');
}

function lower(pick: Picker): string {
  const text = sentence(pick);
  return `${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function config(seed: number, characters: number): string {
  const pick = picker(seed);
  const words = ['cache', 'queue', 'worker', 'client', 'server', 'limit', 'timeout', 'retry', 'proxy', 'index'];
  const lines: string[] = ['version: 3'];
  for (let size = 0, section = 1; size < characters; section++) {
    const piece = [
      `${pick.one(words)}_${section}:`,
      ...Array.from(
        { length: pick.between(4, 9) },
        () =>
          `  ${pick.one(words)}_${pick.one(words)}: ${pick.one(['true', 'false', String(pick.between(1, 900)), 'auto'])}`,
      ),
      `mode_${section}: ${pick.one(['fast', 'safe'])}`,
    ];
    lines.push(...piece);
    size += piece.join('\n').length + 1;
  }
  return lines.join('\n');
}
