import type { Hash } from '../engine/ports.ts';
import { sha256Hex } from './sha256.ts';

type NodeCrypto = typeof import('node:crypto');

const encoder = new TextEncoder();

/** SHA-256 without Node. */
export const portableHash: Hash = (text) => sha256Hex(encoder.encode(text));

/** SHA-256, from the platform where synchronous. */
export const hash: Hash = platformHash() ?? portableHash;

function platformHash(): Hash | undefined {
  const builtin = typeof process === 'undefined' ? undefined : process.getBuiltinModule;
  const crypto = builtin?.('node:crypto') as NodeCrypto | undefined;
  return crypto && ((text) => crypto.hash('sha256', text, 'hex'));
}
