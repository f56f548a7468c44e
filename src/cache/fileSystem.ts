/** One flat folder of files, as cache and batch jobs use it; tests replace it with one that fails at any point. */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FileInfo {
  readonly name: string;
  readonly size: number;
  /** Milliseconds since 1970, by the disk's clock. */
  readonly modified: number;
}

/** Every method rejects with the disk's error; `missing` tells whether a rejection means that the file is not there. */
export interface FileSystem {
  /** Empty when the folder does not exist. */
  list(): Promise<FileInfo[]>;
  /** Fewer bytes than asked for when the file ends earlier. */
  read(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** Creates folder and file as needed, both for this user alone. Resolves with the offset at which the bytes begin. */
  append(name: string, bytes: Uint8Array): Promise<number>;
  /** Whole, or not at all: false when the file exists. */
  create(name: string, bytes: Uint8Array): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** A file that is not there counts as removed. */
  remove(name: string): Promise<void>;
  missing(error: unknown): boolean;
}

const userOnly = 0o600;

/** Returns the folder at `folder` on the disk; its files are readable by their user alone. */
export function nodeFs(folder: string): FileSystem {
  const path = (name: string): string => join(folder, name);
  const missing = (error: unknown): boolean => codeOf(error) === 'ENOENT';

  /** The folder is made only when something is written. */
  const openOrMake = async (name: string, flags: number): ReturnType<typeof open> => {
    try {
      return await open(path(name), flags, userOnly);
    } catch (error) {
      if (!missing(error)) throw error;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return open(path(name), flags, userOnly);
    }
  };

  return {
    missing,
    async list() {
      let names: string[];
      try {
        names = await readdir(folder);
      } catch (error) {
        if (missing(error)) return [];
        throw error;
      }
      const files = await Promise.all(names.map((name) => infoOf(name, path(name))));
      return files.filter((file) => file !== undefined);
    },
    async read(name, offset, length) {
      const handle = await open(path(name), 'r');
      try {
        const bytes = new Uint8Array(length);
        let filled = 0;
        while (filled < length) {
          const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
          if (!bytesRead) break;
          filled += bytesRead;
        }
        return filled === length ? bytes : bytes.subarray(0, filled);
      } finally {
        await handle.close();
      }
    },
    async append(name, bytes) {
      const handle = await openOrMake(name, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
      try {
        const { size } = await handle.stat();
        let written = 0;
        while (written < bytes.length)
          written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten;
        return size;
      } finally {
        await handle.close();
      }
    },
    async create(name, bytes) {
      try {
        const handle = await openOrMake(name, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL);
        try {
          await handle.writeFile(bytes);
        } finally {
          await handle.close();
        }
        return true;
      } catch (error) {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      }
    },
    rename: (from, to) => rename(path(from), path(to)),
    remove: (name) => rm(path(name), { force: true }),
  };
}

async function infoOf(name: string, path: string): Promise<FileInfo | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? { name, size: found.size, modified: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
