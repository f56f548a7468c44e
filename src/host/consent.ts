/**
 * Decides whether a text may be sent to a host, for every door (commands, panel, chat, agents, API, batches, command
 * line).
 * The question and the store are handed in.
 */
import type { ProviderId } from '../contributions.ts';

/** Destination of a text. */
export interface Destination {
  readonly provider: ProviderId;
  /** Host and port; for VS Code's models `vscode:` and the vendor. */
  readonly host: string;
  /** An address of this machine. */
  readonly loopback: boolean;
  /** Plain HTTP in a local network: the question says so. */
  readonly unencrypted?: boolean;
  /** The address that the provider's own documentation names. */
  readonly official: boolean;
}

/**
 * Who named the provider.
 * - `auto`: nobody; the first with a key.
 * - `settings`: not the user alone (a dev container), or a caller's option.
 * - `user-settings`: the user's own, address included.
 * - `command-line`: an argument or the user's configuration file.
 * - `person`: the person, for this request (the chat's model).
 */
export type NamedBy = 'auto' | 'settings' | 'user-settings' | 'command-line' | 'person';

/** `withdrawn`: revoked; the next send asks again, whatever key is stored. */
export type ConsentAnswer = 'send' | 'offline' | 'withdrawn';

export interface ConsentFacts {
  readonly destination: Destination;
  readonly namedBy: NamedBy;
  /** Stored through *Set API Key*. */
  readonly storedKey: boolean;
  /** A person is there to be asked. */
  readonly interactive: boolean;
  readonly remembered?: ConsentAnswer | undefined;
}

/** `refuse`: nobody can be asked. */
export type ConsentDecision = 'send' | 'offline' | 'ask' | 'refuse';

/** Decides before a person is asked. */
export function decideConsent(facts: ConsentFacts): ConsentDecision {
  const { destination, namedBy, interactive } = facts;
  if (namedBy === 'person') return 'send';
  const answer = facts.remembered ?? (facts.storedKey ? 'send' : undefined);
  if (answer === 'send') return 'send';
  if (namedBy === 'command-line' && (destination.official || destination.loopback)) return 'send';
  if (namedBy === 'user-settings' && destination.loopback) return 'send';
  if (answer === 'offline' && (interactive || namedBy === 'auto')) return 'offline';
  if (interactive) return 'ask';
  return namedBy === 'auto' ? 'offline' : 'refuse';
}

/** Asks the person; undefined: the question was closed. */
export type AskConsent = (destination: Destination) => Promise<'send' | 'offline' | undefined>;

export interface ConsentStore {
  get(host: string): ConsentAnswer | undefined;
  set(host: string, answer: ConsentAnswer): Promise<void>;
}

/** Shares one question among waiting runs. */
const asking = new Map<string, Promise<'send' | 'offline' | undefined>>();

/**
 * Decides, asking where needed; remembers the answer for the host.
 * @returns `cancelled` where the question was closed
 */
export async function resolveConsent(
  facts: Omit<ConsentFacts, 'remembered'>,
  store: ConsentStore,
  ask: AskConsent,
): Promise<'send' | 'offline' | 'refuse' | 'cancelled'> {
  const { host } = facts.destination;
  const decision = decideConsent({ ...facts, remembered: store.get(host) });
  if (decision !== 'ask') return decision;
  const open = asking.get(host) ?? ask(facts.destination).finally(() => asking.delete(host));
  asking.set(host, open);
  const answer = await open;
  if (answer === undefined) return 'cancelled';
  await store.set(host, answer);
  return answer;
}
