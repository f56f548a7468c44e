import assert from 'node:assert/strict';
import { Ledger, limitTooLow } from '../../../../src/engine/stages/ledger.ts';

const price = { input: 3, output: 15 };

describe('the ledger of a run', () => {
  it('adds the list price, and the server’s own charge where it told one', () => {
    const ledger = new Ledger({ limitUsd: 0, price, mapPrice: price, keepForReduceUsd: 0 });
    ledger.spend('map', { inputTokens: 1000, outputTokens: 100 });
    ledger.count(1);
    assert.equal(ledger.costUsd, 0.0045);
    ledger.spend('map', { inputTokens: 1000, outputTokens: 100, costUsd: 0.0421 });
    ledger.count(2);
    assert.equal(ledger.costUsd?.toFixed(6), '0.046600');
    assert.deepEqual([ledger.calls, ledger.retries, ledger.inputTokens], [2, 1, 2000]);
    assert.equal(ledger.estimated, false);
    ledger.spend('map', { inputTokens: 10, outputTokens: 1, estimated: true });
    assert.equal(ledger.estimated, true);
  });

  it('does not know the cost of an unpriced call', () => {
    const ledger = new Ledger({ limitUsd: 0, keepForReduceUsd: 0 });
    ledger.spend('reduce', { inputTokens: 1000, outputTokens: 100 });
    ledger.count(1);
    assert.equal(ledger.costUsd, undefined);
  });

  it('lets no call start whose worst case could pass the limit', () => {
    const ledger = new Ledger({ limitUsd: 0.01, price, mapPrice: price, keepForReduceUsd: 0 });
    assert.equal(ledger.reserve('reduce', 1000, 400), true);
    assert.equal(ledger.reserve('reduce', 1000, 400), false);
    assert.equal(new Ledger({ limitUsd: 0.0001, price, keepForReduceUsd: 0 }).reserve('reduce', 266, 30), false);
  });

  it('counts what a call writes to the provider’s cache in its worst case', () => {
    const ledger = new Ledger({ limitUsd: 0.0035, price, keepForReduceUsd: 0 });
    assert.equal(ledger.worstCase('reduce', 1000, 0, 1000), 0.00375);
    assert.equal(ledger.reserve('reduce', 1000, 0, 1000), false);
    assert.equal(ledger.reserve('reduce', 1000, 0), true);
  });

  it('keeps the last call’s share while the text is read', () => {
    const ledger = new Ledger({ limitUsd: 0.01, price, mapPrice: price, keepForReduceUsd: 0.008 });
    assert.equal(ledger.reserve('map', 1000, 100), false);
    assert.equal(ledger.reserve('reduce', 1000, 100), true);
  });

  it('holds the limit by what the server charged, without a list price', () => {
    const ledger = new Ledger({ limitUsd: 0.05, keepForReduceUsd: 0 });
    assert.equal(ledger.reserve('map', 8000, 400), true);
    ledger.spend('map', { inputTokens: 8000, outputTokens: 200, costUsd: 0.0421 });
    ledger.count(1);
    assert.equal(ledger.costUsd, 0.0421);
    assert.equal(ledger.reserve('map', 8000, 400), false);
    assert.equal(ledger.reserve('map', 800, 40), true);
  });

  it('names the amount that is needed, rounded up', () => {
    assert.match(limitTooLow(0.0001, 0.001248).message, /\$0\.0001 allows no request.*\$0\.0013/);
    assert.match(limitTooLow(1, undefined).message, /\$1 is reached/);
  });
});
