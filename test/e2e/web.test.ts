/** Précis in a browser's extension host: no Node, no threads, no disk; what it can do there, it does from the same sources. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProvider, type SimulatedProvider } from '../support/provider/index.ts';
import { chooseFromSubmenu, commandTitle, inVsCode } from './harness.ts';

const inTheBrowser = { 'remote.extensionKind': { 'precis.precis': ['web'] } };

const report =
  '# Pumps\n\n' +
  Array.from(
    { length: 60 },
    (_, i) =>
      `## Week ${i + 1}\n\nThe FACT-${i} says that pump ${4000 + i} in hall ${i % 7} failed after ${90 + i} hours of work.\n`,
  ).join('\n');

/** A server that browsers may speak to: it lets pages of other places in, as the providers' own do. */
async function openToPages(provider: SimulatedProvider): Promise<{ url: string; agents: string[]; close(): void }> {
  const agents: string[] = [];
  const server: Server = createServer((request, response) => {
    void (async () => {
      const pages = {
        'access-control-allow-origin': '*',
        'access-control-allow-headers': request.headers['access-control-request-headers'] ?? '*',
      };
      if (request.method === 'OPTIONS') return void response.writeHead(204, pages).end();
      agents.push(request.headers['user-agent'] ?? '');
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const answer = await fetch(provider.url + request.url, {
        method: request.method ?? 'GET',
        headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
        ...(pieces.length ? { body: Buffer.concat(pieces) } : {}),
      });
      response.writeHead(answer.status, {
        ...pages,
        'content-type': answer.headers.get('content-type') ?? 'application/json',
      });
      for await (const piece of answer.body ?? []) response.write(piece);
      response.end();
    })().catch(() => response.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, agents, close };
}

describe('in a browser’s extension host', () => {
  it('summarizes offline and through fetch with a provider, and says what it cannot read there', async () => {
    const provider = await startProvider({ flavour: 'cloud' });
    const gate = await openToPages(provider);
    try {
      await inVsCode(
        {
          files: {
            'pumps.md': report,
            'boilers.pdf': '%PDF-1.4\n',
          },
          open: 'pumps.md',
          settings: { ...inTheBrowser, 'precis.provider': 'offline' },
        },
        async (code) => {
          await code.runCommand(commandTitle);
          const offline = await code.ended();
          assert.equal(offline.error, undefined);
          assert.match(offline.text, /pump/);
          assert.match(offline.text, /\[1\]/);
          assert.equal(gate.agents.length, 0);
          const row = code.page.locator('.explorer-folders-view .monaco-list-row').filter({ hasText: 'boilers.pdf' });
          await chooseFromSubmenu(code.page, row, 'Précis', 'Summarize File');
          await code.panelSays('why a PDF is not read', ({ error }) => /cannot be read in a browser/.test(error ?? ''));
          await code.openFile('pumps.md');
          const remote = {
            'precis.provider': 'openai-compatible',
            'precis.openaiCompatible.baseUrl': `${gate.url}/v1`,
            'precis.openaiCompatible.model': 'some-model',
          };
          const sent = await code.setSettingsUntil('the summary of a model', remote, async () => {
            await code.runCommand(commandTitle);
            const panel = await code.ended();
            return panel.error !== undefined || panel.facts.includes('some-model') ? panel : false;
          });
          assert.equal(sent.error, undefined);
          for (const fact of [0, 30, 59]) assert.match(sent.text, new RegExp(`FACT-${fact}\\b`));
          assert.ok(gate.agents.length > 0);
          for (const agent of gate.agents) assert.match(agent, /Chrome/);
        },
      );
    } finally {
      gate.close();
      await provider.close();
    }
  });
});
