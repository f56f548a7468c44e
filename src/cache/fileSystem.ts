/** One flat folder of files: all that the cache's record needs of a disk, so that a test can fail it at any point. */
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
