/** Decides whether a text may be sent to a host, for every entrance. The caller passes the question and the store. */
import type { ProviderId } from '../contributions.ts';

/** Destination of a text. */
export interface Destination {
  readonly provider: ProviderId;
  /** Host and port; for VS Code's models `vscode:` and the vendor. */
  readonly host: string;
  /** Whether it is an address of this machine. */
  readonly loopback: boolean;
  /** Whether it is plain HTTP in a local network, which the question mentions. */
  readonly unencrypted?: boolean;
  /** Whether the provider's own documentation names the address. */
  readonly official: boolean;
}

/**
 * Who named the provider. `auto`: nobody, so the first with a key. `settings`: not only the user (a dev container), or a
 * caller's option. `user-settings`: the user, address included. `command-line`: an argument or the user's configuration file.
 * `person`: the person, for this request (the chat's model).
 */
export type NamedBy = 'auto' | 'settings' | 'user-settings' | 'command-line' | 'person';

/** `withdrawn`: revoked, so the next send asks again, even with a stored key. */
export type ConsentAnswer = 'send' | 'offline' | 'withdrawn';

/** What the rule decides by. */
export interface ConsentFacts {
  readonly destination: Destination;
  readonly namedBy: NamedBy;
  /** Whether the key was stored through *Set API Key*. */
  readonly storedKey: boolean;
  /** Whether a person can be asked. */
  readonly interactive: boolean;
  readonly remembered?: ConsentAnswer | undefined;
}

/** `refuse` if nobody can be asked. */
type ConsentDecision = 'send' | 'offline' | 'ask' | 'refuse';

/** Decides without asking. */
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

/** Asks the person; undefined if the question was closed. */
type AskConsent = (destination: Destination) => Promise<'send' | 'offline' | undefined>;

/** Remembered answers by host. */
export interface ConsentStore {
  get(host: string): ConsentAnswer | undefined;
  set(host: string, answer: ConsentAnswer): Promise<void>;
}

/** Shares one question among waiting runs. */
const asking = new Map<string, Promise<'send' | 'offline' | undefined>>();

/**
 * Decides, asks if necessary, and stores the answer for the host.
 * @returns `cancelled` if the question was closed
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
