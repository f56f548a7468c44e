import * as vscode from 'vscode';
import { createLocalTree } from './localTree.ts';
import { nodeFs } from './platform.ts';
import type { EntryKind, FileTree } from './walk.ts';

/** Reads folders through Node locally, else through VS Code. */
export function createFileTree(root: vscode.Uri): FileTree {
  return root.scheme === 'file' && nodeFs ? createLocalTree(root.fsPath) : createVirtualTree(root);
}

function createVirtualTree(root: vscode.Uri): FileTree {
  const { fs } = vscode.workspace;
  const at = (path: string): vscode.Uri => (path ? vscode.Uri.joinPath(root, path) : root);
  return {
    list: async (folder) =>
      (await fs.readDirectory(at(folder))).map(([name, type]) => [name, virtualKind(type)] as const),
    size: async (path) => (await fs.stat(at(path))).size,
    head: async (path, bytes) => (await fs.readFile(at(path))).subarray(0, bytes),
    text: async (path) => new TextDecoder().decode(await fs.readFile(at(path))),
    linked: async () => [],
    // links cannot be resolved here
    inside: async () => false,
  };
}

function virtualKind(type: vscode.FileType): EntryKind {
  const link = (type & vscode.FileType.SymbolicLink) !== 0;
  if (type & vscode.FileType.Directory) return link ? 'link-folder' : 'folder';
  return type & vscode.FileType.File ? (link ? 'link-file' : 'file') : 'other';
}
