/** Guidance on what to include, by kind of content. */
import type { Kind } from '../source.ts';

export const shapes: Readonly<Record<Kind, string>> = {
  code: 'purpose, public interface, how it hangs together, side effects, risks',
  log: 'timeline, errors by kind, first seen, bursts, oddities; counts are exact',
  table: 'what a row is, columns, ranges, missing, oddities; figures are exact',
  json: 'what it describes, structure, ranges, oddities; figures are exact',
  diff: 'commit subject first; what changes for users, by file; risks',
  markdown: 'main points in the order of the headings',
  prose: 'main points, who, what, when, why',
  transcript: 'decisions, open questions, who said what',
  legal: 'definitions, duties, terms, exceptions, findings',
  config: 'what is set, what is unusual or risky',
};

export function getSummaryGuidance(kinds: readonly Kind[], folder: boolean): string {
  if (folder) return 'a section per folder: what it and its files are for; how they hang together';
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
