import type { Kind } from '../../engine/source.ts';
import type { SummaryLength } from '../../contributions.ts';

/** A template; it cannot set provider, model, limits or output rules. */
export interface Template {
  /** File name without the extension, as typed after `/` in chat. */
  readonly id: string;
  readonly name: string;
  /** '' if none. */
  readonly description: string;
  /** Undefined to use the setting. */
  readonly length?: SummaryLength;
  /** Empty: all. */
  readonly kinds: readonly Kind[];
  readonly instructions: string;
}

/** Data of a template that a run keeps. */
export interface UsedTemplate extends Pick<Template, 'id' | 'name' | 'length' | 'instructions'> {
  /** Workspace folder of the template; undefined for the user's own and built-in ones. */
  readonly folder?: string;
}

const maxId = 60;

/** Copies what a run keeps of a template. */
export function toUsed({ id, name, length, instructions, folder }: UsedTemplate): UsedTemplate {
  return { id, name, instructions, ...(length ? { length } : {}), ...(folder === undefined ? {} : { folder }) };
}

/** Converts `Release Notes.md` to `release-notes`. */
export function templateId(fileName: string): string {
  const base = fileName.replace(/\.md$/i, '').toLowerCase();
  const words = base.match(/[\p{L}\p{N}_]+/gu) ?? ['template'];
  return words.join('-').slice(0, maxId);
}

/** Indents the instructions, so that no line looks like one of our settings. */
export function promptInstructions({ instructions }: Pick<Template, 'instructions'>): string {
  return instructions
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n  ');
}
