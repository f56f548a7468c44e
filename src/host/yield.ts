import type { Yield } from '../engine/ports.ts';

/** Yields to the event loop; a timer would take over 1 ms, a promise would not yield. */
export const yieldToEventLoop: Yield =
  typeof setImmediate === 'function' ? () => new Promise((resolve) => setImmediate(resolve)) : yieldByMessage();

function yieldByMessage(): Yield {
  const waiting: (() => void)[] = [];
  const channel = new MessageChannel();
  (channel.port1 as unknown as { onmessage: () => void }).onmessage = () => waiting.shift()?.();
  return () =>
    new Promise((resolve) => {
      waiting.push(resolve);
      channel.port2.postMessage(0);
    });
}
