import assert from 'node:assert/strict';
import { extractDocument, readStored } from '../../../src/text/documents.ts';
import { keepLastStates } from '../../../src/text/notebookText.ts';
import { mapLines } from '../../../src/text/sourceLines.ts';

const picture = 'iVBORw0KGgo'.repeat(500);
const notebook = {
  cells: [
    { cell_type: 'markdown', metadata: {}, source: ['# Gauge\n', 'K3 against the reference.'] },
    {
      cell_type: 'code',
      metadata: {},
      source: ['df.plot()'],
      outputs: [
        {
          output_type: 'display_data',
          data: { 'image/png': picture, 'text/plain': ['<Figure size 640x480 with 1 Axes>'] },
        },
      ],
    },
    {
      cell_type: 'code',
      metadata: {},
      source: ['fit(df)'],
      outputs: [
        { output_type: 'stream', name: 'stderr', text: ['epoch 1: 10%\r', 'epoch 1: 100%\n'] },
        {
          output_type: 'error',
          ename: 'ValueError',
          evalue: "singular matrix in column 'drift'",
          traceback: ["\u001b[0;31mValueError\u001b[0m: singular matrix in column 'drift'"],
        },
      ],
    },
    { cell_type: 'markdown', metadata: {}, source: ['**Conclusion**: "K3" reads 4 cm too high.'] },
  ],
  metadata: { kernelspec: { language: 'python' } },
  nbformat: 4,
  nbformat_minor: 5,
};
const json = JSON.stringify(notebook, undefined, 1);

describe('notebooks from their files', () => {
  it('give cells, printed outputs and errors; pictures are named', async () => {
    const read = await readStored(json);
    assert.ok(read);
    assert.equal(read.languageId, 'markdown');
    assert.ok(!read.text.includes(picture.slice(0, 40)));
    for (const told of [
      'K3 against the reference.',
      '```python\nfit(df)\n```',
      '(image/png)',
      'epoch 1: 100%',
      "Cell 3 failed with ValueError: singular matrix in column 'drift'",
      '**Conclusion**',
    ])
      assert.ok(read.text.includes(told), told);
    assert.ok(!read.text.includes('10%'));
  });

  it('lead each line to the line of the file that holds it', async () => {
    const read = await readStored(json);
    assert.ok(read?.lines);
    const file = json.split('\n');
    const lines = read.text.split('\n');
    for (const told of ['K3 against the reference.', 'fit(df)', '**Conclusion**: "K3" reads 4 cm too high.']) {
      const at = read.lines[lines.indexOf(told)]!;
      assert.ok(file[at - 1]!.includes(JSON.stringify(told).slice(1, -1)), `${told} at ${at}`);
    }
    const places = mapLines('file:///a.ipynb', read.lines);
    assert.ok(places.every(({ startLine }) => startLine >= 1 && startLine <= file.length));
  });

  it('are read before version 4 too, and in one line', async () => {
    const old = { nbformat: 3, worksheets: [{ cells: [{ cell_type: 'code', input: ['x = 1'], outputs: [] }] }] };
    assert.match((await readStored(JSON.stringify(old)))!.text, /x = 1/);
  });

  it('that are damaged are told so', async () => {
    assert.deepEqual(await extractDocument('notebook', new TextEncoder().encode('{"cells": [')), {
      reason: 'damaged',
    });
    assert.equal(await readStored('{"a": 1}'), undefined);
  });

  it('keep of a progress bar its last state, in the form of VS Code too', () => {
    assert.equal(keepLastStates('epoch 1: 10%\repoch 1: 100%\n'), 'epoch 1: 100%\n');
    assert.equal(keepLastStates('epoch 1: 10%\r\nepoch 1: 100%\n'), 'epoch 1: 100%\n');
    assert.equal(
      keepLastStates(' 10%|█   | 1/10 [00:01]\r\n 20%|██  | 2/10 [00:02]\r\ndone\r\n'),
      ' 20%|██  | 2/10 [00:02]\ndone\n',
    );
    assert.equal(keepLastStates('first\r\nsecond\r\n'), 'first\nsecond\n');
  });
});
