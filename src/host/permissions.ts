/** Permissions that the user gave or refused, for *Manage Permissions*. */

export interface PermissionMemento {
  get<T>(key: string): T | undefined;
  update(key: string, value: unknown): PromiseLike<void>;
}

/**
 * `host`: text may go there (`send`) or not (`offline`). `key`: the environment's key may go to this foreign host. `prices`: a
 * folder's prices count. `model`: a folder may choose this VS Code model. `templates`: a folder's templates may be used.
 */
export type PermissionKind = 'host' | 'key' | 'prices' | 'model' | 'templates';

/** A remembered answer. */
export interface Permission {
  readonly kind: PermissionKind;
  /** Host, or folder and hash of what was agreed to. */
  readonly name: string;
  readonly answer: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

const storageKey = 'precis.permissions';
/** Format before 0.1: entries `provider|host` that may get text. */
const earlierKey = 'precis.consent';

/** Remembered answers of the user. */
export class Permissions {
  readonly #memento: PermissionMemento;
  readonly #now: () => number;

  constructor(memento: PermissionMemento, now: () => number) {
    this.#memento = memento;
    this.#now = now;
  }

  /** Hosts first, then by name. */
  list(): readonly Permission[] {
    const stored = this.#memento.get<unknown>(storageKey);
    const known = Array.isArray(stored) ? stored.filter(isPermission) : [];
    const earlier = this.#memento.get<unknown>(earlierKey);
    const hosts = Array.isArray(earlier) ? earlier.filter((one) => typeof one === 'string') : [];
    const moved = hosts.flatMap((account): Permission[] => {
      const name = account.slice(account.indexOf('|') + 1);
      const replaced = known.some((one) => one.kind === 'host' && one.name === name);
      return replaced ? [] : [{ kind: 'host', name, answer: 'send', at: 0 }];
    });
    return [...known, ...moved].sort((a, b) => order(a) - order(b) || (a.name < b.name ? -1 : 1));
  }

  /** Undefined if nobody was asked. */
  get(kind: PermissionKind, name: string): string | undefined {
    return this.list().find((one) => one.kind === kind && one.name === name)?.answer;
  }

  /** Undefined forgets it. */
  async set(kind: PermissionKind, name: string, answer: string | undefined): Promise<void> {
    const others = this.list().filter((one) => one.kind !== kind || one.name !== name);
    const mine: Permission[] = answer === undefined ? [] : [{ kind, name, answer, at: this.#now() }];
    await this.#memento.update(storageKey, [...others, ...mine]);
    await this.#memento.update(earlierKey, undefined);
  }

  /** @returns the number of deleted answers */
  async clear(): Promise<number> {
    const count = this.list().length;
    await this.#memento.update(storageKey, undefined);
    await this.#memento.update(earlierKey, undefined);
    return count;
  }
}

const kinds: readonly PermissionKind[] = ['host', 'key', 'prices', 'model', 'templates'];

function order({ kind }: Permission): number {
  return kinds.indexOf(kind);
}

function isPermission(value: unknown): value is Permission {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, name, answer, at } = value as Record<string, unknown>;
  return (
    kinds.includes(kind as PermissionKind) &&
    typeof name === 'string' &&
    typeof answer === 'string' &&
    typeof at === 'number'
  );
}
