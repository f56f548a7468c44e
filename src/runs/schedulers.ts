/** Shares one scheduler for each provider account; latencies survive the session. */
import type { Memento } from 'vscode';
import type { ChatModel } from '../engine/model.ts';
import type { Clock, Random } from '../engine/ports.ts';
import type { LatencyFigures, Scheduler, SchedulerOptions } from '../engine/schedule/types.ts';
import type { Settings } from '../host/settings.ts';

/** One scheduler per account. */
export interface Schedulers {
  of(model: ChatModel, options: SchedulerOptions): Promise<Scheduler>;
  /** Stores what the run learned about its models. */
  remember(models: readonly ChatModel[]): void;
}

const latencyKey = 'precis.latency';

/** Creates schedulers at first use. */
export function createSchedulers(
  state: Memento,
  clock: Clock,
  random: Random,
  log: (line: string) => void,
): Schedulers {
  const schedulers = new Map<string, Scheduler>();
  const known = state.get<Record<string, LatencyFigures>>(latencyKey, {});
  return {
    async of(model, options) {
      const found = schedulers.get(model.account);
      if (found) {
        found.configure(options);
        return found;
      }
      const { createScheduler } = await import('../engine/schedule/scheduler.ts');
      const prefix = `${model.account}|`;
      const mine = Object.entries(known).filter(([id]) => id.startsWith(prefix));
      const created =
        schedulers.get(model.account) ??
        createScheduler(options, {
          clock,
          random,
          log,
          known: new Map(mine.map(([id, figures]) => [id.slice(prefix.length), figures])),
        });
      schedulers.set(model.account, created);
      return created;
    },
    remember(models) {
      for (const model of models) {
        const figures = schedulers.get(model.account)?.latency(model.model);
        if (figures?.samples) known[`${model.account}|${model.model}`] = figures;
      }
      const entries = Object.entries(known).slice(-40);
      void state.update(latencyKey, Object.fromEntries(entries));
    },
  };
}

/** Times in ms; a loopback server may think five times as long. */
export function getSchedulerOptions(settings: Settings, concurrency: number, loopback: boolean): SchedulerOptions {
  const idle = settings['precis.requestTimeoutSeconds'] * 1000;
  return {
    concurrency,
    maxRetries: settings['precis.maxRetries'],
    requestTimeoutMs: idle,
    firstTokenTimeoutMs: loopback ? idle * 5 : idle,
    // on this machine a second call would slow the first
    hedge: settings['precis.hedgeStragglers'] && !loopback,
    sharesProcessor: loopback,
  };
}
