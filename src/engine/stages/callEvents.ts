/** Reports one call of a run: start, cost and end. */
import type { CallEnd } from '../events.ts';
import type { Stage, Usage } from '../model.ts';
import type { CallResult } from '../schedule/types.ts';
import { addUsage } from '../schedule/usage.ts';
import { getErrorKind, type RunContext } from './context.ts';

type Outcome = CallEnd['outcome'];

/** Emits start and end once each, in this order. */
export class CallEvents {
  private readonly context: RunContext;
  private readonly stage: Stage;
  private readonly chunks: readonly number[];
  private readonly id: number;
  private started = false;
  private ended = false;
  private readShare = 0;
  private usage: Usage = {};
  private costUsd: number | undefined = 0;

  constructor(context: RunContext, stage: Stage, chunks: readonly number[]) {
    this.context = context;
    this.stage = stage;
    this.chunks = chunks;
    this.id = context.nextCall();
  }

  get hooks(): {
    readonly onStart: () => void;
    readonly onRead: (share: number) => void;
    readonly onSpent: (usage: Usage) => void;
  } {
    return {
      onStart: () => this.start(),
      onRead: (share) => this.read(share),
      onSpent: (usage) => this.spend(usage),
    };
  }

  private read(share: number): void {
    // a retry starts again, but progress never goes back
    if (this.ended || !this.started || share <= this.readShare) return;
    this.readShare = share;
    this.context.emit({ type: 'call-read', call: this.id, stage: this.stage, share });
  }

  start(): void {
    if (this.started) return;
    this.started = true;
    this.context.emit({ type: 'call-start', call: this.id, stage: this.stage, chunks: this.chunks });
  }

  pay({ usage, attempts }: CallResult): void {
    this.spend(usage);
    this.context.ledger.count(attempts);
  }

  private spend(usage: Usage): void {
    const cost = this.context.ledger.spend(this.stage === 'map' ? 'map' : 'reduce', usage);
    this.usage = addUsage(this.usage, usage);
    this.costUsd = cost === undefined || this.costUsd === undefined ? undefined : this.costUsd + cost;
  }

  /** Ignores repeated calls: a retry may be cancelled much later. */
  end(outcome: Outcome, result?: CallResult): void {
    if (this.ended) return;
    this.ended = true;
    this.start();
    const { mapModel, model } = this.context.ports;
    this.context.emit({
      type: 'call-end',
      call: this.id,
      stage: this.stage,
      outcome,
      ms: result?.ms ?? 0,
      attempts: result?.attempts ?? 1,
      model: (this.stage === 'map' ? mapModel : model).model,
      usage: this.usage,
      ...(this.costUsd === undefined ? {} : { costUsd: this.costUsd }),
      ...(result?.requestId ? { requestId: result.requestId } : {}),
    });
  }

  done(result: CallResult): void {
    this.pay(result);
    this.end('done', result);
  }

  /** @returns whether the call was cancelled */
  failed(error: unknown): boolean {
    const isCancelled = this.context.signal.aborted || getErrorKind(error) === 'cancelled';
    this.end(isCancelled ? 'cancelled' : 'failed');
    return isCancelled;
  }
}
