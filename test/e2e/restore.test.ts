/** A summary outlives its page, its column and its window; a run that was cut off goes on and pays for what is missing. */
import assert from 'node:assert/strict';
import { startProvider } from '../support/provider/index.ts';
import { commandTitle, inVsCode, until, type Code } from './harness.ts';
import { clipboard, press, report } from './steps.ts';

const files = { 'pumps.md': report('A', 700) };

async function scroll(code: Code): Promise<number> {
  return (await code.panel()).evaluate<number>('Math.round(document.querySelector("#scroller").scrollTop)');
}

describe('a panel that comes back', function () {
  this.timeout(600_000);

  it('shows its text where the reader was, works in another column, and goes on with a run that was cut off', async () => {
    const provider = await startProvider({ flavour: 'cloud' });
    try {
      const settings = {
        'precis.provider': 'openai-compatible',
        'precis.openaiCompatible.baseUrl': `${provider.url}/v1`,
        'precis.openaiCompatible.model': 'some-model',
        'precis.chunkTokens': 2_000,
        'precis.concurrency': 2,
        'precis.hedgeStragglers': false,
      };
      await inVsCode({ files, open: 'pumps.md', settings }, async (code) => {
        // cut off in the middle
        provider.reset({ latency: { firstTokenMs: 2_500 } });
        await code.runCommand(commandTitle);
        const read = (): number =>
          provider.calls.filter(({ finish, stage }) => finish === 'stop' && stage === 'map').length;
        await until('answers', () => read() >= 4);
        // an unfinished run is saved every two seconds
        await new Promise((next) => setTimeout(next, 2_500));
        await code.reload();
        const frame = await until('the offer to go on', async () => {
          const panel = await code.panel();
          return (await panel.locator('[data-action=resume]').isVisible()) && panel;
        });
        assert.match(
          await frame.locator('.banners').innerText(),
          /Interrupted\. Resume sends only the missing parts\./,
        );
        await until('the end of the old calls', () => provider.openRequests === 0);
        const paid = read();
        const parts = provider.calls.filter(({ stage }) => stage === 'map').length;
        provider.reset({ latency: {} });
        await press(code, 'resume');
        const whole = await code.panelSays('the whole', ({ text, phase }) => phase === 'ended' && text !== '', 90_000);
        assert.equal(whole.error, undefined);
        const [, cached = '0', all = '0'] = /(\d+) of (\d+) calls from the cache/.exec(whole.facts) ?? [];
        assert.ok(Number(cached) >= 4, `${cached} of ${all} calls came from the cache; ${paid} of ${parts} had ended`);
        assert.ok(read() <= Number(all) - Number(cached), 'what was paid for was not sent again');

        // reloaded when it is finished
        await (await code.panel()).evaluate('document.querySelector("#scroller").scrollTo(0, 400)');
        await until('the place to be kept', async () => (await scroll(code)) >= 300);
        const place = await scroll(code);
        await new Promise((next) => setTimeout(next, 1_000));
        await code.reload();
        await code.panelSays('its whole text', ({ text }) => text === whole.text);
        await until('its place', async () => Math.abs((await scroll(code)) - place) <= 2, 10_000);
        const calls = provider.calls.length;
        await press(code, 'copy');
        await until('the copy', async () => (await clipboard(code)).includes('FACT-A-'));

        // in another column
        await (await code.panel()).locator('#title').click();
        await code.runCommand('View: Move Editor into Previous Group');
        await code.panelSays('its whole text', ({ text }) => text === whole.text);
        await press(code, 'copy');
        await (await code.panel()).locator('[data-action=copy]').filter({ hasText: 'Copied' }).waitFor();
        assert.equal(provider.calls.length, calls, 'coming back costs nothing');
      });
    } finally {
      await provider.close();
    }
  });
});
