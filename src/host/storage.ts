/** Where the files of a workspace are kept: one place for all windows on it. */
import type { ExtensionContext, Uri } from 'vscode';

/**
 * A second window on a folder gets a storage of its own from VS Code (`…/workspaceStorage/1f88-1/…`), for most extensions write there
 * as if they were alone. What is kept here is made for many windows: all of them share the first one's.
 */
const ofAnotherWindow = /(\/workspaceStorage\/-?[0-9a-f]+)-\d{1,2}(\/[^/]+\/?)$/;

export const sharedPath = (path: string): string => path.replace(ofAnotherWindow, '$1$2');

/** Undefined where no folder or workspace is open. */
export function workspaceStorage({ storageUri }: Pick<ExtensionContext, 'storageUri'>): Uri | undefined {
  return storageUri?.with({ path: sharedPath(storageUri.path) });
}
