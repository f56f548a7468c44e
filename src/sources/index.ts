/** Turns what was pointed at into a source, or a sentence. */
export { agentIgnoreFile } from './agentRules.ts';
export { branchRange, changesSource, commitSource, findCommitBox, recentCommits } from './git/changes.ts';
export { activeSource, fileSource, rangePart, uriOf } from './editor.ts';
export { readDocumentsWith, readPart, sentence, titleOf, type ReadOptions } from './files.ts';
export { folderSource, isWanted, planFolder, type FolderPlan, type PlannedFile } from './folder.ts';
export { onRepositoryChange } from './git/git.ts';
export { isKeyFile } from './keyFiles.ts';
export { keyFilesOf, refuseKeyFiles } from './keyMark.ts';
export { inLanes } from './lanes.ts';
export { notebookSource } from './notebook.ts';
export { SourceError, textSource, type Outcome } from './outcome.ts';
export { clipboardSource, terminalSource } from './terminal.ts';
