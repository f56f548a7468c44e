import type { Source, SourcePart } from '../engine/source.ts';

/** A source, or why it cannot be read. */
export type Outcome = { readonly source: Source } | { readonly reason: string };

export type PartOutcome = { readonly part: SourcePart } | { readonly reason: string };

/** Its message is for a person. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
}

/** One text as a source. */
export function textSource(part: SourcePart, shape: Source['shape'] = 'text'): Outcome {
  return { source: { title: part.title, parts: [part], skipped: [], shape } };
}
