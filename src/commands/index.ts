import type { Command } from './command.ts';
import { batchCommands, showBatchJobs, summarizeInBatch } from './batch.ts';
import { clearCache, clearHistory, reportProblem, showLog, showRuns } from './more.ts';
import { deleteAllData, managePermissions } from './permissions.ts';
import { connectAgent } from './connectAgent.ts';
import { selectModel } from './selectModel.ts';
import { clearApiKey, selectProvider, setApiKey } from './setup.ts';
import {
  ask,
  copySummary,
  deleteStored,
  insertSummary,
  lockPanel,
  openStored,
  openSummary,
  pinSummary,
  saveSummary,
  showSummary,
  unlockPanel,
  unpinSummary,
} from './summaries.ts';
import { summarizeWith } from './templates.ts';
import { showHistory } from './history.ts';
import { continueInChat, openSaved } from './share.ts';
import { describePullRequest, summarizeCommit, writeCommitMessage } from './sourceControl.ts';
import {
  summarizeChanges,
  summarizeClipboard,
  summarizeFile,
  summarizeFolder,
  summarizeOpenEditors,
  summarizeSelection,
  summarizeTerminalSelection,
} from './summarize.ts';

/** All commands of `commandIds`. */
export const commands: readonly Command[] = [
  summarizeFile,
  summarizeSelection,
  summarizeFolder,
  summarizeChanges,
  summarizeCommit,
  summarizeClipboard,
  summarizeTerminalSelection,
  summarizeInBatch,
  showBatchJobs,
  ...batchCommands,
  selectProvider,
  selectModel,
  setApiKey,
  clearApiKey,
  managePermissions,
  deleteAllData,
  clearCache,
  clearHistory,
  showSummary,
  showHistory,
  showRuns,
  showLog,
  ask,
  connectAgent,
  reportProblem,
  copySummary,
  saveSummary,
  openSummary,
  insertSummary,
  pinSummary,
  unpinSummary,
  summarizeOpenEditors,
  summarizeWith,
  writeCommitMessage,
  describePullRequest,
  continueInChat,
  openSaved,
  lockPanel,
  unlockPanel,
  openStored,
  deleteStored,
];
