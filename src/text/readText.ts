/** Words of a document. */
export interface ReadText {
  readonly text: string;
  /** Line of the file, from 1, for each line of `text`; absent if the file has no lines. */
  readonly lines?: readonly number[];
  /** VS Code's language id of `text`. */
  readonly languageId: 'markdown' | 'csv' | 'diff' | 'plaintext';
}
