import assert from 'node:assert/strict';
import { estimateTokens, countTokenUnits } from '../../../src/engine/tokens.ts';
import * as corpus from '../../support/corpus.ts';

const size = 12_000;

/** `exact`: what `o200k_base` counts for the text, asked once from js-tiktoken. */
function checkWithin(share: number, text: string, exact: number): void {
  const ratio = estimateTokens(text) / exact;
  assert.ok(Math.abs(ratio - 1) <= share, `estimate is ${ratio.toFixed(3)} of ${exact}: ${text.slice(0, 40)}`);
}

describe('estimateTokens', () => {
  it('is near the exact count of prose, markdown, logs, tables and JSON', () => {
    checkWithin(0.1, corpus.prose(1, size), 2468);
    checkWithin(0.1, corpus.markdown(1, size), 2816);
    checkWithin(0.1, corpus.log(1, size), 4777);
    checkWithin(0.1, corpus.csv(1, size), 5385);
    checkWithin(0.1, corpus.json(1, size), 4813);
    checkWithin(0.1, corpus.jsonLines(1, size), 3571);
  });
  it('is near the exact count of code', () => {
    checkWithin(0.1, corpus.code(1, size, 'typescript'), 3589);
    checkWithin(0.1, corpus.code(1, size, 'python'), 2937);
    checkWithin(0.1, corpus.code(1, size, 'go'), 3702);
    checkWithin(0.1, corpus.code(1, size, 'java'), 2559);
    checkWithin(0.1, corpus.code(1, size, 'c'), 3100);
  });
  it('is not far from the exact count of single sentences in other languages', () => {
    checkWithin(
      0.25,
      'Die Straße zum Hafen war am frühen Morgen noch leer, weil die Arbeiter später kamen. '.repeat(20),
      361,
    );
    checkWithin(
      0.25,
      'Рабочие пришли в порт позже, поэтому дорога утром была пустой, и никто не заметил корабль. '.repeat(20),
      501,
    );
    checkWithin(0.25, '港口的工人今天早上来得比平时晚，所以道路上没有人注意到那艘船。'.repeat(20), 520);
    checkWithin(0.25, '港の労働者は今朝いつもより遅く来たので、道路では誰もその船に気づかなかった。'.repeat(20), 620);
    checkWithin(0.25, '항구의 노동자들이 오늘 아침 평소보다 늦게 와서 아무도 그 배를 보지 못했다. '.repeat(20), 541);
  });
  it('is near the exact count of base64 and hexadecimal text', () => {
    const pick = corpus.picker(3);
    const bytes = Uint8Array.from({ length: 6000 }, () => pick.whole(256));
    checkWithin(0.1, Buffer.from(bytes).toString('base64'), 5488);
    checkWithin(0.1, Buffer.from(bytes).toString('hex'), 6825);
  });

  it('is the sum over lines', () => {
    const text = corpus.markdown(2, size);
    const lines = text.split(/(?<=\n)/);
    assert.equal(
      countTokenUnits(text),
      lines.reduce((sum, line) => sum + countTokenUnits(line), 0),
    );
  });
  it('is 0 for an empty text only', () => {
    assert.equal(estimateTokens(''), 0);
    assert.ok(estimateTokens('a') >= 1 && estimateTokens('\n') >= 1);
  });
  it('does not change: chunk boundaries hang on it', () => {
    const all = [
      corpus.prose(1, size),
      corpus.code(1, size),
      corpus.log(1, size),
      corpus.json(1, size),
      corpus.chinese(1, size),
    ];
    assert.deepEqual(
      all.map((text) => countTokenUnits(text)),
      [158269, 217755, 306703, 299343, 687933],
    );
  });
});
