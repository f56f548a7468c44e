import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions.ts';
import type { PrecisApi } from '../../src/api.ts';

const extensionId = 'precis.precis';

function extension(): vscode.Extension<PrecisApi> {
  const found = vscode.extensions.getExtension<PrecisApi>(extensionId);
  assert.ok(found, `${extensionId} is not known to VS Code`);
  return found;
}

describe('activation', () => {
  it('takes little of the processor, loading included', async function () {
    const found = extension();
    if (found.isActive) this.skip();
    const before = process.cpuUsage();
    const began = performance.now();
    await found.activate();
    const wallMs = performance.now() - began;
    const { user, system } = process.cpuUsage(before);
    const cpuMs = (user + system) / 1000;
    console.log(`activation: ${wallMs.toFixed(1)} ms, ${cpuMs.toFixed(1)} ms of the processor`);
    // The host's own threads count too; what an SDK or a tokenizer would add is several times this.
    assert.ok(cpuMs < 120, `${cpuMs.toFixed(0)} ms of the processor in ${wallMs.toFixed(0)} ms`);
  });

  it('activates and returns version 1 of the API', async () => {
    const api = await extension().activate();
    assert.equal(api.version, 1);
    assert.equal(typeof api.summarize, 'function');
  });

  it('registers every contributed command', async () => {
    await extension().activate();
    const known = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      commandIds.filter((id) => !known.has(id)),
      [],
    );
  });

  it('summarizes a short text offline without asking anything', async () => {
    const api = await extension().activate();
    const deltas: string[] = [];
    const result = await api.summarize(
      {
        text: 'The lamp was lit at six. The keeper wrote down the wind. At nine the fog came in from the west.',
        title: 'log',
      },
      { provider: 'offline' },
      undefined,
      (event) => {
        if (event.type === 'restart') deltas.length = 0;
        if (event.type === 'delta') deltas.push(event.text);
      },
    );
    assert.equal(result.status, 'complete');
    assert.equal(result.strategy, 'offline');
    assert.ok(result.markdown.length > 0);
    assert.equal(deltas.join(''), result.markdown);
  });
});
