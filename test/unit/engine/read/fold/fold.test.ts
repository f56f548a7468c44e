import assert from 'node:assert/strict';
import type { Kind } from '../../../../../src/engine/source.ts';
import { fold } from '../../../../../src/engine/read/fold/index.ts';
import { buildLog, type LogName, seeded } from './logs.ts';

const yieldToEventLoop = (): Promise<void> => Promise.resolve();

/** Pieces of odd sizes, cut anywhere. */
async function* cut(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) {
    await Promise.resolve();
    yield text.slice(at, at + size);
  }
}

async function checkFolded(kind: Kind, text: string, most: number) {
  const result = await fold(kind, text, yieldToEventLoop);
  assert.ok(result, 'should fold');
  const lines = result.text.split('\n');
  assert.equal(result.sourceLines.length, lines.length, 'one source line for each line');
  assert.equal(result.length, text.length);
  assert.equal(result.lines, text.endsWith('\n') ? text.split('\n').length - 1 : text.split('\n').length);
  assert.ok(
    result.sourceLines.every((line) => line >= 1 && line <= result.lines),
    'source lines inside the text',
  );
  assert.ok(result.text.length <= most * text.length, `${result.text.length} of ${text.length}`);
  const source = text.split('\n');
  const verbatim = new Set(result.sourceLines.filter((line, i) => lines[i] === source[line - 1]));
  const unread = (result.gaps ?? []).reduce((sum, gap) => sum + gap.lines, 0);
  assert.equal(
    result.foldedLines,
    result.lines - verbatim.size - unread,
    'lines that are neither word for word nor a gap are folded',
  );
  const streamed = await fold(kind, cut(text, 1013), yieldToEventLoop);
  assert.deepEqual(streamed, result, 'pieces change nothing');
  return { result, lines };
}

describe('A folded log', () => {
  for (const name of ['hdfs', 'nginx', 'app'] as LogName[]) {
    it(`keeps every planted record, number and word of a ${name} log at its line`, async () => {
      const log = buildLog(name, 200_000, 5, 11);
      const { result, lines } = await checkFolded('log', log.lines.join('\n'), 0.25);
      for (const { kind, needle, line } of log.planted) {
        assert.ok(
          lines.some((text, i) => text.includes(needle) && result.sourceLines[i] === line),
          `${kind} ${needle} of line ${line}`,
        );
      }
    });
  }

  it('counts exactly', async () => {
    const lines = Array.from(
      { length: 3000 },
      (_, i) =>
        `2025-01-01 10:${String(Math.floor(i / 100)).padStart(2, '0')}:00 INFO job ${i} ${i % 3 === 0 ? 'started' : 'ended'} in ${i % 7} s`,
    );
    lines[1500] = '2025-01-01 10:15:00 ERROR disk full on /dev/sda1';
    const { result } = await checkFolded('log', lines.join('\n'), 0.1);
    assert.match(result.text, /2,999× in lines 1 to 3000/);
    assert.match(result.text, /ended 2,000×, started 999×/);
    assert.match(result.text, /error 1, info 2,999/);
    assert.match(result.facts, /^3,000 lines, 3,000 records of 2 kinds/);
  });

  it('tells equal stack traces once, with their number, and a single one in full', async () => {
    const lines: string[] = [];
    const trace = (name: string): string[] => [
      `ERROR request failed`,
      `java.lang.${name}: no`.replace(/^/, '  '),
      '\tat a.B.c(B.java:10)',
      'Caused by: x.Y: z',
      '\t... 3 more',
    ];
    for (let i = 0; i < 200; i++) lines.push(...trace('StateException'), `INFO served ${i} requests in time`);
    lines.splice(600, 0, ...trace('RareException'));
    const { result } = await checkFolded('log', `${lines.join('\n')}\n`, 0.6);
    assert.match(result.text, /200 times, last from line/);
    assert.match(result.text, /once:\nERROR request failed\n {2}java\.lang\.RareException: no\n\tat a\.B\.c/);
  });

  it('is not made of a short text, nor of one whose lines are all different', async () => {
    assert.equal(await fold('log', 'a 1\n'.repeat(100), yieldToEventLoop), undefined);
    const random = seeded(5);
    const word = (): string =>
      Array.from({ length: 6 }, () => String.fromCharCode(97 + Math.floor(random() * 26))).join('');
    const text = Array.from({ length: 3000 }, () =>
      Array.from({ length: 3 + Math.floor(random() * 20) }, word).join(' '),
    ).join('\n');
    assert.equal(await fold('log', text, yieldToEventLoop), undefined);
  });

  it('keeps its time and counts what it has no room for when half of the lines are new prose', async () => {
    const random = seeded(6);
    const words = Array.from(
      { length: 3000 },
      (_, i) => `w${String.fromCharCode(97 + (i % 26))}${i.toString(36).replaceAll(/\d/g, 'x')}`,
    );
    const prose = (): string => Array.from({ length: 9 }, () => words[Math.floor(random() * words.length)]).join(' ');
    const lines = Array.from({ length: 12_000 }, (_, i) =>
      i < 4000 || i % 2 === 0 ? `INFO job ${i} done in ${i % 90} ms` : `INFO note ${prose()}`,
    );
    lines[11_001] = 'INFO note the backup of the night failed and nobody saw it until morning';
    const result = await fold('log', lines.join('\n'), yieldToEventLoop);
    assert.ok(result);
    assert.match(result.text, /8,000× in lines 1 to 11999/);
    const unread = (result.gaps ?? []).reduce((sum, gap) => sum + gap.lines, 0);
    assert.ok(unread > 1000 && unread + result.foldedLines < 12_000);
    assert.ok(result.text.includes('the backup of the night failed'));
  });

  it('stays bounded when every line is long and new', async () => {
    const result = await fold('log', cut(`${'x'.repeat(60_000)} 1\n`.repeat(260), 50_000), yieldToEventLoop);
    assert.ok(result && result.text.length < 50_000);
    assert.match(result.text, /260 lines were longer than 16,384 characters/);
  });
});

