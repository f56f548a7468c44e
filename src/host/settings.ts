import * as vscode from 'vscode';
import type { SettingId, SettingTypes } from '../contributions.ts';
import { checkSetting, isBrokenLimit, settingRules, stricterLimit, tightenedOnly } from './settingRules.ts';
import { t } from './l10n.ts';

/** Settings as of a run's start; nothing reads them later. */
export type Settings = Readonly<SettingTypes>;

/**
 * Returns frozen settings; a wrong value becomes the nearest allowed one.
 * @param onProblem called with a sentence for each replaced value
 */
export function readSettings(scope?: vscode.Uri, onProblem?: (sentence: string) => void): Settings {
  const configuration = vscode.workspace.getConfiguration(undefined, withLanguage(scope));
  const entries = settingIds.map((id) => [id, readOne(configuration, id, onProblem)] as const);
  return Object.freeze(Object.fromEntries(entries)) as unknown as Settings;
}

/** Adds the language of an open document, so that `[python]` sections apply. */
function withLanguage(uri: vscode.Uri | undefined): vscode.ConfigurationScope | null {
  const name = uri?.toString();
  const document = uri && vscode.workspace.textDocuments.find((one) => one.uri.toString() === name);
  return document ? { uri: document.uri, languageId: document.languageId } : (uri ?? null);
}

/** Opens a document if settings differ by language, so that `readSettings` knows its language. */
export async function loadLanguage(uri: vscode.Uri | undefined): Promise<void> {
  const found = vscode.workspace.getConfiguration(undefined, uri ?? null).inspect('precis.summary.instructions');
  if (uri && found?.languageIds?.length)
    await Promise.resolve(vscode.workspace.openTextDocument(uri)).catch(() => undefined);
}

const settingIds = Object.keys(settingRules) as SettingId[];

function readOne<K extends SettingId>(
  configuration: vscode.WorkspaceConfiguration,
  id: K,
  onProblem?: (sentence: string) => void,
): SettingTypes[K] {
  const found = configuration.inspect<unknown>(id);
  const fallback = found?.defaultValue as SettingTypes[K];
  const { value, problem } = checkSetting(id, getEffective(configuration.get<unknown>(id), found, id), fallback, t);
  if (problem) onProblem?.(problem);
  return value;
}

/** Ignores a folder's value that would raise the user's limit; the folder's prices need consent (`readFolderPrices`). */
function getEffective(
  value: unknown,
  found: ReturnType<vscode.WorkspaceConfiguration['inspect']>,
  id: SettingId,
): unknown {
  const user = found?.globalValue ?? found?.defaultValue;
  const folder = found?.workspaceFolderValue ?? found?.workspaceValue;
  if (folder === undefined) return value;
  if (id === 'precis.prices') return user;
  if (!tightenedOnly[id] || typeof user !== 'number' || typeof folder !== 'number') return value;
  return stricterLimit(id, user, folder);
}

/** Undefined if the folder sets none. */
export function readFolderPrices(scope?: vscode.Uri): SettingTypes['precis.prices'] | undefined {
  const found = vscode.workspace.getConfiguration(undefined, scope ?? null).inspect<unknown>('precis.prices');
  const value = found?.workspaceFolderValue ?? found?.workspaceValue;
  return value === undefined ? undefined : checkSetting('precis.prices', value, {}, t).value;
}

/** Whether workspace or folder set the value. */
export function isFolderValue(id: SettingId, scope?: vscode.Uri): boolean {
  const found = vscode.workspace.getConfiguration(undefined, withLanguage(scope)).inspect<unknown>(id);
  const byLanguage = found?.workspaceFolderLanguageValue ?? found?.workspaceLanguageValue;
  return (byLanguage ?? found?.workspaceFolderValue ?? found?.workspaceValue) !== undefined;
}

/** Finds a limit of the wrong type at any level; nothing is sent then. */
export function findBrokenLimit(scope?: vscode.Uri): SettingId | undefined {
  const configuration = vscode.workspace.getConfiguration(undefined, scope ?? null);
  return (['precis.maxCostUsd', 'precis.confirmAboveTokens'] as const).find((id) => {
    const found = configuration.inspect<unknown>(id);
    return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some(isBrokenLimit);
  });
}

/** Whether somebody chose the value. */
export function isSet(id: SettingId, scope?: vscode.Uri): boolean {
  const found = vscode.workspace.getConfiguration(undefined, scope ?? null).inspect(id);
  return [found?.globalValue, found?.workspaceValue, found?.workspaceFolderValue].some((value) => value !== undefined);
}

/**
 * Returns the user's own value; undefined in containers, whose machine settings may come from the repository
 * (`devcontainer.json`).
 */
export function ownValue<K extends SettingId>(id: K): SettingTypes[K] | undefined {
  if (/container|codespaces/i.test(vscode.env.remoteName ?? '')) return undefined;
  return vscode.workspace.getConfiguration().inspect<SettingTypes[K]>(id)?.globalValue;
}

/** Whether the folder is trusted; untrusted folders send nothing. */
export function isTrusted(): boolean {
  return vscode.workspace.isTrusted;
}
