import type { SecretStorage } from 'vscode';
import { providerFacts, type ProviderId } from '../contributions.ts';
import { findVariable, type EnvironmentVariable } from './environment.ts';
import { parseBaseUrl } from '../shared/baseUrl.ts';

/** A key and its origin, for an adapter only. */
export interface ResolvedKey {
  readonly key: string;
  readonly from: 'stored' | 'environment';
}

/** API keys, each bound to an address. */
export interface Keys {
  /** Returns the key stored for this address, else the environment's. */
  resolve(provider: ProviderId, baseUrl: string): Promise<ResolvedKey | undefined>;
  /** @throws Error without an address, or if the key ring refuses */
  set(provider: ProviderId, baseUrl: string, key: string): Promise<void>;
  /** Deletes the key of one address or all; resolves to their number. */
  clear(provider: ProviderId, baseUrl?: string): Promise<number>;
  hasStored(provider: ProviderId): Promise<boolean>;
}

const prefix = 'precis.key.';

/** Binds keys to provider and host, so that a changed address finds none. */
export function createKeys(
  storage: Pick<SecretStorage, 'get' | 'store' | 'delete'> & Partial<Pick<SecretStorage, 'keys'>>,
  environment: (name: EnvironmentVariable) => string | undefined,
): Keys {
  return {
    async resolve(provider, baseUrl) {
      const id = createKeyId(provider, baseUrl);
      if (!id) return undefined;
      const stored = await read(id);
      if (stored) return { key: stored, from: 'stored' };
      const variable = providerFacts[provider].keyVariable ?? findVariableAt(provider, baseUrl);
      const found = variable && !isUnencrypted(baseUrl) ? environment(variable) : undefined;
      return found ? { key: found, from: 'environment' } : undefined;
    },
    async set(provider, baseUrl, key) {
      const id = createKeyId(provider, baseUrl);
      if (!id) throw new Error('the address of the provider is not a valid URL');
      await storage.store(id, key.trim());
    },
    async clear(provider, baseUrl) {
      const ids = baseUrl === undefined ? await stored(provider) : [createKeyId(provider, baseUrl)];
      let cleared = 0;
      for (const id of ids) {
        if (!id || !(await read(id))) continue;
        await storage.delete(id);
        cleared++;
      }
      return cleared;
    },
    hasStored: async (provider) => (await stored(provider)).length > 0,
  };

  /** Without a key ring nothing is stored. */
  async function read(id: string): Promise<string | undefined> {
    try {
      return await storage.get(id);
    } catch {
      return undefined;
    }
  }

  async function stored(provider: ProviderId): Promise<string[]> {
    const ids = await Promise.resolve(storage.keys?.()).catch(() => undefined);
    return (ids ?? []).filter((id) => id.startsWith(`${prefix}${provider}.`));
  }
}

/** Keys of `https:` addresses are not used for `http:`. */
function createKeyId(provider: ProviderId, baseUrl: string): string | undefined {
  const parsed = parseBaseUrl(baseUrl);
  if ('problem' in parsed) return undefined;
  return `${prefix}${provider}.${parsed.unencrypted ? 'http:' : ''}${parsed.host}`;
}

/** The environment's key of a compatible server is used only for the host it belongs to. */
function findVariableAt(provider: ProviderId, baseUrl: string): EnvironmentVariable | undefined {
  const parsed = parseBaseUrl(baseUrl);
  return provider === 'openai-compatible' && !('problem' in parsed) ? findVariable(parsed.host) : undefined;
}

function isUnencrypted(baseUrl: string): boolean {
  const parsed = parseBaseUrl(baseUrl);
  return 'problem' in parsed || parsed.unencrypted;
}
