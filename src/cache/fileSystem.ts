/** One flat folder of files for cache and batch jobs; tests inject faults. */
import { constants } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Name, size and age of a file. */
export interface FileInfo {
  readonly name: string;
  readonly size: number;
  /** Unix ms, by the disk's clock. */
  readonly modified: number;
}

/** Methods reject with the disk's error; `missing` recognizes file-not-found. */
export interface FileSystem {
  /** Empty if the folder does not exist. */
  list(): Promise<FileInfo[]>;
  /** Returns fewer bytes at the end of the file. */
  read(name: string, offset: number, length: number): Promise<Uint8Array>;
  /** Creates folder and file if needed, private to this user. Resolves to the offset of the bytes. */
  append(name: string, bytes: Uint8Array): Promise<number>;
  /** Atomic; false if the file exists. */
  create(name: string, bytes: Uint8Array): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** Succeeds if the file is missing. */
  remove(name: string): Promise<void>;
  missing(error: unknown): boolean;
}

const userOnly = 0o600;

/**
 * Creates a folder and its parents, private to this user. Level by level, because Node's recursive `mkdir` never returns below
 * `/proc`.
 * @throws the disk's error
 */
export async function makeFolder(folder: string): Promise<void> {
  const make = (): Promise<unknown> =>
    mkdir(folder, { mode: 0o700 }).catch((error: unknown) => {
      if (getCode(error) !== 'EEXIST') throw error;
    });
  try {
    await make();
  } catch (error) {
    const parent = dirname(folder);
    if (getCode(error) !== 'ENOENT' || parent === folder) throw error;
    await makeFolder(parent);
    await make();
  }
}

/** Returns a folder on disk; files are private to this user. */
export function nodeFs(folder: string): FileSystem {
  const path = (name: string): string => join(folder, name);
  const missing = (error: unknown): boolean => getCode(error) === 'ENOENT';

  const openOrMake = async (name: string, flags: number): ReturnType<typeof open> => {
    try {
      return await open(path(name), flags, userOnly);
    } catch (error) {
      if (!missing(error)) throw error;
      await makeFolder(folder);
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
      const files = await Promise.all(names.map((name) => getInfo(name, path(name))));
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
        if (getCode(error) === 'EEXIST') return false;
        throw error;
      }
    },
    rename: (from, to) => rename(path(from), path(to)),
    remove: (name) => rm(path(name), { force: true }),
  };
}

async function getInfo(name: string, path: string): Promise<FileInfo | undefined> {
  try {
    const found = await stat(path);
    return found.isFile() ? { name, size: found.size, modified: found.mtimeMs } : undefined;
  } catch {
    return undefined;
  }
}

function getCode(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}
