/** Finds secrets by their structure: values of a Kubernetes `Secret`, columns of an SQL `INSERT`. */
import type { Finding } from './patternChecks.ts';
import { findStrength } from './secretWords.ts';
import { isSecretValue } from './secretValues.ts';

/** Finds secrets in Kubernetes manifests and SQL inserts. */
export function findInRecords(text: string): Finding[] {
  return [...findInManifests(text), ...findInInserts(text)];
}

const kind = /(?:^|[\s{,"'+>|])kind["']?[ \t]{0,4}:[ \t]{0,4}["']?(?:Sealed)?Secret["']?(?=[\s,}"']|$)/g;
/** Maximum distance between a manifest's kind and its data. */
const maxManifest = 16_000;
const dataBlock = /(?<=^|[\s{,"'+>|])(?:data|stringData)["']?[ \t]{0,4}:(?=[ \t]{0,4}(?:\{|#|\r?\n))/g;
const entry = /[\s{,+>|]{0,80}["']?[\w.-]{1,253}["']?[ \t]{0,4}:[ \t]{0,4}/y;
const entryValue = /"(?<a>[^"\r\n]{1,20000})"|'(?<b>[^'\r\n]{1,20000})'|(?<c>[^\s,{}"'|>][^\s,}]{0,20000})/y;

function findInManifests(text: string): Finding[] {
  const findings: Finding[] = [];
  if (!text.includes('Secret')) return findings;
  kind.lastIndex = 0;
  for (let match = kind.exec(text); match; match = kind.exec(text)) {
    const before = text.slice(Math.max(0, match.index - maxManifest), match.index);
    const after = text.slice(match.index, match.index + maxManifest);
    const from = match.index - before.length + Math.max(0, before.lastIndexOf('\n---') + 1);
    const end = after.indexOf('\n---');
    findInData(text.slice(from, match.index + (end < 0 ? after.length : end)), from, findings);
  }
  return findings;
}

function findInData(manifest: string, offset: number, findings: Finding[]): void {
  dataBlock.lastIndex = 0;
  for (let block = dataBlock.exec(manifest); block; block = dataBlock.exec(manifest)) {
    const column = columnOf(manifest, block.index);
    for (let at = dataBlock.lastIndex; ;) {
      entry.lastIndex = at;
      const found = entry.exec(manifest);
      if (!found) break;
      const name = manifest.slice(at, entry.lastIndex).search(/[\w.-]/) + at;
      // YAML entries are indented deeper than `data`; JSON may be on one line
      if (manifest.slice(at, name).includes('\n') && columnOf(manifest, name) <= column) break;
      entryValue.lastIndex = entry.lastIndex;
      const value = entryValue.exec(manifest);
      if (!value) break;
      const { a, b, c } = value.groups ?? {};
      const secret = a ?? b ?? c ?? '';
      const start = value.index + (c === undefined ? 1 : 0);
      if (!/^(?:\{\{|\$\{|<)/.test(secret))
        findings.push({ start: offset + start, end: offset + start + secret.length });
      at = entryValue.lastIndex;
    }
  }
}

function columnOf(text: string, index: number): number {
  return index - text.lastIndexOf('\n', index - 1) - 1;
}

const insert =
  /\b(?:INSERT|REPLACE)[ \t]{1,4}(?:IGNORE[ \t]{1,4})?INTO[ \t]{1,4}[\w."`[\]]{1,100}\s{0,4}\((?<columns>[^()]{1,2000})\)\s{0,8}VALUES?\s{0,8}/gi;
const row = /,?\s{0,80}\(/y;
const sqlValue =
  /\s{0,8}(?:[NE]?'(?<text>(?:[^'\\\r\n]|''|\\.){0,2000})'|"(?<text2>[^"\r\n]{0,2000})"|[^,()'"]{0,200}(?:\([^()]{0,200}\))?[^,()'"]{0,40})\s{0,8}/y;
const maxRows = 10_000;

function findInInserts(text: string): Finding[] {
  const findings: Finding[] = [];
  if (!text.includes('INTO ') && !text.includes('into ')) return findings;
  insert.lastIndex = 0;
  for (let match = insert.exec(text); match; match = insert.exec(text)) {
    const columns = match.groups!['columns']!.split(',').map((name) => findStrength(name.replace(/["'`[\]\s]/g, '')));
    if (!columns.some(Boolean)) continue;
    let at = insert.lastIndex;
    for (let rows = 0; rows < maxRows; rows++) {
      row.lastIndex = at;
      if (!row.test(text)) break;
      at = readRow(text, row.lastIndex, columns, findings);
    }
    insert.lastIndex = Math.max(insert.lastIndex, at);
  }
  return findings;
}

function readRow(
  text: string,
  from: number,
  columns: readonly ReturnType<typeof findStrength>[],
  findings: Finding[],
): number {
  let at = from;
  for (const strength of columns) {
    sqlValue.lastIndex = at;
    const match = sqlValue.exec(text);
    if (!match) return at;
    const value = match.groups?.['text'] ?? match.groups?.['text2'];
    const start = match.index + match[0].search(/["']/) + 1;
    const context = { name: '', strength: strength ?? 'secret', quoted: true, loud: true, strict: false } as const;
    if (strength && value !== undefined && isSecretValue(value, context))
      findings.push({ start, end: start + value.length });
    at = sqlValue.lastIndex;
    if (text[at] !== ',') break;
    at++;
  }
  return text[at] === ')' ? at + 1 : at;
}
