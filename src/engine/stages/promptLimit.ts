/**
 * Learns from refusals how long a prompt may be. After the first one calls go out one at a time until one is answered, each derived
 * from the smallest prompt that was refused; a server that refuses even small prompts is asked no more.
 */
import type { ModelError } from '../model.ts';

/** A server that refuses less, and names no limit, refuses everything; tokens. */
const minPrompt = 1_400;
/** Counts of server and engine differ by less than this. */
const estimateShare = 0.9;
/** Share of a named window that is for the prompt. */
const promptShare = 0.6;
/** Divisor of the refused prompt, by refusals in a row. */
const divisorOf = (row: number): number => (row < 2 ? 2 : row < 4 ? 4 : row < 8 ? 8 : 16);

/** `hopeless`: no prompt is short enough. */
export type Admission = 'send' | 'split' | 'hopeless';

export class PromptLimit {
  #refused = Infinity;
  #answered = 0;
  #told = Infinity;
  #row = 0;
  #probe: Promise<void> | undefined;
  #endProbe: () => void = () => undefined;

  /** Largest prompt worth sending, tokens. */
  get tokens(): number {
    if (this.#refused === Infinity) return Infinity;
    const derived = this.#row > 0 ? this.#refused / divisorOf(this.#row) : this.#refused * estimateShare;
    return Math.max(this.#answered, Math.min(derived, this.#told * promptShare, 2 * (this.#answered || Infinity)));
  }

  get #isHopeless(): boolean {
    return this.#row > 1 && this.#refused < minPrompt && this.#told === Infinity;
  }

  /** Waits for the outcome of another call where the limit is not known yet. */
  async admit(tokens: number): Promise<Admission> {
    for (;;) {
      if (this.#isHopeless) return 'hopeless';
      if (tokens > this.tokens) return 'split';
      if (this.#row === 0) return 'send';
      if (this.#probe === undefined) break;
      await this.#probe;
    }
    this.#probe = new Promise((resolve) => (this.#endProbe = resolve));
    return 'send';
  }

  answered(tokens: number): void {
    this.#row = 0;
    this.#answered = Math.max(this.#answered, tokens);
    if (tokens >= this.#refused) this.#refused = Infinity;
    this.settled();
  }

  refused(tokens: number, { limitTokens, status }: Partial<ModelError>): void {
    // calls that were sent before the limit was known say nothing new
    if (tokens <= this.tokens) this.#row += 1;
    this.#refused = Math.min(this.#refused, tokens);
    if (limitTokens !== undefined && status !== undefined) this.#told = Math.min(this.#told, limitTokens);
    this.settled();
  }

  /** The call ended, whatever its outcome. */
  settled(): void {
    this.#probe = undefined;
    this.#endProbe();
  }
}
