/** The same folder in two windows: the second one pays for nothing that the first one has read. */
import assert from 'node:assert/strict';
import { startProvider } from '../support/provider/index.ts';
import { commandTitle, findPanel, inVsCode, openFile, readPanel, runCommand, until, whenDrawn } from './harness.ts';

const sections = 24;

/** One fact a section, among much that is none. */
function log(): string {
  const filler = (n: number): string =>
    Array.from({ length: 24 }, (_, i) => `Round ${n}-${i}: oil, filters and seals of hall ${i} were looked at.`).join(
      ' ',
    );
  return Array.from(
    { length: sections },
    (_, n) => `## Week ${n}\n\nThe FACT-A-${n} says that pump ${4000 + n} failed.\n\n${filler(n)}\n`,
  ).join('\n');
}

describe('two windows of one folder', function () {
  this.timeout(400_000);
  it('summarize the same text one after the other for the price of one', async () => {
    const provider = await startProvider({
      flavour: 'cloud',
      latency: { firstTokenMs: 3_000, perOutputTokenMs: 4 },
    });
    const settings = {
      'precis.provider': 'openai-compatible',
      'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
      'precis.openaiCompatible.model': 'some-model',
      'precis.chunkTokens': 1_500,
      'precis.concurrency': 2,
      // a call that a busy machine holds up is not asked again
      'precis.hedgeStragglers': false,
      'precis.maxRetries': 0,
    };
    try {
      await inVsCode({ files: { 'pumps.md': log() }, open: 'pumps.md', settings }, async (code) => {
        const other = await code.context.newPage();
        await other.goto(code.page.url());
        await whenDrawn(other);
        await openFile(other, 'pumps.md');
        await code.runCommand(commandTitle);
        const here = await code.ended(120_000);
        await runCommand(other, commandTitle);
        const there = await until(
          'the summary in the other window',
          async () => {
            const frame = await findPanel(other, 'precis.precis');
            const panel = await (frame ? readPanel(frame) : undefined);
            return panel?.phase === 'ended' && panel.text !== '' && panel;
          },
          120_000,
        );
        assert.match(here.text, /FACT-A-\d+/);
        assert.match(there.text, /FACT-A-\d+/);
        assert.equal(here.error ?? there.error, undefined);
        const asked = provider.calls.filter(({ stage }) => stage === 'map').map(({ body }) => JSON.stringify(body));
        assert.ok(asked.length > 3);
        for (let n = 0; n < sections; n++) {
          const times = asked.filter((body) => body.includes(`FACT-A-${n} says`)).length;
          assert.equal(times, 1, `week ${n + 1} was read ${times} times`);
        }
      });
    } finally {
      await provider.close();
    }
  });
});
