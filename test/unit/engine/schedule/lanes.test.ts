import assert from 'node:assert/strict';
import { getLanes } from '../../../../src/engine/schedule/lanes.ts';

describe('parallel requests', () => {
  it('are as many as a server on this machine has slots', () => {
    assert.equal(getLanes({ loopback: true, slots: 6 }, 2, false), 6);
    assert.equal(getLanes({ loopback: true, slots: 1 }, 2, false), 1);
    assert.equal(getLanes({ loopback: true }, 2, false), 2);
  });

  it('are no more than the setting says, and no more than the slots', () => {
    assert.equal(getLanes({ loopback: true, slots: 6 }, 4, true), 4);
    assert.equal(getLanes({ loopback: true, slots: 3 }, 8, true), 3);
    assert.equal(getLanes({ loopback: false, slots: 6 }, 8, false), 6);
    assert.equal(getLanes({ loopback: false, slots: 100 }, 8, false), 8);
  });
});
