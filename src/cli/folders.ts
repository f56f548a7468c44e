import { homedir } from 'node:os';
import { join } from 'node:path';

/** Platform folders of the command line. */
export interface Folders {
  /** Holds `config.json`, written only by the user. */
  readonly config: string;
  /** Paid answers; safe to delete. */
  readonly cache: string;
  readonly state: string;
}

/**
 * @param env `PRECIS_HOME` puts all three below one folder
 * @param platform as `process.platform`
 */
export function getPlatformFolders(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, home = homedir()): Folders {
  const own = env['PRECIS_HOME'];
  if (own) return { config: own, cache: join(own, 'cache'), state: join(own, 'state') };
  if (platform === 'win32') {
    const roaming = env['APPDATA'] ?? join(home, 'AppData', 'Roaming');
    const local = env['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local');
    return {
      config: join(roaming, 'precis'),
      cache: join(local, 'precis', 'cache'),
      state: join(local, 'precis', 'state'),
    };
  }
  if (platform === 'darwin') {
    return {
      config: join(home, 'Library', 'Preferences', 'precis'),
      cache: join(home, 'Library', 'Caches', 'precis'),
      state: join(home, 'Library', 'Application Support', 'precis'),
    };
  }
  return {
    config: join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'precis'),
    cache: join(env['XDG_CACHE_HOME'] || join(home, '.cache'), 'precis'),
    state: join(env['XDG_STATE_HOME'] || join(home, '.local', 'state'), 'precis'),
  };
}
