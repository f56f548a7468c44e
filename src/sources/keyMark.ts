/** Marks texts of files that usually hold keys, once, where they are opened; destinations refuse what is marked. */
import * as vscode from 'vscode';
import type { Source, SourcePart } from '../engine/source.ts';
import { isKeyFile } from './keyFiles.ts';
import { SourceError } from './outcome.ts';
import { linkedPaths } from './platform.ts';

/** Whether any name of this place is that of a key file: its own, each link's on the way, and what they lead to. */
export async function isKeyPlace(uri: vscode.Uri): Promise<boolean> {
  if (isKeyFile(uri.path)) return true;
  return uri.scheme === 'file' && (await linkedPaths(uri.fsPath)).some(isKeyFile);
}

/** The part with its mark, by the place that it was opened at. */
export async function withKeyMark(part: SourcePart, uri: vscode.Uri): Promise<SourcePart> {
  return (await isKeyPlace(uri)) ? { ...part, keyFile: true } : part;
}

/** Titles of the parts that are marked; each once. */
export function keyFilesOf(source: Pick<Source, 'parts'>): readonly string[] {
  return [...new Set(source.parts.filter((part) => part.keyFile).map((part) => part.title))];
}

/** @throws SourceError where a part is marked: for destinations that nobody can confirm (agents, the command line without its option) */
export function refuseKeyFiles(source: Pick<Source, 'parts'>): void {
  const [first] = keyFilesOf(source);
  if (first === undefined) return;
  throw new SourceError(
    vscode.l10n.t('{0} may hold keys or passwords and is not handed over. Open it yourself to summarize it.', first),
  );
}
