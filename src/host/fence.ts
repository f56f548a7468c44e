import type { SecretStorage } from 'vscode';
import type { Fence, Hash } from '../engine/ports.ts';

const secretId = 'precis.install';

/**
 * A random value of this installation that no text's author can know: marks around data and the names of masked secrets hang on it.
 * Kept with the keys, never shown, never sent.
 */
export async function installSecret(storage: Pick<SecretStorage, 'get' | 'store'>): Promise<string> {
  const known = await storage.get(secretId).then(undefined, () => undefined);
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const fresh = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  // Without a key ring the marks still hold for this window; only the cache forgets.
  void storage.store(secretId, fresh).then(undefined, () => undefined);
  return fresh;
}

/** The same mark for the same text, so that requests can be cached; ten hex digits that its author cannot guess. */
export function createFence(secret: string, hash: Hash): Fence {
  return (text) => hash(`${secret}\n${hash(text)}`).slice(0, 10);
}
