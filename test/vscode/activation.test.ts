import assert from 'node:assert/strict';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as vscode from 'vscode';
import { commandIds } from '../../src/contributions.ts';
import type { PrecisApi } from '../../src/api.ts';
import { figure } from './figure.ts';

const extensionId = 'precis.precis';

function extension(): vscode.Extension<PrecisApi> {
  const found = vscode.extensions.getExtension<PrecisApi>(extensionId);
  assert.ok(found, `${extensionId} is not known to VS Code`);
  return found;
}

describe('activation', () => {
  it('loads its main chunk in a few milliseconds', async () => {
    const main = pathToFileURL(join(extension().extensionPath, 'dist', 'extension.js')).href;
    const times: number[] = [];
    for (let n = 0; n < 7; n += 1) {
      const began = performance.now();
      await import(`${main}?fresh=${n}`);
      times.push(performance.now() - began);
    }
    figure(`loading the main chunk: ${Math.min(...times).toFixed(1)} ms at best of ${times.length}`);
    // The best of several is what the code costs; the others are what else the machine did.
    assert.ok(Math.min(...times) < 30, times.map((ms) => `${ms.toFixed(1)} ms`).join(', '));
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
