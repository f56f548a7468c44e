/**
 * How long the thread was held at a stretch. Counted in the thread's own processor time, so that other programs of a shared machine, which
 * only make timers late, are no pause of ours.
 */
export interface PauseWatch {
  /** Ends the watch and tells the longest stretch, ms. */
  stop(): number;
}

const everyMs = 4;

export function watchPauses(): PauseWatch {
  let longest = 0;
  let last = performance.now();
  let spent = cpuMs();
  const timer = setInterval(() => {
    const [now, cpu] = [performance.now(), cpuMs()];
    longest = Math.max(longest, Math.min(now - last, cpu - spent));
    [last, spent] = [now, cpu];
  }, everyMs);
  return {
    stop() {
      clearInterval(timer);
      return longest;
    },
  };
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
