/** Parses command-line arguments. Pure: a command or a usage error. */
import { parseArgs } from 'node:util';
import type { SettingTypes, SummaryLength } from '../contributions.ts';

/** Values of `--reasoning-effort`. */
export type ReasoningEffort = SettingTypes['precis.reasoningEffort'];
/** Values of `--service-tier`. */
export type ServiceTier = SettingTypes['precis.serviceTier'];

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
  readonly reasoningEffort?: ReasoningEffort;
  readonly serviceTier?: ServiceTier;
  /** USD per run; 0: no limit. */
  readonly maxCostUsd?: number;
  /** Input tokens per run without confirmation; 0: no limit. */
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

/** `precis batch submit PATH…` */
export interface BatchSubmitCommand extends Omit<SummarizeCommand, 'type' | 'ask'> {
  readonly type: 'batch-submit';
}

/** `precis batch status|collect|cancel` */
export interface BatchJobCommand {
  readonly type: 'batch-job';
  readonly action: 'status' | 'collect' | 'cancel';
  /** Absent: all jobs, or the only open one. */
  readonly id?: string;
  readonly json: boolean;
  /** Requests what is missing at full price instead of waiting. */
  readonly now: boolean;
  /** Polls until the job is ready. */
  readonly wait: boolean;
  /** Overrides the limits given at submission. */
  readonly limits: Pick<Options, 'maxCostUsd' | 'maxTokens' | 'concurrency'>;
}

/** A `precis batch` command. */
export type BatchCommand = BatchSubmitCommand | BatchJobCommand;

/** A parsed command line. */
export type Command =
  SummarizeCommand | McpCommand | BatchCommand | { readonly type: 'help' } | { readonly type: 'version' };

/** Invalid arguments: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Text of `--help`. */
export const usage = `Usage:
  precis FILE… | FOLDER | -    Summarize files, a folder or standard input
  precis batch submit PATH…    Send files to the provider's batch service at half price
  precis batch status [ID]     Show batch jobs
  precis batch collect [ID]    Fetch the results of a job and print the summary
  precis batch cancel ID       Cancel a job; finished requests stay cached
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
  --effort EFFORT          Thinking while writing: auto, none, low, medium or high
                           (default: auto, that is low)
  --tier TIER              default, or flex: slower at half price, OpenAI only
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
  --wait                   batch collect: wait until the job is ready
  --now                    batch collect: request what is missing at full price
  --help, --version

Keys come from OPENAI_API_KEY, ANTHROPIC_API_KEY or PRECIS_API_KEY (for openai-compatible),
or from the command "keyCommand" of the configuration file.
Exit codes: 0 complete, 1 error, 2 wrong usage, 3 partial (batch: not ready yet), 130 cancelled.
`;

const flags = {
  provider: { type: 'string' },
  model: { type: 'string' },
  'map-model': { type: 'string' },
  effort: { type: 'string' },
  tier: { type: 'string' },
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
  wait: { type: 'boolean' },
  now: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Flags = ReturnType<typeof parse>['values'];

/**
 * @param argv arguments after the program name
 * @throws UsageError for unknown flags, wrong types and a missing path
 */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = parse(argv);
  if (values.help) return { type: 'help' };
  if (values.version) return { type: 'version' };
  const [first, ...rest] = positionals;
  if (first === 'batch') return parseBatch(rest, values);
  if (first === 'mcp') {
    allowFlags(values, 'precis mcp', (name) => ![...batchFlags, ...runFlags].includes(name));
    if (rest.length > 0) throw new UsageError(`mcp takes no file: ${rest[0]}`);
    return { type: 'mcp', options: toOptions(values) };
  }
  allowFlags(values, 'precis PATH', (name) => !batchFlags.includes(name));
  if (positionals.length === 0) throw new UsageError('Name a file, a folder, or - for standard input.');
  return {
    type: 'summarize',
    ...request(positionals, values),
    ...(values.ask === undefined ? {} : { ask: values.ask }),
  };
}

