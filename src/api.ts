/** The API that `activate` returns to other extensions. */
import type { CancellationToken, Uri } from 'vscode';
import type { RunEvent, SummaryResult } from './engine/events.ts';

export type { RunEvent, SummaryResult } from './engine/events.ts';

/** What to summarize. */
export interface SummaryRequest {
  /** Absent: `uri` is read. */
  text?: string;
  /** Document to read. */
  uri?: Uri;
  range?: Range;
  languageId?: string;
  title?: string;
}
/** Zero-based, end exclusive at character 0, as VS Code's own. */
type Range = import('vscode').Range;

/** Settings apply to omitted options. */
export interface SummaryOptions {
  provider?: string;
  model?: string;
  mapModel?: string;
  contextWindow?: number;
  concurrency?: number;
  chunkTokens?: number;
  length?: 'brief' | 'standard' | 'detailed';
  language?: string;
  instructions?: string;
  cache?: boolean;
}

/** What other extensions get on activation. */
export interface PrecisApi {
  readonly version: 1;
  /**
   * Summarizes a text or document.
   * @param onEvent receives each event of the run in order; see `engine/events.ts`
   * @throws Error with a sentence for users, only if nothing could be summarized
   */
  summarize(
    request: SummaryRequest,
    options?: SummaryOptions,
    token?: CancellationToken,
    onEvent?: (event: RunEvent) => void,
  ): Promise<SummaryResult>;
}