interface Row {
  readonly id: number;
  readonly city: string;
  readonly price: number;
  readonly note: string;
}
function buildRows(count: number): Row[] {
  const random = seeded(3);
  const rows = Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    city: ['Berlin', 'Paris', 'Rome', 'Oslo'][Math.floor(random() * 4)] as string,
    price: Math.round(random() * 10_000) / 100,
    note: random() < 0.1 ? '' : 'fine',
  }));
  rows[700] = { id: 701, city: 'Atlantis', price: 5, note: 'fine' };
  rows[900] = { id: 901, city: 'Rome', price: 987_654.32, note: 'first\nsecond, "third"' };
  return rows;
}
const quoted = (value: unknown): string =>
  /[",\n]/.test(String(value)) ? `"${String(value).replaceAll('"', '""')}"` : String(value);

describe('A folded table', () => {
  const rows = buildRows(3000);

  it('of CSV tells columns exactly, and odd rows by line, also with quoted line breaks', async () => {
    const text = `id,city,price,note\n${rows.map((row) => Object.values(row).map(quoted).join(',')).join('\n')}\n`;
    const { result, lines } = await checkFolded('table', text, 0.08);
    const empty = rows.filter((row) => row.note === '').length;
    const rome = rows.filter((row) => row.city === 'Rome').length.toLocaleString('en-US');
    assert.match(result.text, new RegExp(`note: text ${(3000 - empty).toLocaleString('en-US')}, empty ${empty}`));
    assert.match(result.text, new RegExp(`Rome ${rome}×`));
    assert.match(result.facts, /^3,000 rows, 4 columns/);
    const rare = lines.findIndex((line) => line.includes('rare, line 702: Atlantis'));
    assert.equal(result.sourceLines[rare], 702);
    assert.match(result.text, /highest, line 902: 987654\.32/);
    assert.ok(result.text.includes('901,Rome,987654.32,"first\nsecond, ""third"""'));
    assert.ok(result.text.includes('701,Atlantis,5,fine'));
  });

  it('of JSON lines tells paths, and texts that follow a pattern', async () => {
    const text = rows
      .map((row) =>
        JSON.stringify({
          ...row,
          at: { zip: row.id % 90, geo: [row.price] },
          message: `order ${row.id} shipped to ${row.city} for ${row.price} euros`,
        }),
      )
      .join('\n');
    const { result } = await checkFolded('json', text, 0.1);
    assert.match(result.text, /at\.zip: number; 90 different/);
    assert.match(result.text, /3,000× like: order … shipped to … for … euros/);
    assert.match(result.text, /rare, line 701: shipped to Atlantis/);
  });

  it('of a JSON document keeps what stands around the rows', async () => {
    const text = JSON.stringify({ type: 'orders', version: 3, items: rows.slice(0, 1200), total: 1200 }, null, 2);
    const { result } = await checkFolded('json', text, 0.1);
    for (const piece of [
      '"type": "orders"',
      '"items": [… 1200 rows …]',
      '"total": 1200',
      'items[].city: string; 5 different',
      'Atlantis',
      '987654.32',
    ])
      assert.ok(result.text.includes(piece), piece);
  });

  it('is not made where a column is free text', async () => {
    const random = seeded(9);
    const words =
      'the a market rises falls when people think about river stone house blue green quick every none where tall short over'.split(
        ' ',
      );
    const text = rows
      .map(
        (row) => `${row.id},${Array.from({ length: 20 }, () => words[Math.floor(random() * words.length)]).join(' ')}`,
      )
      .join('\n');
    assert.equal(await fold('table', `id,review\n${text}`, yieldToEventLoop), undefined);
    const chinese = rows
      .map(
        (row) =>
          `${row.id},${Array.from({ length: 30 }, () => String.fromCharCode(0x4e00 + Math.floor(random() * 3000))).join('')}`,
      )
      .join('\n');
    assert.equal(await fold('table', `id,review\n${chinese}`, yieldToEventLoop), undefined);
  });
});
