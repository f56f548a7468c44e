/** The wire between the extension and the panel's page: two unions, told apart by `type`, checked by a schema on both sides. */
import type { RunEvent } from '../engine/events.ts';
import type { ErrorView, RunView } from './runView.ts';

/** What only the panel shows besides the run: choices, staleness, questions, texts in the user's language. */
export interface PanelInfo {
  readonly runId: string;
  readonly length: 'brief' | 'standard' | 'detailed';
  readonly language: string;
  readonly pinned: boolean;
  /** The text changed since: what an update would send. */
  readonly stale?: { readonly tokens: number };
  /** A run that a reload or a closed window cut off: going on pays only for what is missing. */
  readonly resumable: boolean;
  /** A question of this run waits for the user's answer: no time goes by. */
  readonly asking?: boolean;
  /** The text can be read again: a cancelled run can go on. */
  readonly repeatable?: boolean;
  /** Finished parts are in the cache. */
  readonly cached?: boolean;
  /** The summary before this run, shown until this one has text. */
  readonly previous?: RunView;
  /** Id of the job while a batch is under way. */
  readonly batchJob?: string;
  readonly questions: readonly { readonly id: string; readonly question: string; readonly view: RunView }[];
  /** Whether this result can be asked (a provider other than offline). */
  readonly canAsk: boolean;
  /** When the run began, ms since 1970: elapsed time survives a page that is loaded anew. */
  readonly startedAt?: number;
  /** Where the reader was: the page's own memory may lack its last seconds. */
  readonly place?: { readonly scroll: number; readonly outlineOpen: boolean };
}

export type ToPanel =
  | { readonly type: 'init'; readonly texts: Readonly<Record<string, string>>; readonly locale: string }
  /** The whole state: at start, when shown again, after a restore. */
  | { readonly type: 'view'; readonly view: RunView; readonly info: PanelInfo }
  /** What came since, in frames, not one by one. */
  | { readonly type: 'events'; readonly runId: string; readonly events: readonly RunEvent[] }
  | { readonly type: 'info'; readonly info: PanelInfo }
  | { readonly type: 'failed'; readonly error: ErrorView }
  /** There is no run to show: one that was restored is no longer stored. */
  | { readonly type: 'empty' }
  /** The summary is on the clipboard. */
  | { readonly type: 'copied' }
  /** Events of an answer to a question. */
  | { readonly type: 'question'; readonly id: string; readonly question: string; readonly events: readonly RunEvent[] }
  | { readonly type: 'focus' };

export type FromPanel =
  | { readonly type: 'ready' }
  | { readonly type: 'cancel' }
  | { readonly type: 'runAgain' }
  | { readonly type: 'retryGaps' }
  | { readonly type: 'update' }
  | { readonly type: 'resume' }
  | { readonly type: 'setLength'; readonly length: 'brief' | 'standard' | 'detailed' }
  | { readonly type: 'pickLanguage' }
  | { readonly type: 'copy' }
  | { readonly type: 'ask'; readonly question: string }
  | { readonly type: 'secondOpinion' }
  /** Ids are those that the host issued; the page can name no URI of its own. */
  | { readonly type: 'openCitation'; readonly id: number; readonly question?: string }
  | { readonly type: 'openChunk'; readonly chunk: number }
  | { readonly type: 'openGap'; readonly index: number }
  | { readonly type: 'openLink'; readonly href: string }
  | { readonly type: 'action'; readonly action: string }
  | { readonly type: 'state'; readonly scroll: number; readonly outlineOpen: boolean };
