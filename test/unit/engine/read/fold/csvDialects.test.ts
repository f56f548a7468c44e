import assert from 'node:assert/strict';
import { addDate, findDates, createDateRanges } from '../../../../../src/engine/read/fold/dates.ts';
import { numberForms } from '../../../../../src/engine/read/fold/numberForms.ts';
import { digestTable } from '../../../../../src/engine/read/fold/table.ts';
import { route } from '../../../../../src/engine/read/detectKind.ts';

const atOnce = async () => {};
const rows = Array.from(
  { length: 40 },
  (_, i) => `${String((i % 28) + 1).padStart(2, '0')}.10.2026;Ulm;1.${String(600 + i)},70;${20 + (i % 9)},4`,
);
rows[20] = '17.05.2026;Ulm;-48.250,75;-92,4';
const german = ['Datum;Filiale;Umsatz;Marge', ...rows].join('\r\n');

async function digest(text: string): Promise<string> {
  assert.equal(route({ title: 'sales.csv', text }), 'table');
  const result = await digestTable('table', text, atOnce);
  assert.ok(result);
  return result.text;
}
const numbers = (cells: readonly string[], delimiter = ';'): number[] => cells.map(numberForms([cells], delimiter)[0]!);
function dates(...cells: readonly string[]): string {
  const ranges = createDateRanges();
  for (const cell of cells) addDate(ranges, cell);
  const found = findDates(ranges, cells.length);
  return found ? `dates from ${found.first} to ${found.last}` : '';
}

describe('tables as spreadsheets write them', () => {
  it('decimal commas give numbers with range, mean, quartiles and outliers', async () => {
    const text = await digest(german);
    assert.match(text, /Umsatz: number; .*-48\.250,75 \(line 22\) to 1\.639,70.*mean 373\.\d+; quartiles 1,609\.7/);
    assert.match(text, /Marge: number; .*-92,4 \(line 22\) to 28,4/);
    assert.match(text, /lowest, line 22: -48\.250,75/);
    assert.match(text, /Datum: text; dates from 17\.05\.2026 to 28\.10\.2026/);
  });

  it('a header whose index or last column has no name is no row', async () => {
    const body = Array.from({ length: 9 }, (_, i) => `${i},${i * 3},Ulm`);
    assert.match(await digest([',price,city', ...body].join('\n')), /^Table of 9 rows and 3 columns/);
    const ended = ['id,price,city,', ...body.map((row) => `${row},`)].join('\n');
    assert.match(await digest(ended), /^Table of 9 rows and 4 columns/);
  });

  it('the first line `sep=;` is the dialect, not a row', async () => {
    for (const mark of ['sep=;', '\ufeffsep=;', '"sep=;"']) {
      const text = await digest(`${mark}\r\n${german}`);
      assert.match(text, /^Table of 40 rows and 4 columns/);
      assert.match(text, /lowest, line 23: -48\.250,75/);
    }
  });

  it('line ends in quoted cells belong to the cell', async () => {
    const text = await digest(`a,b,c\n${Array.from({ length: 30 }, (_, i) => `${i},"x\ny",z`).join('\n')}\n`);
    assert.match(text, /^Table of 30 rows and 3 columns/);
  });

  it('numbers are read in the form that their column shows', () => {
    assert.deepEqual(numbers(['1.674,70', '28,4', '3']), [1674.7, 28.4, 3]);
    assert.deepEqual(numbers(['1,674.70', '28.4', '12,000,000'], ','), [1674.7, 28.4, 12_000_000]);
    assert.deepEqual(numbers(['1,674', '12,480'], ','), [1674, 12_480]);
    assert.deepEqual(numbers(['1\u00a0674,70', '2\u202f000,5']), [1674.7, 2000.5]);
    assert.deepEqual(numbers(['1.674,70 €', '−3,50 €']), [1674.7, -3.5]);
    assert.deepEqual(numbers(['1.674', '2.500']), [1.674, 2.5]);
  });

  it('numbers whose form is not clear are no numbers', () => {
    assert.ok(numbers(['1.674,70', '1,674.70']).every(Number.isNaN));
    assert.ok(numbers(['1,674', '12,480']).every(Number.isNaN));
  });

  it('dates have a range only where day and month can be told apart', () => {
    assert.equal(dates('2026-01-02', '2025-12-31T10:00:00Z'), 'dates from 2025-12-31T10:00:00Z to 2026-01-02');
    assert.equal(dates('10/31/2026', '2/1/2026'), 'dates from 2/1/2026 to 10/31/2026');
    assert.equal(dates('31/10/2026', '1/2/2026'), 'dates from 1/2/2026 to 31/10/2026');
    assert.equal(dates('1/2/2026', '3/4/2026'), '');
    assert.equal(dates('31/10/2026', '10/31/2026'), '');
    assert.equal(dates('31.02.2026'), '');
    assert.equal(dates('2026-01-02', 'n/a'), '');
  });
});
