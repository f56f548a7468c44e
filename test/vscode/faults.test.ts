/** A seeded sample of the fault table inside the real extension host, through its own fetch and the API; the whole table is in test/faults. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { PrecisApi, RunEvent, SummaryResult } from '../../src/api.ts';
import { checkGrammar } from '../support/grammar.ts';
import { markdown } from '../support/corpus.ts';
import { long } from '../support/long.ts';
import { integer, pick, seeded } from '../support/random.ts';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { rows, wireNames, wires } from '../faults/table.ts';

const facts = 16;
const lineOf: number[] = [];
const text = ((): string => {
  const lines = markdown(5, 60_000)
    .split('\n')
    .filter((line) => line.trim() && !/^\s*(```|~~~|\||#)/.test(line));
  for (let i = 0; i < facts; i++) {
    const at = Math.round((i * (lines.length - 1)) / (facts - 1));
    lines[at] += ` The FACT-${i} says that pump ${2000 + i * 13} failed.`;
    lineOf[i] = at + 1;
  }
  return lines.join('\n');
})();

/** A few show that the host's own fetch is no different. */
const count = long ? 32 : 8;

/** Without those that keep a run waiting on a real clock. */
const playable = rows.filter(
  ({ fault }) => fault.retryAfter !== 90 && !fault.kind.startsWith('stall') && fault.kind !== 'proxy-auth',
);

describe('faults in the real host', function () {
  this.timeout(60_000);
  let provider: SimulatedProvider;
  let api: PrecisApi;
  const sections = ['openai', 'anthropic', 'openaiCompatible'] as const;
  const global = vscode.ConfigurationTarget.Global;
  before(async () => {
    provider = await startProvider({ flavour: 'cloud' });
    const found = vscode.extensions.getExtension<PrecisApi>('precis.precis');
    assert.ok(found);
    api = await found.activate();
    const settings = vscode.workspace.getConfiguration();
    for (const section of sections)
      await settings.update(
        `precis.${section}.baseUrl`,
        section === 'anthropic' ? provider.url : `${provider.url}/v1`,
        global,
      );
    for (const id of ['openai', 'anthropic', 'openai-compatible'])
      await vscode.commands.executeCommand('precis.setApiKey', id, 'sk-test-0123456789');
  });
  after(async () => {
    for (const section of sections)
      await vscode.workspace.getConfiguration().update(`precis.${section}.baseUrl`, undefined, global);
    for (const id of ['openai', 'anthropic', 'openai-compatible'])
      await vscode.commands.executeCommand('precis.clearApiKey', id);
    await provider.close();
  });

  function checkNothingLost(result: SummaryResult): void {
    const lost = lineOf.filter(
      (line, i) =>
        !new RegExp(`FACT-${i}\\b`).test(result.markdown) &&
        !result.gaps.some((gap) => gap.startLine <= line && line <= gap.endLine),
    );
    if (lost.length > 0)
      assert.match(result.markdown, /could not be finished\.|could not be written \(/, `lost: ${lost.join(', ')}`);
    if (result.gaps.length > 0) assert.equal(result.status, 'partial');
  }

  const random = seeded(20_261);
  for (let i = 0; i < count; i++) {
    const row = pick(random, playable);
    const wire = pick(random, row.wires ?? wireNames);
    const stage = pick(random, ['map', 'map', 'reduce'] as const);
    const at = stage === 'map' ? integer(random, 1, 6) : 1;
    it(`${row.name} at ${stage} ${at} (${wire})`, async () => {
      provider.reset({ faults: [{ ...row.fault, stage, at }] });
      const { provider: id, model } = wires[wire];
      const events: RunEvent[] = [];
      const outcome = await api
        .summarize(
          { text: `${text}\nCase ${i}.`, title: 'text.md', languageId: 'markdown' },
          { provider: id, model, contextWindow: 4_096, concurrency: 4, cache: false },
          undefined,
          (event) => void events.push(event),
        )
        .then(
          (result) => ({ result }),
          (error: unknown) => ({ said: error instanceof Error ? error.message : String(error) }),
        );
      assert.ok(
        provider.calls.some((call) => call.fault !== undefined),
        'the fault was played',
      );
      assert.equal(provider.openRequests, 0);
      if ('said' in outcome) {
        // Refused before anything was read: nothing else may end a run without a result.
        assert.equal(row.nature, 'account', outcome.said);
        assert.match(outcome.said, /127\.0\.0\.1:\d+ .*\./);
        return;
      }
      const { result } = outcome;
      checkGrammar(events, { ended: true });
      checkNothingLost(result);
      const mends = row.nature === 'passing' || row.nature === 'harmless';
      if (mends) assert.deepEqual([result.status, result.gaps], ['complete', []]);
    });
  }
});
