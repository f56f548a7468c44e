/** Stores the summaries of a workspace, for history, panels after a reload, and resuming. */
import * as v from 'valibot';
import type { Uri } from 'vscode';
import type { RunView } from '../shared/runView.ts';
import { targetSchema, type SummaryTarget } from './target.ts';
import type { UsedTemplate } from './templates/template.ts';

/** One stored summary. */
export interface RunRecord {
  readonly version: 1;
  readonly id: string;
  /** Named as in version 0.1.0. */
  readonly recipe: SummaryTarget;
  readonly title: string;
  /** Unix ms. */
  readonly startedAt: number;
  readonly savedAt: number;
  readonly length: 'brief' | 'standard' | 'detailed';
  readonly language: string;
  readonly pinned: boolean;
  /** Whether it was running when it was saved. */
  readonly running: boolean;
  /** First 16 digits of each chunk's hash with its tokens, to estimate an update. */
  readonly fingerprint: readonly (readonly [hash: string, tokens: number])[];
  readonly template?: UsedTemplate;
  readonly batchJob?: string;
  /** The summary as a comment that was inserted into its own text. */
  readonly inserted?: string;
  /** Titles of files that may hold keys. */
  readonly keyFiles?: readonly string[];
  /** Destinations agreed to for key files, as `destination|title`. */
  readonly keyFilesAgreed?: readonly string[];
  readonly place?: { readonly scroll: number; readonly outlineOpen: boolean };
  readonly view: RunView;
  readonly questions: readonly { readonly id: string; readonly question: string; readonly view: RunView }[];
}

const recordSchema = v.looseObject({
  version: v.literal(1),
  id: v.string(),
  recipe: targetSchema,
  title: v.string(),
  startedAt: v.number(),
  savedAt: v.number(),
  length: v.picklist(['brief', 'standard', 'detailed']),
  language: v.string(),
  pinned: v.boolean(),
  running: v.boolean(),
  fingerprint: v.array(v.tuple([v.string(), v.number()])),
  inserted: v.optional(v.string()),
  template: v.optional(
    v.object({
      id: v.string(),
      name: v.string(),
      length: v.optional(v.picklist(['brief', 'standard', 'detailed'])),
      instructions: v.string(),
      folder: v.optional(v.string()),
    }),
  ),
  keyFiles: v.optional(v.array(v.string())),
  keyFilesAgreed: v.optional(v.array(v.string())),
  place: v.optional(v.object({ scroll: v.number(), outlineOpen: v.boolean() })),
  view: v.looseObject({ phase: v.string(), markdown: v.string(), citations: v.array(v.any()), gaps: v.array(v.any()) }),
  questions: v.array(v.any()),
});

