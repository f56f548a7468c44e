/** Reduces a run's events to view state, for panel, notification, status bar and chat. */
import {
  assertNever,
  type CitationReady,
  type Coverage,
  type Estimate,
  type GapRange,
  type PlanReady,
  type RunEvent,
  type Strategy,
  type SummaryResult,
  type SummaryUsage,
  type VerificationReady,
} from '../engine/events.ts';

/** Phase of a run; the last four are final. */
export type Phase = 'reading' | 'mapping' | 'collapsing' | 'reducing' | 'done' | 'partial' | 'cancelled' | 'failed';

/** A message and its buttons; never a stack trace. */
export interface ErrorView {
  readonly kind: string;
  readonly message: string;
  readonly requestId?: string;
  /** The server's own message, quoted in the details. */
  readonly said?: string;
  readonly actions: readonly ErrorAction[];
  /** Opened by `openSettings`. */
  readonly setting?: string;
}
/** Actions of an error's buttons. */
export type ErrorAction =
  'setKey' | 'selectModel' | 'selectProvider' | 'openSettings' | 'retry' | 'offline' | 'pickFile' | 'showLog' | 'trust';

/** Note of one chunk. */
export interface NoteView {
  readonly chunk: number;
  readonly text: string;
  readonly done: boolean;
  readonly cached: boolean;
}

/** View state of a run. */
export interface RunView {
  readonly phase: Phase;
  readonly title: string;
  readonly provider: string;
  readonly model: string;
  readonly host: string;
  readonly strategy?: Strategy;
  readonly plan?: Omit<PlanReady, 'type'>;
  readonly readLength: number;
  readonly readTotal?: number;
  readonly secrets: number;
  readonly invisible: number;
  readonly progress: {
    readonly mapDone: number;
    readonly mapTotal: number;
    readonly collapseDone: number;
    readonly collapseTotal: number;
    readonly reducing: boolean;
    readonly cachedCalls: number;
    readonly calls: number;
    readonly running: number;
    readonly maxRunning: number;
    /** Answered calls, and their total ms. */
    readonly timed: number;
    readonly timedMs: number;
    /** Started map calls with the tokens of their text, and answered ones. */
    readonly started: number;
    readonly startedTokens: number;
    readonly timedMaps: number;
    readonly timedTokens: number;
    /** Tokens of the text, by running call. */
    readonly callTokens: Readonly<Record<number, number>>;
    /** Share of the prompt read, by running call, if the server reports it. */
    readonly readShares: Readonly<Record<number, number>>;
  };
  /** By chunk, in text order; sparse while running. */
  readonly notes: Readonly<Record<number, NoteView>>;
  readonly wait?: { readonly waitMs: number; readonly reason: string; readonly stage: string };
  readonly notices: readonly string[];
  readonly markdown: string;
  /** Restart counter: on change the text starts over. */
  readonly generation: number;
  readonly citations: readonly CitationReady[];
  readonly gaps: readonly GapRange[];
  readonly verification?: Omit<VerificationReady, 'type'>;
  readonly coverage?: Coverage;
  readonly estimate?: Estimate;
  readonly usage?: SummaryUsage;
  readonly error?: ErrorView;
}

/** Provider of a summary opened from a saved file, whose text cannot be read again. */
export const savedProvider = 'saved';

/** A run before its first event. */
export const emptyView: RunView = {
  phase: 'reading',
  title: '',
  provider: '',
  model: '',
  host: '',
  readLength: 0,
  secrets: 0,
  invisible: 0,
  progress: {
    mapDone: 0,
    mapTotal: 0,
    collapseDone: 0,
    collapseTotal: 0,
    reducing: false,
    cachedCalls: 0,
    calls: 0,
    running: 0,
    maxRunning: 0,
    timed: 0,
    timedMs: 0,
    started: 0,
    startedTokens: 0,
    timedMaps: 0,
    timedTokens: 0,
    callTokens: {},
    readShares: {},
  },
  notes: {},
  notices: [],
  markdown: '',
  generation: 0,
  citations: [],
  gaps: [],
};

