import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { providerIds, type Price, type ProviderId, type SummaryLength } from '../contributions.ts';
import { UsageError, type Options, type ReasoningEffort, type ServiceTier } from './args.ts';

type CliProvider = Exclude<ProviderId, 'vscode'>;
const cliProviders = providerIds.filter((id): id is CliProvider => id !== 'vscode');

/** Validated settings. Defaults equal the extension's; a test compares them. */
export interface CliSettings {
  readonly provider: CliProvider;
  /** Whether the user named the provider: a key in the environment alone sends nothing. */
  readonly providerNamed: boolean;
  readonly model: string;
  readonly mapModel: string;
  readonly baseUrl: string;
  readonly length: SummaryLength;
  readonly language: string;
  readonly instructions: string;
  readonly reasoningEffort: ReasoningEffort;
  readonly serviceTier: ServiceTier;
  readonly maxCostUsd: number;
  readonly maxTokens: number;
  readonly concurrency?: number;
  readonly contextWindow: number;
  readonly maxRetries: number;
  readonly requestTimeoutSeconds: number;
  readonly hedgeStragglers: boolean;
  readonly cache: boolean;
  readonly cacheTtlHours: number;
  readonly cacheMaxMegabytes: number;
  readonly prices: Readonly<Record<string, Price>>;
  readonly allowHosts: readonly string[];
  /** Prints the API key; run without a shell. */
  readonly keyCommand?: readonly string[];
}

/** Default settings. */
export const defaults = {
  length: 'standard',
  reasoningEffort: 'auto',
  serviceTier: 'default',
  maxTokens: 200_000,
  concurrency: 8,
  maxRetries: 5,
  requestTimeoutSeconds: 120,
  hedgeStragglers: true,
  cacheTtlHours: 168,
  cacheMaxMegabytes: 64,
} as const;

const count = v.pipe(v.number(), v.minValue(0));
const configSchema = v.strictObject({
  provider: v.optional(v.string()),
  model: v.optional(v.string()),
  mapModel: v.optional(v.string()),
  baseUrl: v.optional(v.string()),
  length: v.optional(v.picklist(['brief', 'standard', 'detailed'])),
  language: v.optional(v.string()),
  instructions: v.optional(v.string()),
  reasoningEffort: v.optional(v.picklist(['auto', 'none', 'low', 'medium', 'high'])),
  serviceTier: v.optional(v.picklist(['default', 'flex'])),
  maxCostUsd: v.optional(count),
  maxTokens: v.optional(count),
  concurrency: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  contextWindow: v.optional(count),
  maxRetries: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20))),
  requestTimeoutSeconds: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(3600))),
  hedgeStragglers: v.optional(v.boolean()),
  cache: v.optional(v.boolean()),
  cacheTtlHours: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(8760))),
  cacheMaxMegabytes: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(4096))),
  prices: v.optional(v.record(v.string(), v.object({ input: count, output: count, cachedInput: v.optional(count) }))),
  allowHosts: v.optional(v.array(v.string())),
  keyCommand: v.optional(v.pipe(v.array(v.string()), v.minLength(1))),
});
/** Content of the configuration file. */
export type Config = v.InferOutput<typeof configSchema>;

/**
 * Reads `config.json`; `{}` if missing.
 * @throws UsageError for invalid JSON, unknown fields or wrong types: a limit must not be ignored
 */
export async function readConfig(folder: string): Promise<Config> {
  const path = join(folder, 'config.json');
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new UsageError(`${path} cannot be read: ${error.message}`);
  });
  if (text === undefined) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${path} is not valid JSON.`);
  }
  // valibot takes a list for an object
  const result = v.safeParse(configSchema, Array.isArray(value) ? undefined : value);
  if (result.success) return result.output;
  throw new UsageError(`${path}: ${describeIssue(result.issues[0])}`);
}

const typeNames: Readonly<Record<string, string>> = {
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  Array: 'a list of texts',
  Object: 'an object',
};

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  if (field === null) return 'a JSON object is needed.';
  if (issue.type === 'strict_object' && issue.expected === 'never') return `there is no field "${field}".`;
  if (issue.type === 'integer') return `"${field}" takes a whole number, not ${issue.received}.`;
  if (issue.type === 'min_length') return `"${field}" is empty.`;
  const expected = issue.expected ?? 'another value';
  const [, atLeast, most] = /^(?:>=(\S+)|<=(\S+))$/.exec(expected) ?? [];
  const range = atLeast ? `${atLeast} or more` : most && `at most ${most}`;
  const choices = expected.replaceAll(' | ', ' or ').replace(/^\(|\)$/g, '');
  return `"${field}" takes ${range ?? typeNames[expected] ?? choices}, not ${issue.received}.`;
}

/** Returns the options set by environment variables. */
export function readEnvironment(env: NodeJS.ProcessEnv): Options {
  const entries = [
    ['provider', env['PRECIS_PROVIDER']],
    ['model', env['PRECIS_MODEL']],
    ['mapModel', env['PRECIS_MAP_MODEL']],
    ['baseUrl', env['PRECIS_BASE_URL']],
    ['language', env['PRECIS_LANGUAGE']],
  ].filter((entry): entry is [string, string] => Boolean(entry[1]?.trim()));
  return Object.fromEntries(entries) as Options;
}

/** @throws UsageError for an unknown provider */
export function resolveSettings(flags: Options, environment: Options, config: Config): CliSettings {
  const { keyCommand, ...file } = config;
  const given = { ...file, ...environment, ...flags };
  const named = given.provider !== undefined && given.provider !== 'auto';
  const provider = named ? cliProviders.find((id) => id === given.provider) : 'offline';
  if (!provider) {
    throw new UsageError(`There is no provider "${given.provider}". Choose one of ${cliProviders.join(', ')}.`);
  }
  return {
    provider,
    providerNamed: named,
    model: given.model ?? '',
    mapModel: given.mapModel ?? '',
    baseUrl: given.baseUrl ?? '',
    length: given.length ?? defaults.length,
    language: given.language ?? '',
    instructions: given.instructions ?? '',
    reasoningEffort: given.reasoningEffort ?? defaults.reasoningEffort,
    serviceTier: given.serviceTier ?? defaults.serviceTier,
    maxCostUsd: given.maxCostUsd ?? 0,
    maxTokens: given.maxTokens ?? defaults.maxTokens,
    ...(given.concurrency === undefined ? {} : { concurrency: given.concurrency }),
    contextWindow: given.contextWindow ?? 0,
    maxRetries: given.maxRetries ?? defaults.maxRetries,
    requestTimeoutSeconds: given.requestTimeoutSeconds ?? defaults.requestTimeoutSeconds,
    hedgeStragglers: given.hedgeStragglers ?? defaults.hedgeStragglers,
    cache: given.cache ?? true,
    cacheTtlHours: given.cacheTtlHours ?? defaults.cacheTtlHours,
    cacheMaxMegabytes: given.cacheMaxMegabytes ?? defaults.cacheMaxMegabytes,
    prices: given.prices ?? {},
    allowHosts: [...(config.allowHosts ?? []), ...(flags.allowHosts ?? [])],
    ...(keyCommand ? { keyCommand } : {}),
  };
}
