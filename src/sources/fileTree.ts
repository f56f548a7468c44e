import * as vscode from 'vscode';
import { isInside, nodeFs } from './platform.ts';
import type { EntryKind, FileTree } from './walk.ts';

/** A folder as the walk reads it: through Node where the files are on this machine, through VS Code everywhere else. */
export function fileTree(root: vscode.Uri): FileTree {
  return root.scheme === 'file' && nodeFs ? localTree(root.fsPath) : virtualTree(root);
}

/** Node's own file system under a folder. */
export function localTree(root: string): FileTree {
  const { promises: fs } = nodeFs!;
  const at = (path: string): string => (path ? `${root}/${path}` : root);
  return {
    async list(folder) {
      const entries = await fs.readdir(at(folder), { withFileTypes: true });
      return Promise.all(
        entries.map(
          async (entry) =>
            [
              entry.name,
              entry.isSymbolicLink()
                ? await linkKind(at(folder ? `${folder}/${entry.name}` : entry.name))
                : kindOf(entry),
            ] as const,
        ),
      );
    },
    size: async (path) => (await fs.stat(at(path))).size,
    async head(path, bytes) {
      const handle = await fs.open(at(path), 'r');
      try {
        const { bytesRead, buffer } = await handle.read(new Uint8Array(bytes), 0, bytes, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await handle.close();
      }
    },
    text: (path) => fs.readFile(at(path), 'utf8'),
    inside: (path) => isInside(root, at(path)),
  };

  async function linkKind(path: string): Promise<EntryKind> {
    const target = await fs.stat(path).catch(() => undefined);
    return target?.isDirectory() ? 'link-folder' : target?.isFile() ? 'link-file' : 'other';
  }
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}

function virtualTree(root: vscode.Uri): FileTree {
  const { fs } = vscode.workspace;
  const at = (path: string): vscode.Uri => (path ? vscode.Uri.joinPath(root, path) : root);
  return {
    list: async (folder) =>
      (await fs.readDirectory(at(folder))).map(([name, type]) => [name, virtualKind(type)] as const),
    size: async (path) => (await fs.stat(at(path))).size,
    head: async (path, bytes) => (await fs.readFile(at(path))).subarray(0, bytes),
    text: async (path) => new TextDecoder().decode(await fs.readFile(at(path))),
    // The real place of a link cannot be asked for here.
    inside: async () => false,
  };
}

function virtualKind(type: vscode.FileType): EntryKind {
  const link = (type & vscode.FileType.SymbolicLink) !== 0;
  if (type & vscode.FileType.Directory) return link ? 'link-folder' : 'folder';
  return type & vscode.FileType.File ? (link ? 'link-file' : 'file') : 'other';
}
