/**
 * Avoids the 300 s limit of Node's fetch for servers on this machine, where a large prompt may take longer. The scheduler has
 * its own time limits.
 */
import type { Fetch } from './http.ts';

interface Dispatcher {
  readonly constructor: new (options: object) => object;
}
/** Globals that hold Node's dispatcher and VS Code's patched fetch. */
interface Runtime {
  readonly [key: symbol]: Dispatcher | undefined;
  readonly __vscodeOriginalFetch?: Fetch;
}

let agent: object | undefined;

/** Creates an agent without time limits; undefined if the runtime has no agents. */
function createPatientAgent(runtime: Runtime): object | undefined {
  const dispatcher = runtime[Symbol.for('undici.globalDispatcher.1')];
  if (agent === undefined && dispatcher?.constructor.name === 'Agent') {
    agent = new dispatcher.constructor({ headersTimeout: 0, bodyTimeout: 0 });
  }
  return agent;
}

/** For this machine only: bypasses VS Code's proxy and certificates. */
export function createPatientFetch(fetch: Fetch): Fetch {
  return (input, init) => {
    const runtime = globalThis as unknown as Runtime;
    const dispatcher = createPatientAgent(runtime);
    const plain = runtime.__vscodeOriginalFetch ?? fetch;
    return dispatcher === undefined ? fetch(input, init) : plain(input, { ...init, dispatcher } as RequestInit);
  };
}
