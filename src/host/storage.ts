import type { ExtensionContext, Uri } from 'vscode';

/** VS Code gives a second window its own folder (`…/workspaceStorage/1f88-1/…`); all windows use the first one's. */
const ofAnotherWindow = /(\/workspaceStorage\/-?[0-9a-f]+)-\d{1,2}(\/[^/]+\/?)$/;

/** Removes the window's own part of a storage path. */
export const toSharedPath = (path: string): string => path.replace(ofAnotherWindow, '$1$2');

/** Undefined without a folder. */
export function getWorkspaceStorage({ storageUri }: Pick<ExtensionContext, 'storageUri'>): Uri | undefined {
  return storageUri?.with({ path: toSharedPath(storageUri.path) });
}
