import assert from 'node:assert/strict';
import { createRowWriter } from '../../../src/batch/rows.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('rows of a batch as bytes', () => {
  it('are joined, with what a vendor puts around them', () => {
    const writer = createRowWriter(',', 100);
    for (const row of ['{"a":1}', '{"é":"🎉"}', '{}']) assert.ok(writer.add(row));
    assert.equal(writer.count, 3);
    const rows = writer.take();
    assert.equal(rows.count, 3);
    assert.equal(text(rows.within('[', ']')), '[{"a":1},{"é":"🎉"},{}]');
    assert.equal(text(rows.within('{"rows":[', ']}')), '{"rows":[{"a":1},{"é":"🎉"},{}]}', 'also a second time');
  });

  it('take no row that does not fit, and begin anew when they are taken', () => {
    const writer = createRowWriter('\n', 20);
    assert.ok(writer.add('0123456789'));
    assert.ok(!writer.add('éééééé'), 'twelve bytes and a line end');
    assert.equal(text(writer.take().within('', '')), '0123456789');
    assert.ok(writer.add('éééééé'));
    assert.equal(text(writer.take().within('<', '>')), '<éééééé>');
  });

  it('take a first row whatever its size', () => {
    const writer = createRowWriter('\n', 10);
    const long = '語'.repeat(1_000);
    assert.ok(writer.add(long));
    assert.equal(text(writer.take().within('', '\n')), `${long}\n`);
  });
});
