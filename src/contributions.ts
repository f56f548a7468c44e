/** Ids of everything that package.json contributes, with their types. A test compares them with package.json. */
import {
  type groupSettings,
  providerFacts,
  providerIds,
  type ProviderId,
  type SettingsGroup,
} from './providers/index.ts';

export { groupSettings, keyedProviders, providerFacts, providerIds, type ProviderId } from './providers/index.ts';

/** Commands of the manifest. */
export const commandIds = [
  'precis.summarizeFile',
  'precis.summarizeSelection',
  'precis.summarizeFolder',
  'precis.summarizeChanges',
  'precis.summarizeCommit',
  'precis.summarizeClipboard',
  'precis.summarizeTerminalSelection',
  'precis.summarizeInBatch',
  'precis.showBatchJobs',
  'precis.batch.open',
  'precis.batch.cancel',
  'precis.batch.finish',
  'precis.batch.again',
  'precis.batch.delete',
  'precis.selectProvider',
  'precis.selectModel',
  'precis.setApiKey',
  'precis.clearApiKey',
  'precis.managePermissions',
  'precis.deleteAllData',
  'precis.clearCache',
  'precis.clearHistory',
  'precis.showSummary',
  'precis.showHistory',
  'precis.showRuns',
  'precis.showLog',
  'precis.ask',
  'precis.connectAgent',
  'precis.reportProblem',
  'precis.copySummary',
  'precis.saveSummary',
  'precis.openSummary',
  'precis.insertSummary',
  'precis.pinSummary',
  'precis.unpinSummary',
  'precis.summarizeOpenEditors',
  'precis.summarizeWith',
  'precis.writeCommitMessage',
  'precis.describePullRequest',
  'precis.continueInChat',
  'precis.openSaved',
  'precis.lockPanel',
  'precis.unlockPanel',
  'precis.summary.open',
  'precis.summary.delete',
] as const;
/** Id of a public command. */
export type CommandId = (typeof commandIds)[number];

/** Values of `precis.length`. */
export type SummaryLength = 'brief' | 'standard' | 'detailed';
/** Price of a model in settings. */
export interface Price {
  /** USD per million tokens. */
  readonly input: number;
  readonly output: number;
  readonly cachedInput?: number;
}

/** Settings of each provider with a group. */
export type ProviderSettingId = `precis.${SettingsGroup}.${(typeof groupSettings)[number]}`;

/** Every setting with its type; defaults live in package.json alone. */
export interface SettingTypes extends Record<ProviderSettingId, string> {
  'precis.provider': ProviderId | 'auto';
  /** Headers of each request to the server; `${key}` stands for the stored key. */
  'precis.openaiCompatible.headers': Readonly<Record<string, string>>;
  'precis.vscode.model': string;
  'precis.vscode.mapModel': string;
  'precis.reasoningEffort': 'auto' | 'none' | 'low' | 'medium' | 'high';
  'precis.serviceTier': 'default' | 'flex';
  'precis.contextWindow': number;
  'precis.concurrency': number;
  'precis.maxRetries': number;
  'precis.requestTimeoutSeconds': number;
  'precis.chunkTokens': number;
  'precis.hedgeStragglers': boolean;
  'precis.summary.length': SummaryLength;
  'precis.summary.language': string;
  'precis.summary.instructions': string;
  'precis.cache.enabled': boolean;
  'precis.cache.withoutFolder': boolean;
  'precis.cache.ttlHours': number;
  'precis.cache.maxMegabytes': number;
  'precis.history.days': number;
  'precis.confirmAboveTokens': number;
  'precis.maxCostUsd': number;
  'precis.prices': Readonly<Record<string, Price>>;
  'precis.editor.showCitedLines': boolean;
  'precis.editor.showTitleIcon': boolean;
  'precis.editor.codeLens': boolean;
  'precis.scm.commitStyle': 'auto' | 'conventional' | 'plain';
  'precis.exclude': readonly string[];
}
/** Full name, `precis.` included. */
export type SettingId = keyof SettingTypes;

/** Settings of the providers' addresses. */
export const addressSettings: Readonly<Partial<Record<ProviderId, SettingId>>> = Object.fromEntries(
  providerIds.flatMap((id) => {
    const { settings } = providerFacts[id];
    return settings ? [[id, `precis.${settings}.baseUrl`]] : [];
  }),
);

/** Context keys that `when` clauses read. */
export const contextKeys = [
  'precis.hasBatchJobs',
  'precis.hasProvider',
  'precis.hasSummary',
  'precis.panelLocked',
  'precis.summaryPinned',
] as const;
/** Keys of `when` clauses. */
export type ContextKey = (typeof contextKeys)[number];

/** In the workspace's state while a batch job needs a window. */
export const batchMark = 'precis.openBatchJobs';

/** Id of the panel, as in the manifest. */
export const panelViewType = 'precis.summary';
/** Id of the view of batch jobs. */
export const batchViewType = 'precis.batchJobs';
/** Id of the view of stored summaries. */
export const summariesViewType = 'precis.summaries';
/** Tools for language models, as in the manifest. */
export const toolNames = ['precis_summarize', 'precis_read'] as const;
/** Id of the chat participant. */
export const participantId = 'precis.chat';
/** Collection of MCP servers that agents of VS Code find. */
export const mcpProviderId = 'precis.mcp';
