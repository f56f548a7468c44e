import type { Source, SourcePart } from '../engine/source.ts';

/** A source, or the reason why it cannot be read. */
export type Outcome = { readonly source: Source } | { readonly reason: string };

/** Reason in VS Code's language. */
export type PartOutcome = { readonly part: SourcePart } | { readonly reason: string };

/** What helps: another file, trying again, an offline summary, another provider, or nothing. */
export type SourceFix = 'file' | 'again' | 'offline' | 'provider' | 'none';

/** An error whose message is written for users. */
export class SourceError extends Error {
  override readonly name = 'SourceError';
  readonly fix: SourceFix;

  constructor(message: string, fix: SourceFix = 'file') {
    super(message);
    this.fix = fix;
  }
}

/** Creates a source of one text. */
export function createTextSource(part: SourcePart, shape: Source['shape'] = 'text'): Outcome {
  return { source: { title: part.title, parts: [part], skipped: [], shape } };
}
