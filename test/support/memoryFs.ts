/** A folder in memory whose every operation can be counted, failed or cut off in the middle. */
import type { FileSystem } from '../../src/cache/fileSystem.ts';

export interface MemoryFs extends FileSystem {
  readonly files: Map<string, Uint8Array>;
  /** Writes so far: append, create, rename, remove. */
  readonly writes: number;
  /** Write number `at` (from 0) fails after half of its bytes, `once` or with all that follow. */
  failAt(at: number, how: 'once' | 'for good', code?: string): void;
  /** The same folder through a file system without faults, as after a restart. */
  restarted(): MemoryFs;
}

export function memoryFs(now: () => number = () => 0, files = new Map<string, Uint8Array>()): MemoryFs {
  const dates = new Map<string, number>();
  let writes = 0;
  let fault: { at: number; how: 'once' | 'for good'; code: string } | undefined;
  const failing = (): boolean => {
    const at = writes++;
    return fault !== undefined && (fault.how === 'once' ? at === fault.at : at >= fault.at);
  };
  const failure = (code = fault?.code ?? 'EIO'): Error => Object.assign(new Error('a simulated fault'), { code });
  const put = (name: string, bytes: Uint8Array): void => {
    files.set(name, bytes);
    dates.set(name, now());
  };
  const join = (a: Uint8Array, b: Uint8Array): Uint8Array => {
    const whole = new Uint8Array(a.length + b.length);
    whole.set(a);
    whole.set(b, a.length);
    return whole;
  };
  return {
    files,
    get writes() {
      return writes;
    },
    failAt(at, how, code = 'EIO') {
      fault = { at: writes + at, how, code };
    },
    restarted: () => memoryFs(now, files),
    missing: (error) => (error as { code?: unknown }).code === 'ENOENT',
    list: () =>
      Promise.resolve([...files].map(([name, { length }]) => ({ name, size: length, modified: dates.get(name) ?? 0 }))),
    read(name, offset, length) {
      const bytes = files.get(name);
      return bytes ? Promise.resolve(bytes.slice(offset, offset + length)) : Promise.reject(failure('ENOENT'));
    },
    append(name, bytes) {
      const before = files.get(name) ?? new Uint8Array(0);
      const fails = failing();
      put(name, join(before, fails ? bytes.subarray(0, bytes.length >> 1) : bytes));
      return fails ? Promise.reject(failure()) : Promise.resolve(before.length);
    },
    create(name, bytes) {
      if (failing()) return Promise.reject(failure());
      if (files.has(name)) return Promise.resolve(false);
      put(name, bytes);
      return Promise.resolve(true);
    },
    rename(from, to) {
      if (failing()) return Promise.reject(failure());
      const bytes = files.get(from);
      if (!bytes) return Promise.reject(failure('ENOENT'));
      files.delete(from);
      put(to, bytes);
      return Promise.resolve();
    },
    remove(name) {
      if (failing()) return Promise.reject(failure());
      files.delete(name);
      return Promise.resolve();
    },
  };
}
