import {
  groupSettings,
  providerFacts,
  providerIds,
  type Price,
  type ProviderSettingId,
  type SettingId,
  type SettingTypes,
} from '../contributions.ts';
import type { Translate } from '../engine/messages.ts';

type Rule<T> =
  | { readonly type: 'integer' | 'number'; readonly min: number; readonly max?: number }
  | { readonly type: 'choice'; readonly of: readonly T[] }
  | { readonly type: 'boolean' | 'text' | 'prices' | 'headers' | 'globs' };

const providerRules = Object.fromEntries(
  providerIds.flatMap((id) => {
    const { settings } = providerFacts[id];
    return settings ? groupSettings.map((name) => [`precis.${settings}.${name}`, { type: 'text' }]) : [];
  }),
) as Readonly<Record<ProviderSettingId, Rule<string>>>;

/** Rules that VS Code's settings editor enforces late or never. */
export const settingRules: { readonly [K in SettingId]: Rule<SettingTypes[K]> } = {
  'precis.provider': { type: 'choice', of: ['auto', ...providerIds] },
  ...providerRules,
  'precis.openaiCompatible.headers': { type: 'headers' },
  'precis.vscode.model': { type: 'text' },
  'precis.vscode.mapModel': { type: 'text' },
  'precis.reasoningEffort': { type: 'choice', of: ['auto', 'none', 'low', 'medium', 'high'] },
  'precis.serviceTier': { type: 'choice', of: ['default', 'flex'] },
  'precis.contextWindow': { type: 'integer', min: 0, max: 20_000_000 },
  'precis.concurrency': { type: 'integer', min: 1, max: 64 },
  'precis.maxRetries': { type: 'integer', min: 0, max: 20 },
  'precis.requestTimeoutSeconds': { type: 'integer', min: 1, max: 3600 },
  'precis.chunkTokens': { type: 'integer', min: 0, max: 1_000_000 },
  'precis.hedgeStragglers': { type: 'boolean' },
  'precis.summary.length': { type: 'choice', of: ['brief', 'standard', 'detailed'] },
  'precis.summary.language': { type: 'text' },
  'precis.summary.instructions': { type: 'text' },
  'precis.cache.enabled': { type: 'boolean' },
  'precis.cache.withoutFolder': { type: 'boolean' },
  'precis.cache.ttlHours': { type: 'integer', min: 1, max: 8760 },
  'precis.cache.maxMegabytes': { type: 'integer', min: 1, max: 4096 },
  'precis.history.days': { type: 'integer', min: 0, max: 3650 },
  'precis.confirmAboveTokens': { type: 'integer', min: 0 },
  'precis.maxCostUsd': { type: 'number', min: 0 },
  'precis.prices': { type: 'prices' },
  'precis.editor.showCitedLines': { type: 'boolean' },
  'precis.editor.showTitleIcon': { type: 'boolean' },
  'precis.editor.codeLens': { type: 'boolean' },
  'precis.scm.commitStyle': { type: 'choice', of: ['auto', 'conventional', 'plain'] },
  'precis.exclude': { type: 'globs' },
};

/** Limits that a folder may only lower, and whether 0 means none. */
export const tightenedOnly: Readonly<Partial<Record<SettingId, { readonly zeroIsNone: boolean }>>> = {
  'precis.maxCostUsd': { zeroIsNone: true },
  'precis.confirmAboveTokens': { zeroIsNone: true },
  'precis.concurrency': { zeroIsNone: false },
};

/** Returns the stricter of the user's and the folder's limit. */
export function stricterLimit(id: SettingId, user: number, folder: number): number {
  const none = (value: number): boolean => tightenedOnly[id]?.zeroIsNone === true && value === 0;
  if (none(user)) return folder;
  return none(folder) ? user : Math.min(user, folder);
}

/** Whether a limit's value is unusable. */
export function isBrokenLimit(value: unknown): boolean {
  return value !== undefined && (typeof value !== 'number' || !Number.isFinite(value) || value < 0);
}

