/** Shared types of runs: what is asked for, what holds them, what they are made from. */
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
import type { Recipe } from './target.ts';

/** What to summarize, and for whom. */
export interface StartRequest {
  readonly title: string;
  readonly recipe: Recipe;
  /** Reads what was pointed at; throws a sentence for a person. */
  readonly read: (signal: AbortSignal) => Promise<Source>;
  /** Settings are read for it. */
  readonly scope?: vscode.Uri;
  readonly options?: SummaryOptions;
  readonly question?: string;
  /** A person is there: consent may be asked, the panel is shown. */
  readonly interactive: boolean;
  /** The person chose provider and model for this very request, as in the chat. */
  readonly chosenByPerson?: boolean;
  readonly show: boolean;
  readonly token?: vscode.CancellationToken;
  readonly onEvent?: (event: RunEvent) => void;
  /** The run that this became, before its first event. */
  readonly onRun?: (run: ActiveRun) => void;
  /** Shown until the new summary has text. */
  readonly previous?: RunView;
  /** Use this run again instead of a new one. */
  readonly into?: ActiveRun;
  /** What a batch that the run finishes knows beyond the settings. */
  readonly engine?: Pick<RunOptions, 'batched' | 'spent'>;
  /** The result goes to an agent: files that may hold keys are refused, also offline. */
  readonly forAgent?: boolean;
  /** Tokens above which is asked, instead of the setting. */
  readonly confirmAbove?: number;
  /** What it sends was told and agreed to before. */
  readonly agreed?: boolean;
}

/** The runs of this window and of the history. */
export interface Runs extends vscode.Disposable {
  /** Resolves with the summary, also a cancelled one. @throws Error with a sentence for a person */
  start(request: StartRequest): Promise<SummaryResult>;
  /** A run that waits: shown and kept, not started. */
  open(request: StartRequest): ActiveRun;
  /** What `start` would hand to the engine for this run. */
  engine(request: StartRequest, run: ActiveRun, signal: AbortSignal): Promise<Engine>;
  /** Reads a recipe again and starts it. */
  again(run: ActiveRun, options?: SummaryOptions): Promise<SummaryResult | undefined>;
  /** @param asker who shows the answer, and a failure: it is thrown instead of shown */
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
  /** The last run that a panel of this title showed. */
  titled(title: string): Promise<ActiveRun | undefined>;
  /** The last summary of a document, or the last of all. */
  last(uri?: vscode.Uri): Promise<ActiveRun | undefined>;
  readonly running: readonly ActiveRun[];
  /** Runs of this window, also those that ended. */
  readonly known: Iterable<ActiveRun>;
  /** Whether this error was shown already. */
  wasShown(error: unknown): boolean;
  /** A run or a question failed. */
  readonly onDidFail: vscode.Event<RunFailure>;
  /** A run ended, in whichever way. */
  readonly onDidEnd: vscode.Event<ActiveRun>;
  /** Messages of the panel that start and cancel no run: open lines, copy, pick a language, cancel a batch. */
  readonly onMessage: vscode.Event<RunMessage>;
  /** Tokens and cost of this window's runs so far. */
  readonly session: {
    readonly runs: number;
    readonly inputTokens: number;
    readonly outputTokens: number;
    readonly costUsd: number;
  };
}

export interface RunFailure {
  readonly run: ActiveRun;
  readonly error: ErrorView;
}

export interface RunMessage {
  readonly run: ActiveRun;
  readonly message: FromPanel;
}

/** What runs are made from. */
export interface RunsDeps {
  readonly models: Models;
  readonly schedulers: Schedulers;
  readonly caches: Caches;
  readonly store: RunStore;
  readonly prepare: () => Promise<Prepare>;
  /** A short text with its secrets named, as it may leave. */
  readonly mask: (text: string) => Promise<string>;
  readonly tokens: () => Promise<TokenCounter>;
  readonly clock: Clock;
  readonly random: Random;
  readonly hash: Hash;
  readonly fence: () => Promise<Fence>;
  /** Of an offline summary in `language`; '' : VS Code's. */
  readonly wording: (language: string) => Promise<Wording>;
  readonly yield: Yield;
  readonly log: Log;
  readonly progress: Progress;
  /** Reads what a recipe names; throws where it cannot be read again. */
  readonly resolve: (recipe: Recipe, signal: AbortSignal) => Promise<Source>;
  /** Shows what would be read of files and folders; resolves to what stayed ticked, or to nothing when it was closed. */
  readonly chooseFiles: (
    recipe: Extract<Recipe, { kind: 'items' }>,
    signal: AbortSignal,
  ) => Promise<Recipe | undefined>;
  readonly show: (run: ActiveRun, focus: boolean) => void;
  readonly isVisible: (runId: string) => boolean;
}

/** All that a run of the engine is made of; offline there are no ports. */
export interface Engine {
  readonly request: RunRequest;
  readonly chosen: ChosenModels;
  readonly prepare: Prepare;
  readonly ports?: RunPorts;
}
