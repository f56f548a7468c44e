/** Shared types of runs. */
import type { Wording } from '../engine/offline/phrases.ts';
import type * as vscode from 'vscode';
import type { SummaryOptions } from '../api.ts';
import type { RunEvent, SummaryResult } from '../engine/events.ts';
import type { Clock, Fence, Hash, Random, TokenCounter, Yield } from '../engine/ports.ts';
import type { Prepare, RunOptions, RunPorts, RunRequest } from '../engine/request.ts';
import type { Source } from '../engine/source.ts';
import type { Log } from '../host/log.ts';
import type { ErrorView, RunView } from '../shared/runView.ts';
import type { FromPanel } from '../shared/protocol.ts';
import type { ActiveRun } from './activeRun.ts';
import type { Caches } from './caches.ts';
import type { RunStore } from './history.ts';
import type { ChosenModels, Models } from './models.ts';
import type { Progress } from './progress.ts';
import type { Schedulers } from './schedulers.ts';
import type { PaidCall } from './spending.ts';
import type { SummaryTarget } from './target.ts';
import type { UsedTemplate } from './templates/template.ts';

/** Request for a summary. */
export interface StartRequest {
  /** Id of the run to replace. */
  readonly id?: string;
  readonly title: string;
  readonly target: SummaryTarget;
  /** @throws SourceError with a sentence */
  readonly read: (signal: AbortSignal) => Promise<Source>;
  /** Resource whose settings apply. */
  readonly scope?: vscode.Uri;
  readonly options?: SummaryOptions;
  /** A folder's template was agreed to before. */
  readonly template?: UsedTemplate;
  readonly question?: string;
  /** Whether questions may be asked and the panel is shown. */
  readonly interactive: boolean;
  /** Whether the person chose provider and model for this request. */
  readonly chosenByPerson?: boolean;
  readonly show: boolean;
  readonly token?: vscode.CancellationToken;
  readonly onEvent?: (event: RunEvent) => void;
  /** Before its first event. */
  readonly onRun?: (run: ActiveRun) => void;
  /** Previous summary, shown until the new one has text. */
  readonly previous?: RunView;
  /** Run to reuse. */
  readonly into?: ActiveRun;
  /** Engine options that a finished batch adds. */
  readonly engine?: Pick<RunOptions, 'batched' | 'spent'>;
  /** Cost of the batch that this run completes. */
  readonly paid?: PaidCall;
  /** Whether an agent asks: key files are refused, also offline. */
  readonly forAgent?: boolean;
  /** Tokens above which to ask, instead of the setting. */
  readonly confirmAbove?: number;
  readonly agreed?: boolean;
}

/** Runs of this window and of the history. */
export interface Runs extends vscode.Disposable {
  /**
   * Resolves also when cancelled.
   * @throws Error with a sentence
   */
  start(request: StartRequest): Promise<SummaryResult>;
  /** Shows and stores a run that waits. */
  open(request: StartRequest): ActiveRun;
  engine(request: StartRequest, run: ActiveRun, signal: AbortSignal): Promise<Engine>;
  /** Reads a target again and starts it. */
  again(run: ActiveRun, options?: SummaryOptions): Promise<SummaryResult | undefined>;
  /** @param asker shows the answer; a failure is then thrown instead of shown */
  ask(
    run: ActiveRun,
    question: string,
    asker?: {
      readonly onEvent: (event: RunEvent) => void;
      readonly token: vscode.CancellationToken;
      readonly options: SummaryOptions;
      readonly chosenByPerson: boolean;
    },
  ): Promise<SummaryResult | undefined>;
  get(id: string): Promise<ActiveRun | undefined>;
  /** Returns the last run in a panel of this title. */
  titled(title: string): Promise<ActiveRun | undefined>;
  /** Returns the last summary of a document, or of all. */
  last(uri?: vscode.Uri): Promise<ActiveRun | undefined>;
  readonly running: readonly ActiveRun[];
  /** Runs of this window, ended ones included. */
  readonly known: Iterable<ActiveRun>;
  wasShown(error: unknown): boolean;
  readonly onDidFail: vscode.Event<RunFailure>;
  /** Fires when a run ends in any way. */
  readonly onDidEnd: vscode.Event<ActiveRun>;
  /** Fires for panel messages that neither start nor cancel: open lines, copy, choose a language. */
  readonly onMessage: vscode.Event<RunMessage>;
  /** Fires when the user chose a batch instead of this run. */
  readonly onDidChooseBatch: vscode.Event<StartRequest>;
  readonly onDidPay: vscode.Event<PaidCall>;
}

/** A run that ended with an error. */
export interface RunFailure {
  readonly run: ActiveRun;
  readonly error: ErrorView;
}

/** A message from a run's panel. */
export interface RunMessage {
  readonly run: ActiveRun;
  readonly message: FromPanel;
}

/** Dependencies of runs. */
export interface RunsDeps {
  readonly models: Models;
  readonly schedulers: Schedulers;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly prepare: () => Promise<Prepare>;
  /** The text with secrets masked. */
  readonly mask: (text: string) => Promise<string>;
  readonly tokens: () => Promise<TokenCounter>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
  readonly fence: () => Promise<Fence>;
  /** Wording of an offline summary in `language`; '' means VS Code's. */
  readonly wording: (language: string) => Promise<Wording>;
  readonly yield: Yield;
  readonly log: Log;
  readonly progress: Progress;
  /** @throws Error if it cannot be read again */
  readonly resolve: (target: SummaryTarget, signal: AbortSignal) => Promise<Source>;
  /** Shows what would be read; undefined if closed. */
  readonly chooseFiles: (
    target: Extract<SummaryTarget, { kind: 'items' }>,
    signal: AbortSignal,
  ) => Promise<SummaryTarget | undefined>;
  readonly show: (run: ActiveRun, focus: boolean) => void;
  readonly isVisible: (runId: string) => boolean;
}

/** Inputs of an engine run; no ports offline. */
export interface Engine {
  readonly request: RunRequest;
  readonly chosen: ChosenModels;
  readonly prepare: Prepare;
  readonly ports?: RunPorts;
}
