/** Job records on disk: each state is written before the next step; row keys are stored beside it. */
import type { FileSystem } from '../cache/fileSystem.ts';
import type { Clock } from '../engine/ports.ts';
import type { JobOrderEvent, JobRecord } from './job.ts';

/** Row id → keys of the notes in its answer. */
export type RowTable = ReadonlyMap<string, readonly string[]>;

/** Job records of one folder. */
export interface JobStore {
  save(job: JobRecord): Promise<void>;
  /** Newest first; skips unreadable records. */
  list(): Promise<JobRecord[]>;
  load(id: string): Promise<JobRecord | undefined>;
  saveRows(key: string, rows: RowTable): Promise<void>;
  loadRows(key: string): Promise<RowTable>;
  /** Queues an order for the window that runs the job. */
  order(id: string, order: JobOrderEvent): Promise<void>;
  /** Returns and removes other windows' orders, oldest first. */
  takeOrders(id: string): Promise<JobOrderEvent[]>;
  remove(job: JobRecord): Promise<void>;
}

const encoder = new TextEncoder();
const maxOrders = 10;

/** Opens the jobs of a folder; reads lazily. */
export function createJobStore(fs: FileSystem): JobStore {
  const queues = new Map<string, Promise<void>>();

  const write = async (name: string, text: string): Promise<void> => {
    const temporary = `tmp-${name}`;
    await fs.remove(temporary);
    await fs.append(temporary, encoder.encode(text));
    await fs.rename(temporary, name);
  };
  /** Serializes writes: an older state never replaces a newer one. */
  const inTurn = (name: string, work: () => Promise<void>): Promise<void> => {
    const turn = (queues.get(name) ?? Promise.resolve()).then(work, work);
    queues.set(name, turn);
    return turn;
  };
  const read = async (name: string): Promise<unknown> => {
    const size = (await fs.list()).find((file) => file.name === name)?.size;
    if (size === undefined) return undefined;
    try {
      return JSON.parse(new TextDecoder().decode(await fs.read(name, 0, size)));
    } catch {
      return undefined;
    }
  };
  const load = async (id: string): Promise<JobRecord | undefined> => {
    if (!/^[\w-]+$/.test(id)) return undefined;
    const job = await read(`${id}.job.json`);
    return isJob(job) && job.id === id ? job : undefined;
  };
  return {
    save: (job) => inTurn(job.id, () => write(`${job.id}.job.json`, JSON.stringify(job))),
    load,
    async list() {
      const names = (await fs.list()).map(({ name }) => /^(?!tmp-)([\w-]+)\.job\.json$/.exec(name)?.[1]);
      const jobs = await Promise.all(names.filter((id) => id !== undefined).map(load));
      return jobs.filter((job) => job !== undefined).sort((a, b) => b.createdAt - a.createdAt);
    },
    saveRows: (key, rows) => write(`${key}.rows.json`, JSON.stringify([...rows])),
    async loadRows(key) {
      const rows = await read(`${key}.rows.json`);
      return new Map(Array.isArray(rows) ? (rows as [string, string[]][]) : []);
    },
    async order(id, order) {
      for (let n = 0; n < maxOrders; n++) if (await fs.create(`${id}.order-${n}`, encoder.encode(order.type))) return;
    },
    async takeOrders(id) {
      const orders: JobOrderEvent[] = [];
      const names = (await fs.list()).map(({ name }) => name).filter((name) => name.startsWith(`${id}.order-`));
      for (const name of names.sort()) {
        const type = new TextDecoder().decode(await fs.read(name, 0, 40));
        await fs.remove(name);
        if (isOrder(type)) orders.push({ type });
      }
      return orders;
    },
    async remove(job) {
      await inTurn(job.id, async () => {
        for (const { name } of await fs.list())
          if (name.startsWith(`${job.id}.`) || name.startsWith(`${job.id}-`)) await fs.remove(name);
      });
    },
  };
}

const isOrder = (type: string): type is JobOrderEvent['type'] =>
  ['stop', 'finish-anyway', 'again', 'remove'].includes(type);

function isJob(value: unknown): value is JobRecord {
  const job = value as Partial<JobRecord> | undefined;
  return job?.version === 1 && typeof job.id === 'string' && Array.isArray(job.parts);
}

/** Dependencies of a lock. */
export interface LockOptions {
  readonly fs: FileSystem;
  readonly window: string;
  readonly clock: Clock;
  /** Unix ms. */
  readonly now: () => number;
  readonly alive: (window: string) => boolean;
}

const heartbeatMs = 5_000;
const staleMs = 30_000;

/** A held lock. */
export interface JobLock {
  /** False after another window took it over, as when this one stood still. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

/** Locks a job by a file with a heartbeat; undefined while another window has it. */
export async function acquireLock(options: LockOptions, id: string): Promise<JobLock | undefined> {
  const { fs, window, clock } = options;
  const name = `${id}.lock`;
  if (!(await fs.create(name, encoder.encode(window)))) {
    if (!(await isStale(options, name))) return undefined;
    // only one of several windows can rename a stale lock
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
  const isHeld = async (): Promise<boolean> => {
    if (held && (await readHolder(fs, name)) !== window) held = false;
    return held;
  };
  const renew = async (): Promise<void> => {
    if (await isHeld()) await fs.append(name, encoder.encode('.'));
  };
  const beat = (): void => {
    if (!held) return;
    cancel = clock.timer(heartbeatMs, () => {
      beating = renew().then(beat, beat);
    });
  };
  beat();
  return {
    isHeld,
    async release() {
      cancel?.();
      await beating;
      const own = await isHeld();
      held = false;
      cancel?.();
      if (own) await fs.remove(name).catch(() => undefined);
    },
  };
}

/** The window in the lock's file; undefined without one. */
async function readHolder(fs: FileSystem, name: string): Promise<string | undefined> {
  const text = await fs.read(name, 0, 200).catch(() => undefined);
  return text && new TextDecoder().decode(text).replace(/(?<!\.)\.+$/, '');
}

async function isStale({ fs, now, alive }: LockOptions, name: string): Promise<boolean> {
  const file = (await fs.list()).find((one) => one.name === name);
  if (!file) return false;
  const holder = await readHolder(fs, name);
  return holder === undefined || !alive(holder) || Math.abs(now() - file.modified) > staleMs;
}
