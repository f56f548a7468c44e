import assert from 'node:assert/strict';
import { createLog, endLog, readLogLine } from '../../../../../src/engine/read/fold/log/log.ts';
import { maskText } from '../../../../../src/engine/read/fold/scan.ts';
import { addValue, createStats } from '../../../../../src/engine/read/fold/stats.ts';

/** Number of kinds that the messages of a syslog fall into. */
function countKinds(messages: readonly string[]): number {
  const log = createLog();
  const lines = messages.map((message, i) => `Jun 14 15:16:${10 + (i % 50)} host ftpd[${i}]: ${message}`);
  lines.forEach((line, i) => readLogLine(log, line, i + 1));
  endLog(log);
  return log.miner.templates.length;
}

describe('Mining of messages', () => {
  it('takes a date inside a message as values, and other words of that look as words', () => {
    const values: string[] = [];
    assert.equal(maskText('at Fri Jun 17 07:07:00 2005', values), 'at \u0001 \u0001 \u0001 \u0001 \u0001');
    assert.deepEqual(values, ['Fri', 'Jun', '17', '07:07:00', '2005']);
    assert.equal(maskText('Sun sets, May 2 users, Mar', values), 'Sun sets, May \u0001 users, Mar');
    const kinds = countKinds(
      ['Fri Jun 17 07:07:00 2005', 'Sat Jul  9 22:53:19 2005', 'Sun Jul 10 03:55:15 2005'].flatMap((date, i) => [
        `connection from 10.0.0.${i} () at ${date}`,
        `connection from 10.0.1.${i} (host${i}.example.org) at ${date}`,
      ]),
    );
    assert.equal(kinds, 1);
  });

  it('does not tell messages apart by spaces that align them, or by a qualified name before them', () => {
    assert.equal(countKinds(['Invalid user  guest from 10.0.0.1', 'Invalid user admin from 10.0.0.2']), 1);
    const run = 'scheduler told me to run this job but its start is not yet';
    assert.equal(
      countKinds([`com.example.a.beat: ${run}`, `com.example.b.scan: ${run}`, `org.other.c.sync: ${run}`]),
      1,
    );
  });

  it('counts values that come back as it counted them first', () => {
    const stats = createStats();
    for (const [i, value] of ['7', 'a-b', '7', '12', 'a-b', 'a-b'].entries()) addValue(stats, value, i + 1, 8);
    assert.deepEqual([stats.n, stats.numbers, stats.sum], [6, 3, 26]);
    assert.deepEqual(
      [...stats.distinct!].map(([text, { count }]) => [text, count]),
      [
        ['7', 2],
        ['a-b', 3],
        ['12', 1],
      ],
    );
    assert.deepEqual(
      [...stats.shapes!.values()].map(({ count }) => count),
      [3],
    );
  });
});
