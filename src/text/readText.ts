export interface ReadText {
  readonly text: string;
  /** For each line of `text`, the line of the file that it stands for, from 1; absent where the file has no lines. */
  readonly lines?: readonly number[];
  /** VS Code's identifier of what `text` is. */
  readonly languageId: 'markdown' | 'csv' | 'plaintext';
}
