import type { PanelInfo, ToPanel } from '../shared/protocol.ts';
import { emptyView, createFailedView, runView, type RunView } from '../shared/runView.ts';

/** A question with its answer so far. */
export interface Question {
  readonly id: string;
  readonly question: string;
  readonly view: RunView;
}

/** Complete state of the page. */
export interface PageState {
  /** Undefined until the first message. */
  readonly texts?: Readonly<Record<string, string>>;
  readonly locale: string;
  /** There is nothing to show. */
  readonly empty: boolean;
  readonly view?: RunView;
  readonly info?: PanelInfo;
  readonly questions: readonly Question[];
}

/** Before the first message. */
export const initialState: PageState = { locale: 'en', empty: false, questions: [] };

/** Returns the state after a message. */
export function createPageState(state: PageState, message: ToPanel): PageState {
  switch (message.type) {
    case 'init':
      return { ...state, texts: message.texts, locale: message.locale };
    case 'view':
      return { ...state, empty: false, view: message.view, info: message.info, questions: message.info.questions };
    case 'events':
      // Drops late events of a run no longer shown.
      if (state.view === undefined || state.info?.runId !== message.runId) return state;
      return { ...state, view: message.events.reduce(runView, state.view) };
    case 'info':
      return { ...state, info: message.info, questions: message.info.questions };
    case 'failed':
      return { ...state, empty: false, view: createFailedView(state.view ?? emptyView, message.error) };
    case 'question':
      return { ...state, questions: asked(state.questions, message) };
    case 'empty':
      return { ...state, empty: true, view: undefined, info: undefined, questions: [] };
    case 'copied':
    case 'focus':
      return state;
  }
}

function asked(
  questions: readonly Question[],
  message: Extract<ToPanel, { readonly type: 'question' }>,
): readonly Question[] {
  const known = questions.find(({ id }) => id === message.id);
  const view = message.events.reduce(runView, known?.view ?? emptyView);
  const next = { id: message.id, question: message.question, view };
  return known === undefined ? [...questions, next] : questions.map((one) => (one === known ? next : one));
}

/** Whether the run is over. */
export function isFinished({ phase }: Pick<RunView, 'phase'>): boolean {
  return phase === 'done' || phase === 'partial' || phase === 'cancelled' || phase === 'failed';
}
