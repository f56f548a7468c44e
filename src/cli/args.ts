/** Parses command-line arguments. Pure: a command or a usage error. */
import { parseArgs } from 'node:util';
import type { SummaryLength } from '../contributions.ts';

/** Options of flags, environment and configuration file, in that order of precedence. */
export interface Options {
  readonly provider?: string;
  readonly model?: string;
  /** Model for the parts; `same`: the writer. */
  readonly mapModel?: string;
  readonly baseUrl?: string;
  readonly length?: SummaryLength;
  readonly language?: string;
  readonly instructions?: string;
  /** USD per run; 0: no limit. */
  readonly maxCostUsd?: number;
  /** Estimated input tokens per run without confirmation; 0: no limit. */
  readonly maxTokens?: number;
  readonly concurrency?: number;
  /** Tokens; 0: detect. */
  readonly contextWindow?: number;
  readonly cache?: boolean;
  /** Hosts allowed besides the provider's own and this machine. */
  readonly allowHosts?: readonly string[];
}

/** `precis PATH…` */
export interface SummarizeCommand {
  readonly type: 'summarize';
  /** Files and folders; `-` is standard input. Never empty. */
  readonly paths: readonly string[];
  readonly options: Options;
  readonly ask?: string;
  readonly json: boolean;
  /** Prints the plan and sends nothing. */
  readonly estimate: boolean;
  readonly includeKeyFiles: boolean;
}

/** `precis mcp` */
export interface McpCommand {
  readonly type: 'mcp';
  readonly options: Options;
}

export type Command = SummarizeCommand | McpCommand | { readonly type: 'help' } | { readonly type: 'version' };

/** Invalid arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `Usage:
  precis FILE… | FOLDER | -    Summarize files, a folder or standard input
  precis mcp                   Start an MCP server on standard input and output

Options:
  --ask QUESTION           Answer a question instead of summarizing
  --length LENGTH          brief, standard or detailed (default: standard)
  --language LANGUAGE      Language of the summary (default: the language of the text)
  --instructions TEXT      Added to every request
  --provider PROVIDER      openai, anthropic, openai-compatible or offline (default: offline)
  --model MODEL            Model that writes the summary
  --map-model MODEL        Model that reads the parts; default: the cheaper
                           sibling of the writer, "same" for the writer itself
  --base-url URL           Address of the provider's API
  --allow-host HOST        Allow sending text to this host (repeatable)
  --max-cost USD           Stop sending at this cost
  --max-tokens TOKENS      Allow runs of up to this many input tokens (default: 200000; 0: any)
  --concurrency N          Maximum parallel requests
  --context-window TOKENS  Context window of the model (default: detect)
  --include-key-files      Also send files that may hold keys or passwords
  --no-cache               Neither read nor keep answers
  --estimate               Print requests, tokens and cost; send nothing
  --json                   Print the result as JSON
  --help, --version

Keys come from OPENAI_API_KEY, ANTHROPIC_API_KEY or PRECIS_API_KEY (for openai-compatible),
or from the command "keyCommand" of the configuration file.
Exit codes: 0 complete, 1 error, 2 wrong usage, 3 partial, 130 cancelled.
`;

const flags = {
  provider: { type: 'string' },
  model: { type: 'string' },
  'map-model': { type: 'string' },
  'base-url': { type: 'string' },
  'allow-host': { type: 'string', multiple: true },
  length: { type: 'string' },
  language: { type: 'string' },
  instructions: { type: 'string' },
  ask: { type: 'string' },
  'max-cost': { type: 'string' },
  'max-tokens': { type: 'string' },
  concurrency: { type: 'string' },
  'context-window': { type: 'string' },
  'include-key-files': { type: 'boolean' },
  'no-cache': { type: 'boolean' },
  estimate: { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/**
 * @param argv arguments after the program name
 * @throws UsageError for unknown flags, wrong types and a missing path
 */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { type: 'help' };
  if (values.version) return { type: 'version' };
  const options: Options = {
    ...text('provider', values.provider),
    ...text('model', values.model),
    ...text('mapModel', values['map-model']),
    ...text('baseUrl', values['base-url']),
    ...text('language', values.language),
    ...text('instructions', values.instructions),
    ...(values.length === undefined ? {} : { length: parseLength(values.length) }),
    ...number('maxCostUsd', '--max-cost', values['max-cost']),
    ...number('maxTokens', '--max-tokens', values['max-tokens']),
    ...number('concurrency', '--concurrency', values.concurrency),
    ...number('contextWindow', '--context-window', values['context-window']),
    ...(values['no-cache'] ? { cache: false } : {}),
    ...(values['allow-host'] ? { allowHosts: values['allow-host'] } : {}),
  };
  const [first, ...rest] = positionals;
  if (first === 'mcp') {
    if (rest.length > 0) throw new UsageError(`mcp takes no file: ${rest[0]}`);
    return { type: 'mcp', options };
  }
  if (positionals.length === 0) throw new UsageError('Name a file, a folder, or - for standard input.');
  return {
    type: 'summarize',
    paths: positionals,
    options,
    ...(values.ask === undefined ? {} : { ask: values.ask }),
    json: values.json ?? false,
    estimate: values.estimate ?? false,
    includeKeyFiles: values['include-key-files'] ?? false,
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const text = <K extends string>(name: K, value: string | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { [P in K]?: string };

function number<K extends string>(name: K, flag: string, value: string | undefined): { [P in K]?: number } {
  if (value === undefined) return {};
  const parsed = Number(value);
  if (value.trim() === '' || !Number.isFinite(parsed) || parsed < 0) {
    throw new UsageError(`${flag} takes a number of 0 or more, not "${value}".`);
  }
  return { [name]: parsed } as { [P in K]?: number };
}

const lengths: readonly SummaryLength[] = ['brief', 'standard', 'detailed'];

function parseLength(value: string): SummaryLength {
  const found = lengths.find((length) => length === value);
  if (!found) throw new UsageError(`--length takes brief, standard or detailed, not "${value}".`);
  return found;
}
