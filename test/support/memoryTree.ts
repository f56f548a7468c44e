import { dirname } from 'node:path';
import type { EntryKind, FileTree } from '../../src/sources/walk.ts';

export type Files = Readonly<
  Record<string, string | Uint8Array | { readonly link: 'file' | 'folder'; readonly inside: boolean }>
>;

/** A tree that lives in memory; a path that ends in a slash is an empty folder. */
export function memoryTree(files: Files): FileTree & { readonly read: string[] } {
  const folders = new Map<string, Map<string, EntryKind>>([['', new Map()]]);
  const add = (path: string, kind: EntryKind): void => {
    const folder = dirname(path) === '.' ? '' : dirname(path);
    if (!folders.has(folder)) add(folder, 'folder');
    folders.set(folder, folders.get(folder) ?? new Map());
    folders.get(folder)!.set(path.slice(folder ? folder.length + 1 : 0), kind);
    if (kind === 'folder' && !folders.has(path)) folders.set(path, new Map());
  };
  for (const [path, content] of Object.entries(files)) {
    if (path.endsWith('/')) add(path.slice(0, -1), 'folder');
    else add(path, typeof content === 'object' && 'link' in content ? `link-${content.link}` : 'file');
  }
  const read: string[] = [];
  const bytes = (path: string): Uint8Array => {
    read.push(path);
    const content = files[path];
    return content instanceof Uint8Array
      ? content
      : new TextEncoder().encode(typeof content === 'string' ? content : 'behind the link');
  };
  return {
    read,
    list: async (folder) => [...(folders.get(folder) ?? new Map<string, EntryKind>())],
    size: async (path) => bytes(path).length,
    head: async (path, length) => bytes(path).subarray(0, length),
    text: async (path) => new TextDecoder().decode(bytes(path)),
    linked: async () => [],
    inside: async (path) => {
      const content = files[path];
      return typeof content === 'object' && 'link' in content && content.inside;
    },
  };
}
