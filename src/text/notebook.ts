import { keepLastStates, readOutputs, type OutputItem } from './notebookText.ts';
import { alignLines } from './sourceLines.ts';
import type { ReadText } from './readText.ts';

type Lines = string | readonly string[];
interface Output {
  readonly output_type?: string;
  readonly name?: string;
  readonly text?: Lines;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly ename?: string;
  readonly evalue?: string;
  readonly traceback?: readonly string[];
}
interface Cell {
  readonly cell_type?: string;
  readonly source?: Lines;
  /** Name of `source` before version 4. */
  readonly input?: Lines;
  readonly outputs?: readonly Output[];
}
interface Notebook {
  readonly cells?: readonly Cell[];
  readonly worksheets?: readonly { readonly cells?: readonly Cell[] }[];
  readonly metadata?: {
    readonly kernelspec?: { readonly language?: string };
    readonly language_info?: { readonly name?: string };
  };
}

/** Whether a text is a notebook's JSON. */
export const isNotebook = (text: string): boolean =>
  /^\s*\{/.test(text) && /"nbformat"\s*:\s*\d/.test(text) && /"cell_type"\s*:/.test(text);

/**
 * Returns cells and outputs as Markdown.
 * @throws if it is no notebook
 */
export function readNotebook(json: string): ReadText {
  const notebook = JSON.parse(json) as Notebook;
  const cells = notebook.cells ?? notebook.worksheets?.flatMap((sheet) => sheet.cells ?? []);
  if (!Array.isArray(cells)) throw new Error('not a notebook');
  const language = notebook.metadata?.language_info?.name ?? notebook.metadata?.kernelspec?.language ?? '';
  const file = json.split('\n');
  const starts = findCellStarts(file, cells.length);
  const text: string[] = [];
  const lines: number[] = [];
  (cells as readonly Cell[]).forEach((cell, i) => {
    const own = [...readCell(cell, i + 1, language), ''];
    text.push(...own);
    lines.push(...alignLines(own, file, starts[i]!, (starts[i + 1] ?? file.length + 1) - 1, spelled));
  });
  return { text: text.join('\n'), lines, languageId: 'markdown' };
}

const spelled = (line: string): string => JSON.stringify(line).slice(1, -1);

/** First line of each cell; 1 for all if the file has an unusual layout. */
function findCellStarts(file: readonly string[], count: number): number[] {
  const starts = file.flatMap((line, i) => (/^\s*"cell_type"\s*:/.test(line) ? [i + 1] : []));
  return starts.length === count ? starts : new Array<number>(count).fill(1);
}

const joined = (lines: Lines | undefined): string =>
  typeof lines === 'string' ? lines : Array.isArray(lines) ? lines.join('') : '';

function readCell(cell: Cell, number: number, language: string): string[] {
  const source = joined(cell.source ?? cell.input).trimEnd();
  if (cell.cell_type !== 'code') return source.split('\n');
  const out = source === '' ? [] : ['```' + language, ...source.split('\n'), '```', ''];
  const outputs = cell.outputs ?? [];
  const printed = readOutputs(outputs.filter(({ ename }) => ename === undefined).map(listItems)).trim();
  if (printed !== '') out.push(`Output of cell ${number}:`, '', ...printed.split('\n'), '');
  for (const { ename, evalue, traceback } of outputs) {
    if (ename === undefined) continue;
    out.push(`Cell ${number} failed with ${ename}: ${evalue ?? ''}`.trimEnd(), '');
    const trace = withoutColours((traceback ?? []).join('\n')).split('\n');
    if (trace.length > 1) out.push('```', ...trace, '```', '');
  }
  return out;
}

const withoutColours = (text: string): string => text.replace(/\u001b\[[0-9;]*m/g, '');

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** As VS Code provides them. */
function listItems(output: Output): OutputItem[] {
  if (output.output_type === 'stream')
    return [{ mime: 'application/vnd.code.notebook.stdout', data: bytes(keepLastStates(joined(output.text))) }];
  // before version 4 these have short names
  const data = output.data ?? (output.text === undefined ? {} : { 'text/plain': output.text });
  return Object.entries(data).map(([mime, value]) => ({
    mime,
    data: bytes(typeof value === 'string' || Array.isArray(value) ? joined(value as Lines) : JSON.stringify(value)),
  }));
}
