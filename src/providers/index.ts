/** The table of providers, from which every list of providers follows. To add one: a file with a `ProviderDefinition`, and a line here. */
import type { ProviderDefinition } from './provider.ts';
import type { VsCodeParts } from './vscodeLm.ts';

interface ProviderParts {
  readonly vscode?: VsCodeParts;
}

interface Entry {
  /** Whether a key can be stored. `auto` takes the first such provider that has one, in the order of the table. */
  readonly takesKey: boolean;
  /** Environment variable to use if no key is stored. */
  readonly keyVariable?: 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY';
  /** Group of its settings `precis.<group>.baseUrl`, `.model` and `.mapModel`, which the build adds to the manifest. */
  readonly settings?: string;
  readonly load: (parts: ProviderParts) => Promise<ProviderDefinition>;
}

const table = {
  openai: {
    takesKey: true,
    keyVariable: 'OPENAI_API_KEY',
    settings: 'openai',
    load: async () => (await import('./openai.ts')).openai,
  },
  anthropic: {
    takesKey: true,
    keyVariable: 'ANTHROPIC_API_KEY',
    settings: 'anthropic',
    load: async () => (await import('./anthropic.ts')).anthropic,
  },
  'openai-compatible': {
    takesKey: true,
    settings: 'openaiCompatible',
    load: async () => (await import('./openaiCompatible.ts')).openaiCompatible,
  },
  vscode: {
    takesKey: false,
    load: async ({ vscode }) => (await import('./vscodeLm.ts')).createVscodeProvider(need(vscode)),
  },
  offline: { takesKey: false, load: async () => (await import('./offline.ts')).offline },
} as const satisfies Readonly<Record<string, Entry>>;

/** Values of `precis.provider`, without `auto`. */
export type ProviderId = keyof typeof table;
/** Settings of each group. The build reads them too. */
export const groupSettings = ['baseUrl', 'model', 'mapModel'] as const;
/** Groups of providers with settings of their own. */
export type SettingsGroup = Extract<(typeof table)[ProviderId], { readonly settings: string }>['settings'];

interface ProviderFacts extends Pick<Entry, 'takesKey' | 'keyVariable'> {
  readonly settings?: SettingsGroup;
}

/** A loaded provider. */
export interface Provider extends ProviderDefinition, ProviderFacts {
  readonly id: ProviderId;
}

/** Facts that load no provider. */
export const providerFacts: Readonly<Record<ProviderId, ProviderFacts>> = table;
/** Ids in the order in which providers are offered. */
export const providerIds = Object.keys(table) as readonly ProviderId[];
/** Providers that a key can be stored for. */
export const keyedProviders: readonly ProviderId[] = providerIds.filter((id) => table[id].takesKey);

/** Loads a provider on first use. */
export async function loadProvider(id: ProviderId, parts: ProviderParts): Promise<Provider> {
  const { load, ...facts }: Pick<Entry, 'load'> & ProviderFacts = table[id];
  return { ...(await load(parts)), ...facts, id };
}

/** Loads all providers in the order in which they are offered. */
export function loadProviders(parts: ProviderParts): Promise<Provider[]> {
  const ids = providerIds.filter((id) => id !== 'vscode' || parts.vscode !== undefined);
  return Promise.all(ids.map((id) => loadProvider(id, parts)));
}

function need(parts: VsCodeParts | undefined): VsCodeParts {
  if (parts === undefined) {
    throw new Error('the vscode provider needs the editor');
  }
  return parts;
}