/** Saved summaries. */
export interface RunStore {
  save(record: RunRecord): Promise<void>;
  load(id: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  list(): Promise<RunRecord[]>;
  remove(id: string): Promise<void>;
  /** Deletes records that `keep` rejects; resolves to their number. */
  clear(keep: (record: RunRecord) => boolean): Promise<number>;
}

/** Part of VS Code's file system. */
export interface StoreFiles {
  readFile(uri: Uri): Thenable<Uint8Array>;
  writeFile(uri: Uri, content: Uint8Array): Thenable<void>;
  rename(source: Uri, target: Uri, options: { overwrite: boolean }): Thenable<void>;
  delete(uri: Uri, options?: { recursive?: boolean }): Thenable<void>;
  readDirectory(uri: Uri): Thenable<[string, number][]>;
  createDirectory(uri: Uri): Thenable<void>;
  stat?(uri: Uri): Thenable<{ readonly mtime: number }>;
  /** Restricts a file or folder to its owner, where possible. */
  protect?(uri: Uri): Promise<void>;
}

interface StoreLimits {
  /** Lifetime of an unpinned summary in days; 0: unlimited. */
  readonly days: () => number;
  /** Unix ms. */
  readonly now: () => number;
}

/** Age of files left by a killed window, ms. */
const abandonedMs = 3_600_000;
const dayMs = 86_400_000;

const most = 200;

/** @param folder undefined to keep records in memory only */
export function createRunStore(
  folder: Uri | undefined,
  files: StoreFiles,
  join: (base: Uri, ...segments: string[]) => Uri,
  limits: StoreLimits = { days: () => 0, now: Date.now },
): RunStore {
  const memory = new Map<string, RunRecord>();
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  let ready: Promise<void> | undefined;
  let queue: Promise<unknown> = Promise.resolve();
  const place = (id: string, kind: 'json' | 'tmp' = 'json'): Uri =>
    join(folder!, `${id.replace(/[^\w-]/g, '')}.${kind}`);

  const write = async (record: RunRecord): Promise<void> => {
    await (ready ??= prepareFolder());
    const target = place(record.id);
    const temporary = place(record.id, 'tmp');
    await files.writeFile(temporary, encoder.encode(JSON.stringify(record)));
    await files.protect?.(temporary);
    await files.rename(temporary, target, { overwrite: true });
  };
  /** Restricts the folder, because summaries quote the text, and removes leftovers. */
  const prepareFolder = async (): Promise<void> => {
    await files.createDirectory(folder!);
    await files.protect?.(folder!);
    const entries = await Promise.resolve(files.readDirectory(folder!)).catch((): [string, number][] => []);
    for (const [name] of entries) {
      const uri = join(folder!, name);
      if (name.endsWith('.json')) await files.protect?.(uri);
      else if (name.endsWith('.tmp')) await sweep(uri);
    }
  };
  const sweep = async (uri: Uri): Promise<void> => {
    const written = await Promise.resolve(files.stat?.(uri)).catch(() => undefined);
    if (written && limits.now() - written.mtime > abandonedMs)
      await Promise.resolve(files.delete(uri)).catch(() => undefined);
  };
  /** Reads the setting once: VS Code takes milliseconds for one. */
  const oldBefore = (): number => {
    const days = limits.days();
    return days > 0 ? limits.now() - days * dayMs : Number.NEGATIVE_INFINITY;
  };
  const keep = async (id: string): Promise<void> => {
    const latest = memory.get(id);
    if (!latest) return;
    await write(latest);
    if (memory.get(id) === latest) memory.delete(id);
  };
  const read = async (uri: Uri): Promise<RunRecord | undefined> => {
    try {
      const parsed = v.safeParse(recordSchema, JSON.parse(decoder.decode(await files.readFile(uri))));
      return parsed.success ? (parsed.output as unknown as RunRecord) : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    async save(record) {
      memory.delete(record.id);
      memory.set(record.id, record);
      if (!folder) {
        for (const [id, old] of memory) if (memory.size > most && !old.pinned) memory.delete(id);
        return;
      }
      // in order: an older state must never overwrite a newer one
      queue = queue.then(() => keep(record.id)).catch(() => undefined);
      await queue;
    },
    async load(id) {
      const known = memory.get(id) ?? (folder ? await read(place(id)) : undefined);
      return known?.id === id ? known : undefined;
    },
    async list() {
      const found = new Map(memory);
      if (folder) {
        const entries = await Promise.resolve(files.readDirectory(folder)).catch((): [string, number][] => []);
        await Promise.all(
          entries.map(async ([name]) => {
            const id = /^([\w-]+)\.json$/.exec(name)?.[1];
            if (!id || found.has(id)) return;
            const record = await read(join(folder, name));
            if (record?.id === id && !found.has(id)) found.set(id, record);
          }),
        );
      }
      const records = [...found.values()].sort((a, b) => b.startedAt - a.startedAt);
      const oldest = oldBefore();
      const gone = new Set(records.filter(({ pinned, savedAt }, i) => !pinned && (savedAt < oldest || i >= most)));
      for (const { id } of gone) await this.remove(id);
      return records.filter((record) => !gone.has(record));
    },
    async remove(id) {
      memory.delete(id);
      if (folder) await Promise.resolve(files.delete(place(id))).catch(() => undefined);
    },
    async clear(keep) {
      let deleted = 0;
      for (const record of await this.list()) {
        if (keep(record)) continue;
        await this.remove(record.id);
        deleted++;
      }
      return deleted;
    },
  };
}
