/** Opens a setting in the tab of its value: user, remote or workspace. */
import * as vscode from 'vscode';

/** Settings that only the machine's own file may set. */
const machineSetting = /^precis\.(?:provider|\w+\.(?:baseUrl|headers))$/;

/** @param setting an id, or a search such as `@ext:precis.precis baseUrl` */
export async function openSetting(setting: string): Promise<void> {
  const query = setting.startsWith('@') ? setting : `@id:${setting}`;
  await vscode.commands.executeCommand(findTab(setting), { query });
}

function findTab(setting: string): string {
  const found = vscode.workspace.getConfiguration().inspect(setting);
  if ((found?.workspaceFolderValue ?? found?.workspaceValue) !== undefined)
    return 'workbench.action.openWorkspaceSettings';
  const remote = vscode.env.remoteName !== undefined && machineSetting.test(setting);
  return remote ? 'workbench.action.openRemoteSettings' : 'workbench.action.openGlobalSettings';
}
