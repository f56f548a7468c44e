/** The table of providers. To add one: a file with a `ProviderDefinition`, its id in `contributions.ts`, one line here. */
import { providerIds, type ProviderId } from '../contributions.ts';
import type { ProviderDefinition } from './provider.ts';
import type { VsCodeParts } from './vscodeLm.ts';

/** Dependencies that only the host can provide. */
export interface ProviderParts {
  readonly vscode?: VsCodeParts;
}

const table: Readonly<Record<ProviderId, (parts: ProviderParts) => Promise<ProviderDefinition>>> = {
  openai: async () => (await import('./openai.ts')).openai,
  anthropic: async () => (await import('./anthropic.ts')).anthropic,
  'openai-compatible': async () => (await import('./openaiCompatible.ts')).openaiCompatible,
  vscode: async ({ vscode }) => (await import('./vscodeLm.ts')).createVscodeProvider(need(vscode)),
  offline: async () => (await import('./offline.ts')).offline,
};

/** Loaded on first use. */
export function loadProvider(id: ProviderId, parts: ProviderParts): Promise<ProviderDefinition> {
  return table[id](parts);
}

/** Loads all providers in the order in which they are offered. */
export function loadProviders(parts: ProviderParts): Promise<ProviderDefinition[]> {
  const ids = providerIds.filter((id) => id !== 'vscode' || parts.vscode !== undefined);
  return Promise.all(ids.map((id) => loadProvider(id, parts)));
}

function need(parts: VsCodeParts | undefined): VsCodeParts {
  if (parts === undefined) {
    throw new Error('the vscode provider needs the editor');
  }
  return parts;
}
