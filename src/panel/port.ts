/** What a panel needs of a run: `runs/` implements it, the panel decides nothing. */
import type { Disposable } from 'vscode';
import type { RunEvent } from '../engine/events.ts';
import type { FromPanel, PanelInfo } from '../shared/protocol.ts';
import type { ErrorView, RunView } from '../shared/runView.ts';

/** What happens in a run, in order, as the panel must hear of it. */
export type PanelNews =
  | { readonly type: 'event'; readonly event: RunEvent }
  /** An event of an answer to a question. */
  | { readonly type: 'question'; readonly id: string; readonly question: string; readonly event: RunEvent }
  /** `info()` is another one now. */
  | { readonly type: 'info' }
  /** `view()` is another one now, by other means than events (Run again, a replay from the store). */
  | { readonly type: 'view' }
  | { readonly type: 'failed'; readonly error: ErrorView }
  | { readonly type: 'copied' };

export interface PanelRun {
  readonly id: string;
  /** Panels are reused for the same key: the URI of what is summarized, with its range. */
  readonly sourceKey: string;
  readonly title: string;
  /** The whole state, at any time. */
  view(): RunView;
  info(): PanelInfo;
  onNews(listener: (news: PanelNews) => void): Disposable;
  /** What a hand in the panel asked for; `ready` does not reach it. */
  act(message: FromPanel): void;
}

/** Where the panel tells of messages that it dropped. */
export interface PanelLog {
  warn(message: string): void;
}
