import * as vscode from 'vscode';
import type { RunEvent, SummaryResult } from '../engine/events.ts';
import { emptyView, createFailedView, runView, type ErrorView, type RunView } from '../shared/runView.ts';
import type { FromPanel, PanelInfo } from '../shared/protocol.ts';
import type { SummaryLength } from '../contributions.ts';
import { toTargetKey, type SummaryTarget } from './target.ts';
import type { RunRecord } from './history.ts';
import type { UsedTemplate } from './templates/template.ts';

/** State besides the events. */
export interface RunState {
  target: SummaryTarget;
  title: string;
  length: SummaryLength;
  language: string;
  pinned: boolean;
  template?: UsedTemplate;
  startedAt: number;
  view: RunView;
  running: boolean;
  stale?: { readonly tokens: number };
  resumable: boolean;
  /** It was begun with a panel. */
  shown?: boolean;
  waitsForAnswer?: boolean;
  /** Finished parts go to the cache. */
  cached?: boolean;
  /** View before this run began. */
  previous?: RunView;
  batchJob?: string;
  /** The summary as a comment, as it was inserted into its own text. */
  inserted?: string;
  place?: { readonly scroll: number; readonly outlineOpen: boolean };
  fingerprint: readonly (readonly [string, number])[];
  /** Titles of files that may hold keys. */
  keyFiles: readonly string[];
  /** Agreed destinations of such files, as `destination|title`. */
  readonly keyFilesAgreed: string[];
  questions: { id: string; question: string; view: RunView }[];
  result?: SummaryResult;
  abort?: AbortController;
  readonly asking: Set<AbortController>;
}

/** What listeners of a run get. */
export type RunNews =
  | { readonly type: 'event'; readonly event: RunEvent }
  /** An event of an answer to a question. */
  | { readonly type: 'question'; readonly id: string; readonly question: string; readonly event: RunEvent }
  | { readonly type: 'info' }
  /** The view changed otherwise than by events. */
  | { readonly type: 'view' }
  | { readonly type: 'failed'; readonly error: ErrorView }
  | { readonly type: 'copied' };

/** One run: its state, data for the panel, and changes. */
export interface ActiveRun {
  readonly id: string;
  /** Panels are reused for the same key: URI and range. */
  readonly sourceKey: string;
  readonly title: string;
  /** The whole state, at any time. */
  view(): RunView;
  /** Returns the view, or the previous summary while the run has no text. */
  readable(): RunView;
  info(): PanelInfo;
  readonly onNews: vscode.Event<RunNews>;
  /** Handles a panel message other than `ready`. */
  act(message: FromPanel): void;
  readonly state: RunState;
  event(event: RunEvent): void;
  question(id: string, question: string, event: RunEvent): void;
  asked(id: string, question: string): void;
  unanswered(id: string, error: ErrorView): void;
  fail(error: ErrorView): void;
  /** Empties the view. */
  reset(): void;
  /** `info()` is another one. */
  changed(): void;
  copied(): void;
  record(): RunRecord;
}

/** Whether a target can be read again: typed or pasted text cannot. */
export function isRepeatable(target: SummaryTarget): boolean {
  return !['clipboard', 'terminal', 'text'].includes(target.kind);
}

/** Title of the panel's tab. */
export function writePanelTitle(title: string): string {
  return vscode.l10n.t('Précis: {0}', title);
}

function templateLabel({ name, folder }: UsedTemplate): string {
  return folder === undefined ? name : vscode.l10n.t('{0} (template of {1})', name, folder);
}

/** Returns a run that has not begun. */
export function createActiveRun(
  id: string,
  initial: Partial<RunState> & Pick<RunState, 'target' | 'title' | 'length' | 'language'>,
  act: (run: ActiveRun, message: FromPanel) => void,
): ActiveRun {
  const news = new vscode.EventEmitter<RunNews>();
  const state: RunState = {
    pinned: false,
    startedAt: Date.now(),
    view: { ...emptyView, title: initial.title },
    running: false,
    resumable: false,
    fingerprint: [],
    keyFiles: [],
    keyFilesAgreed: [],
    questions: [],
    asking: new Set(),
    ...initial,
  };
  const run: ActiveRun = {
    id,
    state,
    get sourceKey() {
      return toTargetKey(state.target);
    },
    get title() {
      return writePanelTitle(state.title);
    },
    view: () => state.view,
    readable: () => (state.view.markdown === '' ? (state.previous ?? state.view) : state.view),
    info: (): PanelInfo => ({
      runId: id,
      length: state.length,
      language: state.language,
      pinned: state.pinned,
      ...(state.stale ? { stale: state.stale } : {}),
      resumable: state.resumable,
      repeatable: isRepeatable(state.target),
      ...(state.waitsForAnswer ? { asking: true } : {}),
      ...(state.cached ? { cached: true } : {}),
      ...(state.previous && state.view.markdown === '' ? { previous: { ...state.previous, notes: {} } } : {}),
      ...(state.batchJob ? { batchJob: state.batchJob } : {}),
      ...(state.template ? { template: templateLabel(state.template) } : {}),
      questions: state.questions,
      canAsk:
        state.target.kind !== 'text' &&
        !state.running &&
        state.view.provider !== 'offline' &&
        state.view.markdown !== '',
      startedAt: state.startedAt,
      ...(state.place ? { place: state.place } : {}),
    }),
    onNews: news.event,
    act: (message) => act(run, message),
    event(event) {
      state.view = runView(state.view, event);
      news.fire({ type: 'event', event });
    },
    asked(questionId, question) {
      state.questions.push({ id: questionId, question, view: emptyView });
      run.changed();
    },
    unanswered(questionId, error) {
      const found = state.questions.find((q) => q.id === questionId);
      if (found) found.view = createFailedView(found.view, error);
    },
    question(questionId, question, event) {
      const found = state.questions.find((q) => q.id === questionId);
      if (found) found.view = runView(found.view, event);
      news.fire({ type: 'question', id: questionId, question, event });
    },
    fail(error) {
      state.view = createFailedView(state.view, error);
      news.fire({ type: 'failed', error });
    },
    reset() {
      if (state.view.markdown !== '') state.previous = state.view;
      state.view = { ...emptyView, title: state.title };
      state.startedAt = Date.now();
      delete state.stale;
      delete state.inserted;
      delete state.place;
      state.resumable = false;
      news.fire({ type: 'view' });
    },
    changed: () => news.fire({ type: 'info' }),
    copied: () => news.fire({ type: 'copied' }),
    record: () => ({
      version: 1,
      id,
      recipe: state.target,
      title: state.title,
      startedAt: state.startedAt,
      savedAt: Date.now(),
      length: state.length,
      language: state.language,
      pinned: state.pinned,
      running: state.running,
      fingerprint: state.fingerprint,
      ...(state.template ? { template: state.template } : {}),
      ...(state.inserted ? { inserted: state.inserted } : {}),
      ...(state.batchJob ? { batchJob: state.batchJob } : {}),
      ...(state.keyFiles.length ? { keyFiles: state.keyFiles, keyFilesAgreed: state.keyFilesAgreed } : {}),
      ...(state.place ? { place: state.place } : {}),
      view: state.running ? state.view : run.readable(),
      questions: state.questions,
    }),
  };
  return run;
}
