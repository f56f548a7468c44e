/** Remembers errors that fail calls before they are sent: permanent ones, or a very long wait. */
import { maxWaitMs, type ModelError, type ModelErrorKind } from '../model.ts';

/** Errors that apply to later calls too. */
export class Refusals {
  /** Permanent errors by model, '' for the account; kept until the settings change. */
  readonly #dead = new Map<string, ModelError>();
  #until: { readonly at: number; readonly error: ModelError } | undefined;

  find(model: string, now: number): ModelError | undefined {
    if (this.#until !== undefined && this.#until.at > now) return this.#until.error;
    return this.#dead.get('') ?? this.#dead.get(model);
  }

  /** Keeps a permanent error; returns whether it also applies to another model. */
  end(model: string, error: ModelError): (other: string) => boolean {
    const key = error.kind === 'no-model' ? model : '';
    this.#dead.set(key, error);
    return (other) => key === '' || other === key;
  }

  /** Returns false if the wait is acceptable. */
  refuseForLong(error: ModelError, now: number): boolean {
    const waitMs = error.retryAfterMs ?? 0;
    if (waitMs <= maxWaitMs) return false;
    this.#until = { at: now + waitMs, error };
    return true;
  }

  forget(): void {
    this.#dead.clear();
    this.#until = undefined;
  }
}

const limitKinds: ReadonlySet<ModelErrorKind> = new Set(['rate-limit', 'overloaded']);

/** Whether waiting can help. */
export const isLimit = ({ kind }: ModelError): boolean => limitKinds.has(kind);

/** Whether the connection or server is at fault, not the call. */
export function isBroken({ kind, status }: ModelError): boolean {
  return kind === 'network' || kind === 'overloaded' || (status !== undefined && status >= 500);
}
