/** Connects another agent: shows its MCP server entry, writes it after confirmation. */
import * as vscode from 'vscode';
import { t } from '../host/l10n.ts';
import { askModal, showInformation, showPick } from '../host/notify.ts';
import { getHomeFolder } from '../host/environment.ts';
import { agents, formatEntry, withEntry, type ServerCommand } from '../mcp/agentConfig.ts';
import { SourceError } from '../sources/index.ts';
import type { Command } from './command.ts';

/** Writes an agent's configuration, after confirmation. */
export const connectAgent: Command = {
  id: 'precis.connectAgent',
  async execute(services) {
    const home = getHomeFolder();
    if (!home) throw new SourceError(t('Agents can be connected only on a computer with a home folder.'));
    const agent = await showPick(
      agents.map((item) => ({ label: item.label, description: `~/${item.file}`, agent: item })),
      { title: t('Connect to an Agent'), placeHolder: t('Choose the agent that may summarize with Précis') },
    );
    if (!agent) return undefined;
    const server: ServerCommand = {
      command: 'node',
      args: [vscode.Uri.joinPath(services.context.extensionUri, 'dist', 'cli.js').fsPath, 'mcp'],
    };
    const file = vscode.Uri.joinPath(vscode.Uri.file(home), agent.agent.file);
    const add = t('Add to {0}', `~/${agent.agent.file}`);
    const copy = t('Copy');
    const answer = await askModal(
      t('Connect {0} to Précis?', agent.label),
      `${formatEntry(agent.agent, server)}\n${t('Node.js 20 or later is needed. A copy of the file is kept beside it.')}`,
      add,
      copy,
    );
    if (answer === copy) await vscode.env.clipboard.writeText(formatEntry(agent.agent, server));
    if (answer !== add) return undefined;
    await writeEntry(file, (before) => withEntry(agent.agent, before, server));
    void showInformation(t('{0} can use Précis after its next start.', agent.label));
    return file.toString();
  },
};

/**
 * Backs the file up as `.precis-backup` before changing it.
 * @throws AgentConfigError before anything is written
 */
async function writeEntry(file: vscode.Uri, change: (before: string) => string): Promise<void> {
  const { fs } = vscode.workspace;
  const old = await Promise.resolve(fs.readFile(file)).catch(() => undefined);
  const content = change(old ? new TextDecoder().decode(old) : '');
  // a copy keeps the file's mode: agents store credentials in these files
  if (old) await fs.copy(file, file.with({ path: `${file.path}.precis-backup` }), { overwrite: true });
  await fs.writeFile(file, new TextEncoder().encode(content));
}
