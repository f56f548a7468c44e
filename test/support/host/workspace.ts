/** Folders that tests open. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './host.ts';

/** The fixtures in a copy that tests may change. */
export function fixturesCopy(folder: string): string {
  const target = join(folder, 'workspace');
  cpSync(join(root, 'test', 'fixtures'), target, { recursive: true });
  return target;
}
