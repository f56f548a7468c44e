import * as vscode from 'vscode';
import type { SourceSymbol } from '../../engine/source.ts';

/** Maximum wait for a language server, ms; starting one may take minutes. */
const maxMs = 250;
/** Languages whose lines show their structure. */
const without = new Set([
  'plaintext',
  'markdown',
  'log',
  'diff',
  'csv',
  'tsv',
  'json',
  'jsonc',
  'jsonl',
  'yaml',
  'toml',
  'ini',
  'properties',
  'html',
  'xml',
  'latex',
  'restructuredtext',
]);
const most = 5_000;

/** Undefined if the language's extension reports no symbols in time. */
export async function readDocumentSymbols({
  uri,
  languageId,
}: vscode.TextDocument): Promise<readonly SourceSymbol[] | undefined> {
  if (without.has(languageId)) return undefined;
  const asked = vscode.commands.executeCommand<(vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined>(
    'vscode.executeDocumentSymbolProvider',
    uri,
  );
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => (timer = setTimeout(() => resolve(undefined), maxMs)));
  try {
    const found = await Promise.race([Promise.resolve(asked).catch(() => undefined), late]);
    return found?.length ? flatten(found) : undefined;
  } finally {
    clearTimeout(timer);
  }
}

function flatten(symbols: readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[]): SourceSymbol[] {
  const out: SourceSymbol[] = [];
  const visit = (symbol: vscode.DocumentSymbol | vscode.SymbolInformation, depth: number): void => {
    if (out.length >= most) return;
    const range = 'location' in symbol ? symbol.location.range : symbol.range;
    out.push({ name: symbol.name, line: range.start.line + 1, endLine: range.end.line + 1, depth });
    if ('children' in symbol) for (const child of symbol.children) visit(child, depth + 1);
  };
  for (const symbol of symbols) visit(symbol, 0);
  return out.sort((a, b) => a.line - b.line || a.depth - b.depth);
}
