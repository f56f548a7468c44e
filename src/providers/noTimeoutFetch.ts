/**
 * Node's fetch gives up on a server that sends nothing for 300 s, and a large prompt on a small machine takes longer.
 * The scheduler's idle timer decides that; for servers of this machine fetch is made to wait.
 */
import type { Fetch } from './http.ts';

interface Dispatcher {
  readonly constructor: new (options: object) => object;
}
/** Where Node keeps the dispatcher of its own fetch, and VS Code the fetch that it patched. */
interface Runtime {
  readonly [key: symbol]: Dispatcher | undefined;
  readonly __vscodeOriginalFetch?: Fetch;
}

let agent: object | undefined;

/** A dispatcher without limits of time; undefined where the runtime has none to make it from (a browser, another agent). */
function patientAgent(runtime: Runtime): object | undefined {
  const dispatcher = runtime[Symbol.for('undici.globalDispatcher.1')];
  if (agent === undefined && dispatcher?.constructor.name === 'Agent') {
    agent = new dispatcher.constructor({ headersTimeout: 0, bodyTimeout: 0 });
  }
  return agent;
}

/** A fetch that waits. Only for servers of this machine: it passes by VS Code's proxy and certificates, which do not concern them. */
export function patientFetch(fetch: Fetch): Fetch {
  return (input, init) => {
    const runtime = globalThis as unknown as Runtime;
    const dispatcher = patientAgent(runtime);
    const plain = runtime.__vscodeOriginalFetch ?? fetch;
    return dispatcher === undefined ? fetch(input, init) : plain(input, { ...init, dispatcher } as RequestInit);
  };
}
