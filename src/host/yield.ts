import type { Yield } from '../engine/ports.ts';

/** Lets the thread's other work run first. Timers would wait at least a millisecond, and promises would not give way at all. */
export const yieldNow: Yield =
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
