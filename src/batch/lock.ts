/** Which window looks after a job: exactly one, by a file with a heartbeat. */
import type { Clock } from '../engine/ports.ts';
import type { FileSystem } from '../cache/fileSystem.ts';

export interface LockOptions {
  readonly fs: FileSystem;
  readonly window: string;
  readonly clock: Clock;
  /** Ms since 1970. */
  readonly now: () => number;
  readonly alive: (window: string) => boolean;
}

const beatMs = 5_000;
const staleMs = 30_000;
const encoder = new TextEncoder();

/** The way to let go, or undefined while another window holds it. */
export async function acquire(options: LockOptions, id: string): Promise<(() => Promise<void>) | undefined> {
  const { fs, window, clock } = options;
  const name = `${id}.lock`;
  if (!(await fs.create(name, encoder.encode(window)))) {
    if (!(await isStale(options, name))) return undefined;
    // of several that find it stale, one moves it away
    const aside = `${id}.lock-${window}`;
    try {
      await fs.rename(name, aside);
      await fs.remove(aside);
    } catch {
      return undefined;
    }
    if (!(await fs.create(name, encoder.encode(window)))) return undefined;
  }
  let cancel: (() => void) | undefined;
  let beating: Promise<void> = Promise.resolve();
  let held = true;
  const beat = (): void => {
    if (!held) return;
    cancel = clock.timer(beatMs, () => {
      beating = fs.append(name, encoder.encode('.')).then(beat, beat);
    });
  };
  beat();
  return async () => {
    held = false;
    cancel?.();
    await beating;
    await fs.remove(name).catch(() => undefined);
  };
}

async function isStale({ fs, now, alive }: LockOptions, name: string): Promise<boolean> {
  const file = (await fs.list()).find((one) => one.name === name);
  if (!file) return false;
  const holder = new TextDecoder().decode(await fs.read(name, 0, 200)).replace(/(?<!\.)\.+$/, '');
  return !alive(holder) || Math.abs(now() - file.modified) > staleMs;
}
