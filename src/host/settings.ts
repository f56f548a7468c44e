import * as vscode from 'vscode';
import type { SettingId, SettingTypes } from '../contributions.ts';
import { checkSetting, isBrokenLimit, settingRules, stricterLimit, tightenedOnly } from './settingRules.ts';
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
  const { value, problem } = checkSetting(id, effective(configuration, id), fallback, t);
  if (problem) onProblem?.(problem);
  return value;
}

/** A folder's own value counts, but loosens no limit of the user's, and its prices need a yes first (see `folderPrices`). */
function effective(configuration: vscode.WorkspaceConfiguration, id: SettingId): unknown {
  const value = configuration.get<unknown>(id);
  const found = configuration.inspect<unknown>(id);
  const user = found?.globalValue ?? found?.defaultValue;
  const folder = found?.workspaceFolderValue ?? found?.workspaceValue;
  if (folder === undefined) return value;
  if (id === 'precis.prices') return user;
  if (!tightenedOnly[id] || typeof user !== 'number' || typeof folder !== 'number') return value;
  return stricterLimit(id, user, folder);
}

/** Prices that a folder sets: they count only after a person's yes. Undefined where it sets none. */
export function folderPrices(scope?: vscode.Uri): SettingTypes['precis.prices'] | undefined {
  const found = vscode.workspace.getConfiguration(undefined, scope ?? null).inspect<unknown>('precis.prices');
  const value = found?.workspaceFolderValue ?? found?.workspaceValue;
  return value === undefined ? undefined : checkSetting('precis.prices', value, {}, t).value;
}

/** Whether this value comes from the folder and not from the user. */
export function isFolderValue(id: SettingId, scope?: vscode.Uri): boolean {
  const found = vscode.workspace.getConfiguration(undefined, scope ?? null).inspect<unknown>(id);
  return (found?.workspaceFolderValue ?? found?.workspaceValue) !== undefined;
}

/** The limit whose value is of the wrong type, at any level: nothing is sent while one is. */
export function brokenLimit(scope?: vscode.Uri): SettingId | undefined {
  const configuration = vscode.workspace.getConfiguration(undefined, scope ?? null);
  return (['precis.maxCostUsd', 'precis.confirmAboveTokens'] as const).find((id) => {
    const found = configuration.inspect<unknown>(id);
    return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(isBrokenLimit);
  });
}

/** Whether somebody chose this value, rather than the default being in force. */
export function isSet(id: SettingId, scope?: vscode.Uri): boolean {
  const found = vscode.workspace.getConfiguration(undefined, scope ?? null).inspect(id);
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some((value) => value !== undefined);
}

/**
 * The value that the user's own settings hold; undefined where they hold none. In a container the machine's settings may
 * come from the repository (`devcontainer.json`), so none there is the user's own.
 */
export function ownValue<K extends SettingId>(id: K): SettingTypes[K] | undefined {
  if (/container|codespaces/i.test(vscode.env.remoteName ?? '')) return undefined;
  return vscode.workspace.getConfiguration().inspect<SettingTypes[K]>(id)?.globalValue;
}

/** In a folder that is not trusted nothing is sent anywhere. */
export function isTrusted(): boolean {
  return vscode.workspace.isTrusted;
}
