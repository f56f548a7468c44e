/** Messages between extension and page: two unions, discriminated by `type`. */
import type { RunEvent } from '../engine/events.ts';
import type { ErrorView, RunView } from './runView.ts';

/** Panel state besides the run. */
export interface PanelInfo {
  readonly runId: string;
  readonly length: 'brief' | 'standard' | 'detailed';
  readonly language: string;
  readonly pinned: boolean;
  /** Text changed since; tokens that an update would send. */
  readonly stale?: { readonly tokens: number };
  /** Interrupted run: resuming pays only for missing parts. */
  readonly resumable: boolean;
  /** Waits for the user's answer: the clock stops. */
  readonly asking?: boolean;
  /** Text is readable again: a cancelled run can resume. */
  readonly repeatable?: boolean;
  /** Finished parts are in the cache. */
  readonly cached?: boolean;
  /** Name of the template, with the folder that it comes from. */
  readonly template?: string;
  /** Previous summary, shown until this one has text. */
  readonly previous?: RunView;
  readonly batchJob?: string;
  readonly questions: readonly { readonly id: string; readonly question: string; readonly view: RunView }[];
  /** False offline. */
  readonly canAsk: boolean;
  /** Start, Unix ms: survives a page reload. */
  readonly startedAt?: number;
  /** Scroll position: the page's own state may lack the last seconds. */
  readonly place?: { readonly scroll: number; readonly outlineOpen: boolean };
}

/** Messages from the extension to the page. */
export type ToPanel =
  | { readonly type: 'init'; readonly texts: Readonly<Record<string, string>>; readonly locale: string }
  /** Whole state: at start, when shown again, after a restore. */
  | { readonly type: 'view'; readonly view: RunView; readonly info: PanelInfo }
  | { readonly type: 'events'; readonly runId: string; readonly events: readonly RunEvent[] }
  | { readonly type: 'info'; readonly info: PanelInfo }
  | { readonly type: 'failed'; readonly error: ErrorView }
  /** No run to show: the restored one is no longer stored. */
  | { readonly type: 'empty' }
  | { readonly type: 'copied' }
  /** Events of an answer to a question. */
  | { readonly type: 'question'; readonly id: string; readonly question: string; readonly events: readonly RunEvent[] }
  | { readonly type: 'focus' };

/** Messages from the page to the extension. */
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
  /** Ids are issued by the host; the page cannot name a URI. */
  | { readonly type: 'openCitation'; readonly id: number; readonly question?: string }
  | { readonly type: 'openChunk'; readonly chunk: number }
  | { readonly type: 'openGap'; readonly index: number }
  | { readonly type: 'openLink'; readonly href: string }
  | { readonly type: 'action'; readonly action: string }
  | { readonly type: 'state'; readonly scroll: number; readonly outlineOpen: boolean };