/** Returns the state after an event. */
export function runView(state: RunView, event: RunEvent): RunView {
  switch (event.type) {
    case 'read':
      return { ...state, readLength: event.length, readTotal: event.total };
    case 'masked':
      return { ...state, secrets: event.secrets, invisible: event.invisible };
    case 'plan': {
      const { type: _, ...plan } = event;
      return {
        ...state,
        phase: plan.strategy === 'map-reduce' ? 'mapping' : 'reducing',
        title: plan.title,
        provider: plan.provider,
        model: plan.model,
        host: plan.host,
        strategy: plan.strategy,
        plan,
        estimate: plan.estimate,
        progress: {
          ...state.progress,
          mapTotal: plan.map,
          collapseTotal: plan.collapse,
          cachedCalls: plan.cachedCalls,
        },
      };
    }
    case 'replan':
      return {
        ...state,
        progress: { ...state.progress, mapTotal: event.map, collapseTotal: event.collapse },
      };
    case 'call-start': {
      const phase = event.stage === 'map' ? 'mapping' : event.stage === 'collapse' ? 'collapsing' : 'reducing';
      const isMap = event.stage === 'map';
      const tokens = event.chunks.reduce((sum, chunk) => sum + (state.plan?.chunks[chunk]?.tokens ?? 0), 0);
      return {
        ...state,
        phase,
        wait: undefined,
        progress: {
          ...state.progress,
          started: state.progress.started + Number(isMap),
          startedTokens: state.progress.startedTokens + (isMap ? tokens : 0),
          callTokens: { ...state.progress.callTokens, [event.call]: tokens },
          calls: state.progress.calls + 1,
          running: state.progress.running + 1,
          maxRunning: Math.max(state.progress.maxRunning, state.progress.running + 1),
          reducing: state.progress.reducing || phase === 'reducing',
        },
      };
    }
    case 'call-read': {
      const readShares = { ...state.progress.readShares, [event.call]: event.share };
      return { ...state, wait: undefined, progress: { ...state.progress, readShares } };
    }
    case 'call-end': {
      const p = state.progress;
      const { [event.call]: _, ...readShares } = p.readShares;
      const { [event.call]: tokens = 0, ...callTokens } = p.callTokens;
      const isTimed = event.outcome === 'done' && event.ms > 0;
      const ended = event.outcome === 'done' || event.outcome === 'cached' || event.outcome === 'failed';
      return {
        ...state,
        wait: undefined,
        progress: {
          ...p,
          running: Math.max(0, p.running - 1),
          readShares,
          callTokens,
          timedMaps: p.timedMaps + Number(isTimed && event.stage === 'map'),
          timedTokens: p.timedTokens + (isTimed && event.stage === 'map' ? tokens : 0),
          timed: p.timed + Number(isTimed),
          timedMs: p.timedMs + (isTimed ? event.ms : 0),
          mapDone: p.mapDone + (ended && event.outcome !== 'cached' && event.stage === 'map' ? 1 : 0),
          collapseDone: p.collapseDone + (ended && event.stage === 'collapse' ? 1 : 0),
          cachedCalls: p.cachedCalls + (event.outcome === 'cached' ? 1 : 0),
        },
      };
    }
    case 'note': {
      const { type: _, ...note } = event;
      return { ...state, notes: { ...state.notes, [note.chunk]: note } };
    }
    case 'wait':
      return { ...state, wait: { waitMs: event.waitMs, reason: event.reason, stage: event.stage } };
    case 'notice':
      return { ...state, notices: [...state.notices, event.message] };
    case 'gap':
      return {
        ...state,
        gaps: [
          ...state.gaps,
          { uri: event.uri, startLine: event.startLine, endLine: event.endLine, reason: event.reason },
        ],
      };
    case 'restart':
      return { ...state, markdown: '', citations: [], generation: state.generation + 1 };
    case 'delta':
      return { ...state, phase: 'reducing', wait: undefined, markdown: state.markdown + event.text };
    case 'citation':
      return { ...state, citations: [...state.citations, event] };
    case 'verification': {
      const { type: _, ...verification } = event;
      return { ...state, verification };
    }
    case 'end':
      return ended(state, event.result);
    default:
      return assertNever(event);
  }
}

function ended(state: RunView, result: SummaryResult): RunView {
  return {
    ...state,
    phase: result.status === 'complete' ? 'done' : result.status,
    wait: undefined,
    markdown: result.markdown,
    gaps: result.gaps,
    coverage: result.coverage,
    usage: result.usage,
    strategy: result.strategy,
    provider: result.provider,
    model: result.model,
    progress: { ...state.progress, running: 0, readShares: {}, callTokens: {} },
  };
}

/** State of a run without any summary. */
export function createFailedView(state: RunView, error: ErrorView): RunView {
  return {
    ...state,
    phase: 'failed',
    error,
    wait: undefined,
    progress: { ...state.progress, running: 0, readShares: {}, callTokens: {} },
  };
}
