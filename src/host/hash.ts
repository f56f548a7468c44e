import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Hash } from '../engine/ports.ts';

type NodeCrypto = typeof import('node:crypto');

/** SHA-256 without Node, because a browser's own is asynchronous. */
export const portableHash: Hash = (text) => bytesToHex(sha256(utf8ToBytes(text)));

/** SHA-256 of the platform if that is synchronous. */
export const hash: Hash = findPlatformHash() ?? portableHash;

function findPlatformHash(): Hash | undefined {
  const builtin = typeof process === 'undefined' ? undefined : process.getBuiltinModule;
  const crypto = builtin?.('node:crypto') as NodeCrypto | undefined;
  return crypto && ((text) => crypto.hash('sha256', text, 'hex'));
}
