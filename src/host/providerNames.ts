import type { Translate } from '../engine/messages.ts';

/** Names of providers, and of what they ask for, that are words and not brands. */
export const providerNames = {
  compatible: 'OpenAI-compatible server',
  vscode: 'VS Code language models',
  llamaCpp: 'llama.cpp server',
  offline: 'Offline (no model, nothing leaves this machine)',
  resource: 'resource',
  region: 'region',
  project: 'project',
} as const;

/** Returns a provider's name in the user's language; a brand is returned as it is. */
export function providerName(name: string, t: Translate): string {
  const known = Object.values(providerNames).find((text) => text === name);
  return known === undefined ? name : t(known);
}
