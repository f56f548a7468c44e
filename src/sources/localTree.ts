import { isInside, resolveLinks, nodeFs } from './platform.ts';
import type { EntryKind, FileTree } from './walk.ts';

/** Bytes. */
const maxText = 1024 * 1024;

/** Node's own file system under a folder. */
export function createLocalTree(root: string): FileTree {
  const { promises: fs } = nodeFs!;
  const at = (path: string): string => (path ? `${root}/${path}` : root);
  return {
    async list(folder, most) {
      const found: [string, EntryKind][] = [];
      // in pieces: a folder may have a million entries
      for await (const entry of await fs.opendir(at(folder), { bufferSize: 512 })) {
        const { name } = entry;
        const kind = entry.isSymbolicLink()
          ? await linkKind(at(folder ? `${folder}/${name}` : name))
          : toEntryKind(entry);
        if (found.push([name, kind]) > most) break;
      }
      return found;
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
    async text(path) {
      // reading a pipe would never end
      const stat = await fs.stat(at(path));
      return stat.isFile() && stat.size <= maxText ? fs.readFile(at(path), 'utf8') : '';
    },
    linked: (path) => resolveLinks(at(path)),
    inside: (path) => isInside(root, at(path)),
  };

  async function linkKind(path: string): Promise<EntryKind> {
    const target = await fs.stat(path).catch(() => undefined);
    return target?.isDirectory() ? 'link-folder' : target?.isFile() ? 'link-file' : 'other';
  }
}

function toEntryKind(entry: { isFile(): boolean; isDirectory(): boolean }): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other';
}
