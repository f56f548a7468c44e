/** What an outline of source code holds. */
export interface Definition {
  readonly name: string;
  readonly signature: string;
  readonly what: string;
  readonly line: number;
  endLine: number;
  /** Types and modules around it, without those that are left out. */
  readonly depth: number;
  readonly isPublic: boolean;
  /** Public; in a file without anything public, what would be, but for what is around it. */
  readonly isListed: boolean;
  readonly doc: string;
  readonly docLine: number;
}
/** Lines count from 1. */
export interface CodeOutline {
  readonly purpose?: Purpose;
  readonly definitions: readonly Definition[];
  readonly imports: readonly { readonly name: string; readonly line: number }[];
  readonly notes: readonly { readonly text: string; readonly line: number }[];
  /** First sentences of the comments at the margin: the steps of a script. */
  readonly remarks: readonly { readonly text: string; readonly line: number }[];
}
/** The file's own description. */
export interface Purpose {
  readonly text: string;
  readonly startLine: number;
  readonly endLine: number;
}
