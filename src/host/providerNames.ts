import type { Translate } from '../engine/messages.ts';

/** Names that are words rather than brands. */
export const providerNames = {
  compatible: 'OpenAI-compatible server',
  vscode: 'VS Code language models',
  llamaCpp: 'llama.cpp server',
  offline: 'Offline (no model, nothing leaves this machine)',
  resource: 'resource',
  region: 'region',
  project: 'project',
} as const;

/** Translates a name; brands stay. */
export function translateProviderName(name: string, t: Translate): string {
  const known = Object.values(providerNames).find((text) => text === name);
  return known === undefined ? name : t(known);
}
