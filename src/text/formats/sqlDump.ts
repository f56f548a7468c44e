/** Reads SQL dumps: tables with their columns and rows. The text itself is sent to models. */
import type { Words } from '../../engine/source.ts';
import { listed, plural, point, splitLines, type Format } from './format.ts';

interface Table {
  readonly name: string;
  readonly line: number;
  readonly columns: string[];
  rows: number;
}

const maxListed = 60;
const maxColumns = 8;
const created =
  /^\s{0,8}CREATE TABLE (?:IF NOT EXISTS )?((?:[`"[]?[\w$-]{1,80}[`"\]]?\.)?[`"[]?[\w$ -]{1,80}?[`"\]]?)\s?\(/i;
const inserted = /^\s{0,8}INSERT (?:IGNORE )?INTO ((?:[`"[]?[\w$-]{1,80}[`"\]]?\.)?[`"[]?[\w$-]{1,80}[`"\]]?)/i;
const copied = /^COPY ([\w$."-]{1,170})\s/i;
const isCopy = (line: string): boolean => copied.test(line) && / FROM stdin;\s*$/i.test(line.slice(-20));

/** Dumps with `CREATE TABLE`. */
export const sqlDump: Format = {
  id: 'sql-dump',
  accepts: ({ text }) =>
    /^-- (?:MySQL|MariaDB|PostgreSQL|phpMyAdmin|Dump|SQLite)|^PRAGMA foreign_keys|^(?:COPY \S.{0,400} FROM stdin;|INSERT INTO )/m.test(
      text,
    ) && /^\s{0,8}CREATE TABLE /im.test(text),
  read(text) {
    const lines = splitLines(text);
    const tables = new Map<string, Table>();
    let open: Table | undefined;
    let state: 'columns' | 'rows' | 'copy' | undefined;
    let inString = false;
    for (const [i, line] of lines.entries()) {
      if (state === 'copy') {
        if (line === '\\.') state = undefined;
        else if (open) open.rows++;
        continue;
      }
      if (state === undefined) {
        const name = bare(
          (created.exec(line) ?? inserted.exec(line) ?? (isCopy(line) ? copied.exec(line) : undefined))?.[1] ?? '',
        );
        if (name === '') continue;
        state = created.test(line) ? 'columns' : isCopy(line) ? 'copy' : 'rows';
        open = tables.get(name) ?? { name, line: i + 1, columns: [], rows: 0 };
        tables.set(name, open);
        inString = false;
        if (state === 'columns' && !/;\s*$/.test(line)) continue;
      }
      if (state === 'columns') {
        const column = /^\s{1,8}[`"[]?(\w{1,80})[`"\]]?\s+[A-Za-z]/.exec(line)?.[1];
        if (column && !/^(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT|EXCLUDE)$/i.test(column))
          open!.columns.push(column);
        if (/;\s*$/.test(line)) state = undefined;
      } else if (state === 'rows') {
        const values = countRows(inserted.test(line) ? afterValues(line) : line, inString);
        open!.rows += values.rows;
        inString = values.inString;
        if (values.isEnded) state = undefined;
      }
    }
    // a dump that ends within a statement has no certain counts
    if (state !== undefined || tables.size === 0) return undefined;
    const all = [...tables.values()];
    const rows = all.reduce((sum, table) => sum + table.rows, 0);
    return {
      kind: 'code',
      points: [
        point([`Dump of ${plural(all.length, 'table')} with ${plural(rows, 'row')}.`], all[0]!.line, { weight: 10 }),
        ...all
          .toSorted((a, b) => b.rows - a.rows)
          .slice(0, maxListed)
          .map(({ name, line, columns, rows: own }) =>
            point(
              [
                { code: name },
                `: ${plural(own, 'row')}`,
                ...(columns.length > 0
                  ? [
                      ', columns ',
                      ...listed(columns.slice(0, maxColumns).map((column): Words => [{ code: column }])),
                      columns.length > maxColumns ? ', …' : '',
                    ]
                  : []),
              ],
              line,
              { section: 'Tables', weight: 2 },
            ),
          ),
      ],
    };
  },
};

const bare = (name: string): string => name.replace(/[`"[\]]/g, '').trim();

function afterValues(line: string): string {
  const at = /\bVALUES\b/i.exec(line);
  return at ? line.slice(at.index + 6) : '';
}

/** Counts the rows that begin on a line: outermost brackets outside strings. */
function countRows(text: string, startsInString: boolean): { rows: number; inString: boolean; isEnded: boolean } {
  let rows = 0;
  let depth = 0;
  let inString = startsInString;
  let isEnded = false;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (inString) {
      if (sign === '\\') at++;
      else if (sign === "'") inString = false;
    } else if (sign === "'") inString = true;
    else if (sign === '(' && depth++ === 0) rows++;
    else if (sign === ')') depth--;
    else if (sign === ';' && depth <= 0) isEnded = true;
  }
  return { rows, inString, isEnded };
}