function parseBatch([action, ...rest]: readonly string[], values: Flags): BatchCommand {
  switch (action) {
    case 'submit':
      allowFlags(values, 'precis batch submit', (name) => ![...batchFlags, 'ask', 'no-cache'].includes(name));
      if (rest.length === 0) throw new UsageError('Name the files or folders to submit.');
      if (rest.includes('-'))
        throw new UsageError('A batch reads its files again later: save standard input to a file.');
      return { type: 'batch-submit', ...request(rest, values) };
    case 'status':
    case 'collect':
    case 'cancel': {
      const own = action === 'collect' ? [...batchFlags, ...limitFlags] : [];
      allowFlags(values, `precis batch ${action}`, (name) => name === 'json' || own.includes(name));
      const [id, more] = rest;
      if (more !== undefined) throw new UsageError(`precis batch ${action} takes one job: ${more}`);
      if (action === 'cancel' && id === undefined) throw new UsageError('Name the job to cancel.');
      const { maxCostUsd, maxTokens, concurrency } = toOptions(values);
      return {
        type: 'batch-job',
        action,
        ...(id === undefined ? {} : { id }),
        json: values.json ?? false,
        now: values.now ?? false,
        wait: values.wait ?? false,
        limits: {
          ...(maxCostUsd === undefined ? {} : { maxCostUsd }),
          ...(maxTokens === undefined ? {} : { maxTokens }),
          ...(concurrency === undefined ? {} : { concurrency }),
        },
      };
    }
    default:
      throw new UsageError(`precis batch takes submit, status, collect or cancel${action ? `, not "${action}"` : ''}.`);
  }
}

const batchFlags: readonly string[] = ['wait', 'now'];
const runFlags: readonly string[] = ['ask', 'json', 'estimate', 'include-key-files'];
const limitFlags: readonly string[] = ['max-cost', 'max-tokens', 'concurrency'];

/** @throws UsageError for a flag that would have no effect */
function allowFlags(values: Flags, command: string, isAllowed: (name: string) => boolean): void {
  const ignored = Object.keys(values).find((name) => !isAllowed(name));
  if (ignored !== undefined) throw new UsageError(`${command} takes no --${ignored}.`);
}

function request(paths: readonly string[], values: Flags): Omit<SummarizeCommand, 'type' | 'ask'> {
  // a shell passes '' for an unset variable; it would mean the working folder
  if (paths.includes('')) throw new UsageError('A path is empty. Name a file, a folder, or - for standard input.');
  return {
    paths,
    options: toOptions(values),
    json: values.json ?? false,
    estimate: values.estimate ?? false,
    includeKeyFiles: values['include-key-files'] ?? false,
  };
}

function toOptions(values: Flags): Options {
  return {
    ...text('provider', values.provider),
    ...text('model', values.model),
    ...text('mapModel', values['map-model']),
    ...text('baseUrl', values['base-url']),
    ...text('language', values.language),
    ...text('instructions', values.instructions),
    ...(values.length === undefined ? {} : { length: checkChoice('--length', lengths, values.length) }),
    ...(values.effort === undefined ? {} : { reasoningEffort: checkChoice('--effort', efforts, values.effort) }),
    ...(values.tier === undefined ? {} : { serviceTier: checkChoice('--tier', tiers, values.tier) }),
    ...number('maxCostUsd', '--max-cost', values['max-cost']),
    ...number('maxTokens', '--max-tokens', values['max-tokens']),
    ...number('concurrency', '--concurrency', values.concurrency),
    ...number('contextWindow', '--context-window', values['context-window']),
    ...(values['no-cache'] ? { cache: false } : {}),
    ...(values['allow-host'] ? { allowHosts: values['allow-host'] } : {}),
  };
}

function parse(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true, strict: true });
  } catch (error) {
    // Node's first sentence names the flag, the second explains "--"
    const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    throw new UsageError(`${sentence.replace(/\.$/, '')}.`);
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

const efforts: readonly ReasoningEffort[] = ['auto', 'none', 'low', 'medium', 'high'];
const tiers: readonly ServiceTier[] = ['default', 'flex'];

function checkChoice<T extends string>(flag: string, values: readonly T[], value: string): T {
  const found = values.find((one) => one === value);
  if (found) return found;
  throw new UsageError(`${flag} takes ${values.slice(0, -1).join(', ')} or ${values.at(-1)}, not "${value}".`);
}
