/** The answers' cache of this window: with a folder in its own storage, without one in a space of its own. */
import type { AnswerCache } from '../engine/ports.ts';
import type { Settings } from '../host/settings.ts';

export interface Caches {
  /** @param enabled false: nothing is read or written, runs still share what is under way */
  of(enabled: boolean, settings: Settings): Promise<AnswerCache>;
  /** Empties all levels; tells how much it freed. */
  clear(): Promise<{ entries: number; bytes: number }>;
  dispose(): Promise<void>;
}
