/** Keys: a hash over everything that can change an answer, and nothing else. */
import type { Hash } from '../engine/ports.ts';

export type KeyPart = string | number | boolean | null | readonly KeyPart[] | { readonly [name: string]: KeyPart };

/** The parts in order; objects by the names of their properties, so that the order in which they were written does not matter. */
export function keyOf(hash: Hash, parts: readonly KeyPart[]): string {
  return hash(JSON.stringify(ordered(parts)));
}

function ordered(part: KeyPart): KeyPart {
  if (Array.isArray(part)) return (part as readonly KeyPart[]).map(ordered);
  if (part === null || typeof part !== 'object') return part;
  const object = part as { readonly [name: string]: KeyPart };
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((name) => [name, ordered(object[name]!)]),
  );
}
