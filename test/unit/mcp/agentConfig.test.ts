import assert from 'node:assert/strict';
import { AgentConfigError, agents, formatEntry, withEntry, type Agent } from '../../../src/mcp/agentConfig.ts';

const server = { command: 'node', args: ['/ext/dist/cli.js', 'mcp'] };
const agent = (label: string): Agent => agents.find((one) => one.label === label)!;

describe('the entry that connects an agent', () => {
  it('is valid in the agent’s format and holds no key', () => {
    for (const one of agents) {
      assert.match(formatEntry(one, server), /precis/);
      assert.doesNotMatch(formatEntry(one, server), /key|token|secret/i);
      assert.equal(withEntry(one, '', server), formatEntry(one, server));
    }
  });

  it('leaves everything else in a JSON file as it is', () => {
    const before = {
      theme: 'dark',
      mcpServers: { other: { command: 'x' }, precis: { command: 'old', env: { A: '1' } } },
    };
    const after: unknown = JSON.parse(withEntry(agent('Cursor'), JSON.stringify(before), server));
    assert.deepEqual(after, {
      theme: 'dark',
      mcpServers: { other: { command: 'x' }, precis: { ...server, env: { A: '1' } } },
    });
  });

  it('is added to a TOML file, and replaced there', () => {
    const codex = agent('Codex');
    const before = 'model = "m"\n\n[mcp_servers.other]\ncommand = "x"\n';
    const once = withEntry(codex, before, server);
    assert.ok(once.startsWith(before));
    assert.ok(
      once.includes(
        '[mcp_servers.precis]\ncommand = "node"\nargs = ["/ext/dist/cli.js", "mcp"]\ntool_timeout_sec = 1800\n',
      ),
    );
    assert.equal(withEntry(codex, once, server).match(/mcp_servers\.precis/g)?.length, 1);
    const moved = withEntry(codex, `[mcp_servers.precis]\ncommand = "old"\n\n[z]\na = 1\n`, server);
    assert.ok(!moved.includes('old') && moved.endsWith('[z]\na = 1\n'));
  });

  it('replaces a quoted TOML table, and refuses a form that a table would contradict', () => {
    const codex = agent('Codex');
    const after = withEntry(codex, '[ mcp_servers."precis" ]\ncommand = "old"\n', server);
    assert.ok(after.startsWith('[mcp_servers.precis]\n') && !after.includes('old'));
    for (const before of [
      'mcp_servers = {}',
      '[mcp_servers]\nprecis = { command = "x" }',
      'mcp_servers.precis.command = "x"',
    ]) {
      assert.throws(() => withEntry(codex, before, server), AgentConfigError);
    }
  });

  it('is not written into a file that cannot be read', () => {
    for (const before of ['{', '[]', '{"mcpServers":[]}']) {
      assert.throws(() => withEntry(agent('Claude Code'), before, server), AgentConfigError);
    }
  });
});
