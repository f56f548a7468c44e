import * as vscode from 'vscode';
import type { SettingId, SettingTypes } from '../contributions.ts';
import { checkSetting, settingRules } from './settingRules.ts';
import { t } from './l10n.ts';

/** All settings as they were when a run began; nothing reads a setting in the middle of a run. */
export type Settings = Readonly<SettingTypes>;

/**
 * A frozen snapshot for a place. Wrong values are replaced by the nearest allowed one.
 * @param onProblem called with one sentence for each setting that was replaced
 */
export function readSettings(scope?: vscode.Uri, onProblem?: (sentence: string) => void): Settings {
  const configuration = vscode.workspace.getConfiguration(undefined, scope ?? null);
  const entries = settingIds.map((id) => [id, readOne(configuration, id, onProblem)] as const);
  return Object.freeze(Object.fromEntries(entries)) as unknown as Settings;
}

const settingIds = Object.keys(settingRules) as SettingId[];

function readOne<K extends SettingId>(
  configuration: vscode.WorkspaceConfiguration,
  id: K,
  onProblem?: (sentence: string) => void,
): SettingTypes[K] {
  const fallback = configuration.inspect<SettingTypes[K]>(id)?.defaultValue as SettingTypes[K];
  const { value, problem } = checkSetting(id, configuration.get<unknown>(id), fallback, t);
  if (problem) onProblem?.(problem);
  return value;
}

/** Whether somebody chose this value, rather than the default being in force. */
export function isSet(id: SettingId, scope?: vscode.Uri): boolean {
  const found = vscode.workspace.getConfiguration(undefined, scope ?? null).inspect(id);
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some((value) => value !== undefined);
}

/** In a folder that is not trusted nothing is sent anywhere. */
export function isTrusted(): boolean {
  return vscode.workspace.isTrusted;
}
