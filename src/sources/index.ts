/** Converts what the user chose to a source, or a sentence that says why not. */
export { findAgentIgnoreFile as agentIgnoreFile } from './agentRules.ts';
export {
  branchRange,
  readChangesSource as changesSource,
  readCommitSource as commitSource,
  findCommitBox,
  listRecentCommits as recentCommits,
} from './git/changes.ts';
export {
  readActiveSource as activeSource,
  readFileSource as fileSource,
  readRangePart as rangePart,
  findUri as uriOf,
} from './editor.ts';
export {
  readDocumentsWith,
  readPart,
  describeReason as sentence,
  getTitle as titleOf,
  type ReadOptions,
} from './files.ts';
export { readFolderSource as folderSource, isWanted, planFolder, type FolderPlan, type PlannedFile } from './folder.ts';
export { onRepositoryChange } from './git/git.ts';
export { isKeyFile } from './keyFiles.ts';
export { listKeyFiles as keyFilesOf, refuseKeyFiles } from './keyMark.ts';
export { forEachConcurrently as inLanes } from './lanes.ts';
export { readNotebookSource as notebookSource } from './notebook.ts';
export { SourceError, createTextSource as textSource, type Outcome } from './outcome.ts';
export { readClipboardSource as clipboardSource, readTerminalSource as terminalSource } from './terminal.ts';
