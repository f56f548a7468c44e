import assert from 'node:assert/strict';
import type { WebviewPanel } from 'vscode';
import type { Panels } from '../../../src/panel/panel.ts';
import { restorePanel } from '../../../src/panel/serializer.ts';
import type { ActiveRun } from '../../../src/runs/activeRun.ts';

const run = (id: string): ActiveRun => ({ id }) as ActiveRun;
const byId = run('by id');
const byTitle = run('by title');

describe('a panel after a reload', () => {
  for (const [what, state, expected] of [
    ['the run of its page', { runId: 'known' }, byId],
    ['the run of its title where the page was not saved', undefined, byTitle],
    ['the run of its title where that of the page was replaced by another', { runId: 'gone' }, byTitle],
  ] as const)
    it(`shows ${what}`, async () => {
      const adopted: unknown[] = [];
      const panels = { adopt: (_: WebviewPanel, shown?: ActiveRun) => adopted.push(shown) } as unknown as Panels;
      const runs = {
        get: (id: string) => Promise.resolve(id === 'known' ? byId : undefined),
        titled: () => Promise.resolve(byTitle),
      };
      const log = { warn: (line: string) => assert.fail(line) };
      await restorePanel(panels, runs, log, { title: 'Précis: a.md' } as WebviewPanel, state);
      assert.deepEqual(adopted, [expected]);
    });
});
