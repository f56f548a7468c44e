import type { SecretStorage } from 'vscode';
import type { Fence, Hash } from '../engine/ports.ts';

const secretId = 'precis.install';

/** Random value of this installation for marks around data and names of masked secrets. Stored with the keys, never sent. */
export async function installSecret(storage: Pick<SecretStorage, 'get' | 'store'>): Promise<string> {
  const known = await storage.get(secretId).then(undefined, () => undefined);
  if (known) return known;
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  const fresh = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  // without a key ring the secret lasts only as long as the window
  void storage.store(secretId, fresh).then(undefined, () => undefined);
  return fresh;
}

/** Creates ten hex digits, the same for the same text so that requests can be cached. */
export function createFence(secret: string, hash: Hash): Fence {
  return (text) => hash(`${secret}\n${hash(text)}`).slice(0, 10);
}
