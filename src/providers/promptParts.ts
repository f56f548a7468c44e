import type { ModelCall } from '../engine/model.ts';

/** The prompt cut where a provider's cache may end: the text that comes back, and the ask. One part where nothing comes back. */
export function promptParts(call: ModelCall): readonly [string] | readonly [reused: string, ask: string] {
  const at = call.reusable ? (call.reusableLength ?? 0) : 0;
  return at > 0 && at < call.user.length ? [call.user.slice(0, at), call.user.slice(at)] : [call.user];
}
