import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { JobRecord, PartRecord } from '../../src/batch/job.ts';
import { createNodes } from '../../src/commands/batchNodes.ts';

const part = (n: number, more: Partial<PartRecord> = {}): PartRecord => ({
  key: `precis-a-${n}`,
  rows: 1_000,
  since: 0,
  state: 'running',
  refs: [],
  done: 0,
  failed: 0,
  ...more,
});
const collected = (kept: number): NonNullable<PartRecord['collected']> => ({
  kept,
  failed: 1_000 - kept,
  expired: 0,
  cancelled: 0,
  refused: 0,
  skipped: 0,
  calls: 1_000,
  inputTokens: 2_000_000,
  outputTokens: 200_000,
  cachedInputTokens: 0,
});
const job = (more: Partial<JobRecord> = {}): JobRecord => ({
  version: 1,
  id: 'precis-a',
  runId: 'a',
  title: 'nightly',
  createdAt: Date.now() - 3 * 3_600_000,
  provider: 'openai',
  model: 'large',
  mapModel: 'small',
  host: 'api.example.com',
  vendor: 'openai',
  options: { length: 'standard', language: '', instructions: '', chunkTokens: 0 },
  price: { input: 1, output: 5 },
  estimatedUsd: 7.5,
  phase: 'running',
  prepared: true,
  stopping: false,
  finishAnyway: false,
  parts: [part(1, { done: 400 })],
  polls: 1,
  errors: 0,
  nextAt: 0,
  ...more,
});

function item(one: JobRecord, summarizing = false): vscode.TreeItem {
  return createNodes([one], new Set(summarizing ? [one.id] : []))[0]!.item;
}
const icon = ({ iconPath }: vscode.TreeItem): string => (iconPath as vscode.ThemeIcon).id;

describe('a batch job in its view', () => {
  it('says state, counts, age and price, and in its tooltip host, model and what is left', () => {
    const one = item(job());
    assert.equal(one.label, 'nightly');
    assert.equal(one.description, 'under way · 400 of 1,000 requests · 3 h · about $7.50');
    assert.match(String(one.tooltip), /api\.example\.com · small\n600 requests pending, due by /);
    assert.equal(
      one.accessibilityInformation?.label.startsWith('nightly, under way, 400 of 1,000 requests, 3 h'),
      true,
    );
    assert.equal(icon(one), 'watch');
    assert.equal(one.collapsibleState, vscode.TreeItemCollapsibleState.None);
  });

  it('counts one request as one', () => {
    const one = item(job({ vendor: 'anthropic', parts: [part(1, { rows: 1 })] }));
    assert.equal(one.description, 'under way · 1 request · 3 h · about $7.50');
    assert.match(String(one.tooltip), /\n1 request pending, due by /);
  });

  it('has its parts below it where there are several', () => {
    const [node] = createNodes(
      [job({ parts: [part(1, { state: 'removed', collected: collected(990) }), part(2)] })],
      new Set(),
    );
    assert.equal(node!.item.collapsibleState, vscode.TreeItemCollapsibleState.Collapsed);
    assert.deepEqual(
      node!.children.map(({ item: { label, description } }) => `${String(label)}: ${String(description)}`),
      [
        'Batch 1 of 2: collected · 990 of 1,000 requests · 10 did not come back',
        'Batch 2 of 2: under way · 0 of 1,000 requests',
      ],
    );
    assert.equal(node!.children[0]!.parent?.item, node!.item);
    assert.match(String(node!.item.description), /\$3\.00$/, 'what came back has its own price');
  });

  it('offers only what applies', () => {
    const offered = (more: Partial<JobRecord>, summarizing = false): string =>
      item(job(more), summarizing).contextValue ?? '';
    assert.equal(offered({}), 'job cancel finish');
    assert.equal(offered({ phase: 'submitting', prepared: false }), 'job cancel');
    assert.equal(offered({ stopping: true }), 'job finish');
    assert.equal(offered({ phase: 'failed', problem: 'no' }), 'job finish again');
    assert.equal(
      offered({ phase: 'done', parts: [part(1, { state: 'removed', collected: collected(1_000) })] }),
      'job',
    );
    assert.equal(
      offered({ phase: 'cancelled', parts: [part(1, { state: 'removed', collected: collected(500) })] }),
      'job again',
    );
    assert.equal(offered({}, true), 'job');
  });

  it('tells of each state by an icon', () => {
    const gone = [part(1, { state: 'removed', collected: collected(500) })];
    const icons = [
      item(job({ phase: 'submitting' })),
      item(job({ stopping: true })),
      item(job({ parts: gone })),
      item(job({ parts: gone }), true),
      item(job({ phase: 'done' })),
      item(job({ phase: 'cancelled' })),
      item(job({ phase: 'failed', problem: 'The moon is full.' })),
    ];
    assert.deepEqual(icons.map(icon), [
      'cloud-upload',
      'debug-stop',
      'question',
      'sync~spin',
      'check',
      'circle-slash',
      'error',
    ]);
    assert.match(String(icons.at(-1)!.tooltip), /The moon is full\.$/);
  });
});
