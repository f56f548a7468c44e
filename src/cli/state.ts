/** Small JSON files of this installation: learned server data and the secret. Only their user can read them. */
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../cache/fileSystem.ts';
import type { ProviderMemory } from '../providers/provider.ts';

const userOnly = 0o600;

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Replaces a file atomically.
 * @throws the disk's error
 */
export async function replaceFile(folder: string, name: string, content: string): Promise<void> {
  const temporary = join(folder, `${name}.${process.pid}.tmp`);
  try {
    await makeFolder(folder);
    await writeFile(temporary, content, { mode: userOnly });
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** Losing this data is harmless. */
const writeWhole = (folder: string, name: string, content: string): Promise<void> =>
  replaceFile(folder, name, content).catch(() => undefined);

/** Random value unknown to authors of texts; created once. Seeds fences and names of masked secrets. */
export async function getInstallationSecret(folder: string): Promise<string> {
  const name = 'secret';
  const known = await readFile(join(folder, name), 'utf8').catch(() => '');
  if (/^[0-9a-f]{48}$/.test(known.trim())) return known.trim();
  const fresh = randomBytes(24).toString('hex');
  await writeWhole(folder, name, fresh);
  return fresh;
}

/** Learned server data that can be saved. */
export interface SavedMemory extends ProviderMemory {
  save(): Promise<void>;
}

/** Loads learned server data (refused parameters, limits, token factors). Damaged files read as empty. */
export async function loadMemory(folder: string): Promise<SavedMemory> {
  const name = 'providers.json';
  const stored = await readJson(join(folder, name));
  const isObject = typeof stored === 'object' && stored !== null && !Array.isArray(stored);
  const values = new Map(isObject ? Object.entries(stored) : []);
  let changed = false;
  return {
    get: (key) => values.get(key),
    set(key, value) {
      values.set(key, value);
      changed = true;
    },
    async save() {
      if (changed) await writeWhole(folder, name, JSON.stringify(Object.fromEntries(values)));
    },
  };
}
