/** Statistics of a table behind its offline summary. */

export interface TableFacts {
  /** First line within the file, from 1; all other lines count from it. */
  readonly startLine: number;
  readonly rows: number;
  /** All columns; `columns` describes the first ones. */
  readonly columnCount: number;
  readonly columns: readonly TableColumn[];
  /** Unreadable, or another number of cells. */
  readonly oddRows: number;
  readonly oddLine: number;
  readonly examples: readonly { readonly text: string; readonly line: number }[];
}
/** Facts of a column. */
export interface TableColumn {
  readonly name: string;
  /** Number of cells by type, the most frequent first. */
  readonly types: readonly (readonly [type: string, count: number])[];
  /** Rows without this column. */
  readonly missing: number;
  /** Line of the first empty cell; 0 if none is empty. */
  readonly firstEmpty: number;
  readonly isAllDifferent: boolean;
  /** The only value; absent if there are several. */
  readonly always?: string;
  readonly dates?: { readonly first: string; readonly last: string };
  /** A minimum if `hasMore`. */
  readonly different: number;
  readonly hasMore: boolean;
  readonly range?: { readonly low: string; readonly high: string; readonly mean: number };
  readonly quartiles?: readonly number[];
  readonly top: readonly { readonly text: string; readonly count: number }[];
  readonly outliers: readonly {
    readonly why: 'rare' | 'odd form' | 'highest' | 'lowest' | 'only';
    readonly text: string;
    readonly line: number;
    readonly count: number;
  }[];
  readonly forms: readonly { readonly form: string; readonly line: number; readonly count: number }[];
}
