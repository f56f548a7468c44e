/**
 * Sends messages to the page in frames, at most one per `frameMs`, none while it is hidden. Pure except for
 * its ports.
 */
import type { RunEvent } from '../engine/events.ts';
import type { ToPanel } from '../shared/protocol.ts';
import type { ActiveRun, RunNews } from '../runs/activeRun.ts';

interface OutboxPorts {
  post(message: ToPanel): void;
  /** Runs `then` once after `ms`; returns a cancel function. */
  after(ms: number, then: () => void): () => void;
}

/** Queue of messages from a run to its page. */
export interface Outbox {
  news(news: RunNews): void;
  /** Page visible: sends the whole view, then updates. */
  open(): void;
  /** Page hidden or gone: sends nothing until `open`. */
  close(): void;
}

/** 30 frames a second. */
export const frameMs = 34;

/** Creates a run's outbox, closed until `open`. */
export function createOutbox(run: Pick<ActiveRun, 'id' | 'view' | 'info'>, ports: OutboxPorts): Outbox {
  let opened = false;
  let waiting: RunNews[] = [];
  let stop: (() => void) | undefined;

  const flush = (): void => {
    const batch = waiting;
    waiting = [];
    for (const message of createFrames(run, batch)) ports.post(message);
  };
  const tick = (): void => {
    stop = undefined;
    if (waiting.length === 0) return;
    flush();
    stop = ports.after(frameMs, tick);
  };
  const halt = (): void => {
    stop?.();
    stop = undefined;
    waiting = [];
  };
  return {
    news(news) {
      if (!opened) return;
      waiting.push(news);
      stop ??= ports.after(0, tick);
    },
    open() {
      halt();
      opened = true;
      ports.post({ type: 'view', view: run.view(), info: run.info() });
    },
    close() {
      opened = false;
      halt();
    },
  };
}

/** Messages of one frame: merges neighbouring events of a stream and neighbouring deltas. */
export function createFrames(run: Pick<ActiveRun, 'id' | 'view' | 'info'>, batch: readonly RunNews[]): ToPanel[] {
  // The view already contains every event so far.
  if (batch.some((news) => news.type === 'view')) return [{ type: 'view', view: run.view(), info: run.info() }];
  const messages: ToPanel[] = [];
  let open: { readonly key: string; readonly events: RunEvent[] } | undefined;
  for (const news of batch) {
    if (news.type === 'event' || news.type === 'question') {
      const key = news.type === 'event' ? '' : `question ${news.id}`;
      if (open?.key !== key) {
        open = { key, events: [] };
        messages.push(
          news.type === 'event'
            ? { type: 'events', runId: run.id, events: open.events }
            : { type: 'question', id: news.id, question: news.question, events: open.events },
        );
      }
      append(open.events, news.event);
      continue;
    }
    open = undefined;
    if (news.type === 'info') messages.push({ type: 'info', info: run.info() });
    else if (news.type === 'failed') messages.push({ type: 'failed', error: news.error });
    else messages.push({ type: 'copied' });
  }
  // `info` already contains later question events of this frame.
  const last = messages.findLastIndex((message) => message.type === 'info');
  return messages.filter(
    (message, index) => index === last || (message.type !== 'info' && !(message.type === 'question' && last >= 0)),
  );
}

function append(events: RunEvent[], event: RunEvent): void {
  const before = events.at(-1);
  if (event.type === 'delta' && before?.type === 'delta') {
    events[events.length - 1] = { type: 'delta', text: before.text + event.text };
  } else events.push(event);
}
