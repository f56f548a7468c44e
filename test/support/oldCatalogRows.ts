/** Prints the catalog's rows that should be read again. */
import { listOldRows } from '../../src/providers/catalog.ts';

const rows = listOldRows(new Date());
for (const { row, checked } of rows) console.log(`${checked}  ${row}`);
console.log(rows.length === 0 ? 'Every row was read within the last 90 days.' : `${rows.length} rows to read again.`);
