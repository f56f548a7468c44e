/** Guidance on what to include, by kind of content. */
import type { Kind } from '../source.ts';

/** What a summary of a kind should cover. */
export const shapes: Readonly<Record<Kind, string>> = {
  code: 'purpose, public interface, structure, side effects, risks',
  log: 'timeline, error kinds, first seen, bursts, oddities; exact counts',
  table: 'what rows are, columns, ranges, missing, oddities; exact figures',
  json: 'what it describes, structure, ranges, oddities; exact figures',
  diff: 'commit subject first; what changes for users, by file; risks',
  markdown: 'main points in the order of the headings',
  prose: 'main points, who, what, when, why',
  transcript: 'decisions, open questions, who said what',
  legal: 'definitions, duties, terms, exceptions, findings',
  config: 'what is set, what is unusual or risky',
};

/** Returns what the last call is asked to cover. */
export function getSummaryGuidance(kinds: readonly Kind[], folder: boolean): string {
  if (folder) return 'a section per folder: what it and its files are for; dependencies';
  return ofKinds(kinds);
}

/** Guidance for notes, which stay lists. */
export function getNotesGuidance(kinds: readonly Kind[], folder: boolean): string {
  return folder ? 'what each folder and file is for' : ofKinds(kinds);
}

function ofKinds(kinds: readonly Kind[]): string {
  const distinct = new Set(kinds);
  return distinct.size === 1 ? shapes[kinds[0]!] : 'each text by its kind';
}
