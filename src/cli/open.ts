import type { Options } from './args.ts';
import { getPlatformFolders, type Folders } from './folders.ts';
import { terminalText } from './output.ts';
import { Session } from './session.ts';
import { readEnvironment, readConfig, resolveSettings, type CliSettings } from './settings.ts';

/** Folders of this process. */
export const ownFolders = (): Folders => getPlatformFolders(process.env, process.platform);

/** @throws UsageError for invalid flags or an invalid configuration file */
export async function loadSettings(options: Options): Promise<CliSettings> {
  return resolveSettings(options, readEnvironment(process.env), await readConfig(ownFolders().config));
}

/** Writes to standard error, without terminal escapes. */
export const logLine = (line: string): void => void process.stderr.write(`precis: ${terminalText(line)}\n`);

interface SessionPlace {
  /** The bundled text worker, next to the program's entry. */
  readonly workerFile: URL;
  /** Titles are relative to it. */
  readonly cwd?: string;
  readonly log?: (line: string) => void;
}

/** Loads and opens a session. */
export function openSession(
  settings: CliSettings,
  { workerFile, cwd = process.cwd(), log = logLine }: SessionPlace,
): Promise<Session> {
  return Session.open({ settings, folders: ownFolders(), env: process.env, cwd, workerFile, log });
}
