/** Marks key files where they are opened; destinations refuse marked parts. */
import * as vscode from 'vscode';
import type { Source, SourcePart } from '../engine/source.ts';
import { isKeyFile } from './keyFiles.ts';
import { SourceError } from './outcome.ts';
import { resolveLinks } from './platform.ts';

/** Checks the name, each link on the way, and the target. */
export async function isKeyPlace(uri: vscode.Uri): Promise<boolean> {
  if (isKeyFile(uri.path)) return true;
  return uri.scheme === 'file' && (await resolveLinks(uri.fsPath)).some(isKeyFile);
}

/** Marks the part if it is a key file. */
export async function withKeyMark(part: SourcePart, uri: vscode.Uri): Promise<SourcePart> {
  return (await isKeyPlace(uri)) ? { ...part, keyFile: true } : part;
}

/** Titles of marked parts, each once. */
export function listKeyFiles(source: Pick<Source, 'parts'>): readonly string[] {
  return [...new Set(source.parts.filter((part) => part.keyFile).map((part) => part.title))];
}

/** @throws SourceError for a marked part, if nobody can confirm (agents, command line) */
export function refuseKeyFiles(source: Pick<Source, 'parts'>): void {
  const [first] = listKeyFiles(source);
  if (first === undefined) return;
  throw new SourceError(
    vscode.l10n.t('{0} may hold keys or passwords and is not handed over. Open it yourself to summarize it.', first),
  );
}
