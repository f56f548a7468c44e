import assert from 'node:assert/strict';
import { markdown } from '../support/corpus.ts';
import { startProvider, type JournalEntry, type SimulatedProvider } from '../support/provider/index.ts';
import { integer, seeded } from '../support/random.ts';
import { commandTitle, inVsCode, until } from './harness.ts';

/** Twenty are tried before a release; a few in every run. */
const points = Number(process.env['PRECIS_KILL_POINTS'] ?? 2);
const facts = 12;
/** What ended this long before the kill had the time to reach the disk. */
const settledMs = 250;

function document(seed: number): string {
  const lines = markdown(seed, 150_000)
    .split('\n')
    .filter((line) => line.trim() && !/^\s*(```|~~~|\||#)/.test(line));
  for (let i = 0; i < facts; i++)
    lines[Math.round((i * (lines.length - 1)) / (facts - 1))] += ` The FACT-${i} says pump ${seed}-${i} failed.`;
  return lines.join('\n');
}

const asked = ({ body }: JournalEntry): string => JSON.stringify((body as { messages: unknown }).messages);
const whole = (call: JournalEntry): boolean => call.status === 200 && call.endedAt !== undefined && !call.clientClosed;

describe('an extension host that is killed', function () {
  this.timeout(600_000);
  let provider: SimulatedProvider;
  before(async () => {
    provider = await startProvider({ flavour: 'compatible', latency: { firstTokenMs: 250, perOutputTokenMs: 1 } });
  });
  after(() => provider.close());

  it(`costs no call that had ended, at ${points} moments of a run`, () => {
    const files = Object.fromEntries(Array.from({ length: points }, (_, i) => [`doc${i}.md`, document(i + 1)]));
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
      'precis.openaiCompatible.model': 'm',
      'precis.contextWindow': 8192,
      'precis.concurrency': 2,
    };
    return inVsCode({ files, settings }, async (code) => {
      const random = seeded(5);
      for (let i = 0; i < points; i++) {
        provider.reset();
        await code.openFile(`doc${i}.md`);
        await code.runCommand(commandTitle);
        const after = integer(random, 1, 8);
        await until(`${after} calls that ended`, () => Promise.resolve(provider.calls.filter(whole).length >= after));
        await code.killExtensionHost();
        const killed = performance.now();
        const paid = new Set(
          provider.calls.filter((call) => whole(call) && call.endedAt! < killed - settledMs).map(asked),
        );
        await until('the server to be left alone', () => Promise.resolve(provider.openRequests === 0));
        provider.reset();
        await code.reload();
        await code.openFile(`doc${i}.md`);
        await code.runCommand(commandTitle);
        const panel = await code.panelSays(`the whole summary of doc${i}.md`, ({ text }) =>
          new RegExp(`FACT-${facts - 1}\\b`).test(text),
        );
        const twice = provider.calls.filter((call) => paid.has(asked(call)));
        assert.equal(
          twice.length,
          0,
          `point ${i}, after ${after} calls: ${twice.length} of ${paid.size} were paid for twice`,
        );
        for (let f = 0; f < facts; f++) assert.match(panel.text, new RegExp(`FACT-${f}\\b`), `point ${i}: fact ${f}`);
      }
    });
  });
});