/** A valid value. */
export interface Checked<T> {
  readonly value: T;
  /** Why the value was replaced. */
  readonly problem?: string;
}

/** The value, else the nearest allowed, else the default. */
export function checkSetting<K extends SettingId>(
  id: K,
  value: unknown,
  fallback: SettingTypes[K],
  t: Translate,
): Checked<SettingTypes[K]> {
  const rule: Rule<SettingTypes[K]> = settingRules[id];
  switch (rule.type) {
    case 'integer':
    case 'number':
      return checkNumber(id, rule, value, fallback as number, t) as Checked<SettingTypes[K]>;
    case 'choice':
      return rule.of.includes(value as SettingTypes[K]) ? { value: value as SettingTypes[K] } : wrong();
    case 'boolean':
      return typeof value === 'boolean' ? { value: value as SettingTypes[K] } : wrong();
    case 'text':
      return typeof value === 'string' ? { value: value.trim() as SettingTypes[K] } : wrong();
    case 'globs':
      return Array.isArray(value) && value.every((glob) => typeof glob === 'string')
        ? { value: value as unknown as SettingTypes[K] }
        : wrong();
    case 'prices':
      return checkPrices(value, t) as Checked<SettingTypes[K]>;
    case 'headers':
      return checkHeaders(id, value, t) as Checked<SettingTypes[K]>;
  }
  function wrong(): Checked<SettingTypes[K]> {
    return { value: fallback, problem: t('The setting {0} has a value that is not allowed; its default is used.', id) };
  }
}

function checkNumber(
  id: SettingId,
  rule: { readonly type: 'integer' | 'number'; readonly min: number; readonly max?: number },
  value: unknown,
  fallback: number,
  t: Translate,
): Checked<number> {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    return { value: fallback, problem: t('The setting {0} must be a number; {1} is used.', id, fallback) };
  }
  const whole = rule.type === 'integer' ? Math.round(value) : value;
  const within = Math.min(rule.max ?? Infinity, Math.max(rule.min, whole));
  return within === value
    ? { value }
    : { value: within, problem: t('The setting {0} is out of bounds; {1} is used.', id, within) };
}

function checkPrices(value: unknown, t: Translate): Checked<Readonly<Record<string, Price>>> {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const good = entries.filter((entry): entry is [string, Price] => isPrice(entry[1]));
  const kept = Object.freeze(Object.fromEntries(good.map(([model, price]) => [model, Object.freeze({ ...price })])));
  if (good.length === entries.length && typeof value === 'object' && value !== null) return { value: kept };
  return {
    value: kept,
    problem: t('The setting {0} has entries that are not prices. They are ignored.', 'precis.prices'),
  };
}

/** The connection's own headers. */
const reserved =
  /^(?:host|connection|content-(?:length|type|encoding)|transfer-encoding|te|trailer|upgrade|expect|keep-alive|proxy-.*|sec-.*|origin|referer)$/i;

function checkHeaders(id: SettingId, value: unknown, t: Translate): Checked<Readonly<Record<string, string>>> {
  const entries = Object.entries(typeof value === 'object' && value !== null ? value : {});
  const good = entries.filter(
    (entry): entry is [string, string] =>
      /^[A-Za-z0-9-]{1,64}$/.test(entry[0]) &&
      !reserved.test(entry[0]) &&
      typeof entry[1] === 'string' &&
      /^[\x20-\x7e]{0,4000}$/.test(entry[1]),
  );
  const kept = Object.freeze(Object.fromEntries(good));
  if (good.length === entries.length && typeof value === 'object' && value !== null) return { value: kept };
  return { value: kept, problem: t('The setting {0} has entries that are not headers. They are ignored.', id) };
}

function isPrice(value: unknown): value is Price {
  if (typeof value !== 'object' || value === null) return false;
  const { input, output, cachedInput } = value as Record<string, unknown>;
  return isAmount(input) && isAmount(output) && (cachedInput === undefined || isAmount(cachedInput));
}

function isAmount(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
