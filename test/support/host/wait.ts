/** Waiting for conditions, never for times: a busy machine makes it longer, not wrong. */

export const patience = 90_000;

/** Says whether what is waited for is there, and gives it. */
export type Ask<T> = () => Promise<T | undefined | null | false> | T | undefined | null | false;

/** Asks until the answer is neither undefined nor false nor null; the last error, or `what`, tells what never came. */
export async function until<T>(what: string, ask: Ask<T>, limitMs = patience): Promise<T> {
  const end = performance.now() + limitMs;
  let failure: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== null && answer !== false) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (performance.now() > end) {
      const detail = failure instanceof Error ? `: ${failure.message}` : '';
      throw new Error(`Waited ${Math.round(limitMs / 1000)} s for ${what}${detail}`);
    }
    await new Promise((next) => setTimeout(next, 40));
  }
}
