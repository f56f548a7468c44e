/**
 * Agents' MCP server entries: file locations, and adding an entry. Pure.
 * Formats as documented in November 2026: code.claude.com/docs/en/mcp, developers.openai.com/codex/mcp,
 * geminicli.com/docs/tools/mcp-server, cursor.com/docs/mcp, docs.windsurf.com/windsurf/cascade/mcp.
 */

/** Command that starts the MCP server. */
export interface ServerCommand {
  readonly command: string;
  readonly args: readonly string[];
}

/** An agent that can be connected. */
export interface Agent {
  readonly label: string;
  /** Path below the home folder, with forward slashes. */
  readonly file: string;
  readonly format: 'json' | 'toml';
}

/** Agents that can be connected; files in the home folder. */
export const agents: readonly Agent[] = [
  { label: 'Claude Code', file: '.claude.json', format: 'json' },
  { label: 'Codex', file: '.codex/config.toml', format: 'toml' },
  { label: 'Gemini CLI', file: '.gemini/settings.json', format: 'json' },
  { label: 'Cursor', file: '.cursor/mcp.json', format: 'json' },
  { label: 'Windsurf', file: '.codeium/windsurf/mcp_config.json', format: 'json' },
];

/** The existing configuration has an unknown format: write nothing. */
export class AgentConfigError extends Error {
  override readonly name = 'AgentConfigError';
}

const serverName = 'precis';

/** The entry alone, as shown for confirmation. Never holds a key. */
export function formatEntry({ format }: Agent, server: ServerCommand): string {
  if (format === 'toml') return writeTomlEntry(server);
  return `${JSON.stringify({ mcpServers: { [serverName]: server } }, undefined, 2)}\n`;
}

/**
 * Returns the configuration with the entry added or replaced; the rest is unchanged.
 * @param before file content; '' if there is none
 * @throws AgentConfigError if `before` is unreadable
 */
export function withEntry(agent: Agent, before: string, server: ServerCommand): string {
  return agent.format === 'toml' ? withTomlEntry(before, server) : withJsonEntry(before, server);
}

function withJsonEntry(before: string, server: ServerCommand): string {
  const config = before.trim() === '' ? {} : parseObject(before);
  const servers = config['mcpServers'] ?? {};
  if (!isObject(servers)) throw new AgentConfigError('"mcpServers" is not an object.');
  const old = servers[serverName];
  const entry = { ...(isObject(old) ? old : {}), ...server };
  return `${JSON.stringify({ ...config, mcpServers: { ...servers, [serverName]: entry } }, undefined, 2)}\n`;
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AgentConfigError('The file is not valid JSON.');
  }
  if (!isObject(value)) throw new AgentConfigError('The file is not a JSON object.');
  return value;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The entry's header, with quotes and spaces as other programs write it. */
const tomlHeader = /^\s*\[\s*mcp_servers\s*\.\s*(?:precis|"precis"|'precis')\s*\]/;
/** Other forms of the entry, which a second table would contradict. */
const tomlOtherForm = /^\s*(?:mcp_servers\s*=|mcp_servers\s*\.\s*["']?precis\b|["']?precis["']?\s*[.=])/;
/** Codex's default is 60 s, too short for a large text. */
const toolTimeoutSeconds = 1800;

function writeTomlEntry({ command, args }: ServerCommand): string {
  // JSON strings are valid TOML basic strings.
  const list = args.map((arg) => JSON.stringify(arg)).join(', ');
  return [
    `[mcp_servers.${serverName}]`,
    `command = ${JSON.stringify(command)}`,
    `args = [${list}]`,
    `tool_timeout_sec = ${toolTimeoutSeconds}`,
    '',
  ].join('\n');
}

/** Replaces the entry's table (up to the next header) or appends it. */
function withTomlEntry(before: string, server: ServerCommand): string {
  const lines = before.split('\n');
  const start = lines.findIndex((line) => tomlHeader.test(line));
  if (start < 0) {
    if (lines.some((line) => tomlOtherForm.test(line)))
      throw new AgentConfigError('The file has an entry for precis in another form. Change it by hand.');
    const gap = before === '' || before.endsWith('\n') ? '' : '\n';
    return `${before}${gap}${before === '' ? '' : '\n'}${writeTomlEntry(server)}`;
  }
  const length = lines.slice(start + 1).findIndex((line) => line.trimStart().startsWith('['));
  const after = length < 0 ? [] : lines.slice(start + 1 + length);
  return [...lines.slice(0, start), ...writeTomlEntry(server).split('\n'), ...after].join('\n');
}
