/**
 * Learns from refusals how long a prompt may be. After a refusal calls go out one at a time until one is answered, each derived
 * from the smallest refused prompt; a server that refuses small prompts is not asked again.
 */
import { ModelError } from '../model.ts';

/** Smallest prompt to try without a named limit, tokens; a server that refuses it refuses everything. */
const minPrompt = 1_400;
/** Counts of server and engine differ by less than this share. */
const estimateShare = 0.9;
/** Of a reported window. */
const promptShare = 0.6;
/** Divisor of the refused prompt, by consecutive refusals. */
const getDivisor = (row: number): number => (row < 2 ? 2 : row < 4 ? 4 : row < 8 ? 8 : 16);

/** `probe`: the one call that is sent while the limit is not known; `hopeless`: no prompt is short enough. */
export type Admission = 'send' | 'probe' | 'split' | 'hopeless';

/** Code of the error of a call that was admitted and became too long while it waited for a lane. */
export const outdatedCode = 'no-fit';

/** Learns the largest prompt that a server accepts. */
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
    const derived = this.#row > 0 ? this.#refused / getDivisor(this.#row) : this.#refused * estimateShare;
    return Math.max(this.#answered, Math.min(derived, this.#told * promptShare, 2 * (this.#answered || Infinity)));
  }

  get #isHopeless(): boolean {
    return this.#row > 1 && this.#refused < minPrompt && this.#told === Infinity;
  }

  /** Waits for the outcome of another call while the limit is unknown. */
  async admit(tokens: number): Promise<Admission> {
    for (;;) {
      if (this.#isHopeless) return 'hopeless';
      if (tokens > this.tokens) return 'split';
      if (this.#row === 0) return 'send';
      if (this.#probe === undefined) break;
      await this.#probe;
    }
    this.#probe = new Promise((resolve) => (this.#endProbe = resolve));
    return 'probe';
  }

  /** The error of an admitted call that a refusal has shown to be too long meanwhile. */
  outdate(tokens: number, admission: Admission): ModelError | undefined {
    const isOutdated = admission === 'send' && tokens > this.tokens;
    return isOutdated ? new ModelError({ kind: 'too-long', code: outdatedCode }) : undefined;
  }

  answered(tokens: number): void {
    this.#row = 0;
    this.#answered = Math.max(this.#answered, tokens);
    if (tokens >= this.#refused) this.#refused = Infinity;
    this.settled('probe');
  }

  refused(tokens: number, { limitTokens, status }: Partial<ModelError>, admission: Admission = 'send'): void {
    // calls that were sent before the limit was known add no information
    if (tokens <= this.tokens) this.#row += 1;
    this.#refused = Math.min(this.#refused, tokens);
    if (limitTokens !== undefined && status !== undefined) this.#told = Math.min(this.#told, limitTokens);
    this.settled(admission);
  }

  /** The call ended, whatever its outcome. Only the end of the probe lets others go on. */
  settled(admission: Admission): void {
    if (admission !== 'probe') return;
    this.#probe = undefined;
    this.#endProbe();
  }
}
