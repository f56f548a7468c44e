/** Types of patterns, and checks on the values they find. */
import { isSecretValue } from './secretValues.ts';

/** Characters `start` to `end` are secret. */
export interface Finding {
  readonly start: number;
  readonly end: number;
}

/** Finds one form of secret. */
export interface Pattern {
  /** Global; the secret is the group `s`, else the match. */
  readonly regex: RegExp;
  /** One of these must occur, a quick test before the pattern; lower case with `fold`. */
  readonly needs: readonly string[];
  readonly accept?: (secret: string, match: RegExpExecArray) => boolean;
}

/** Whether a value is varied, unlike `xxxxxxxx` or `--------`. */
export function isVaried(secret: string): boolean {
  return new Set(secret.slice(-24)).size >= 6 && !/example|placeholder|your[-_]|x{6}/i.test(secret.slice(0, 60));
}

/** Whether it has both cases and digits. */
export const isMixed = (secret: string): boolean => /[a-z]/.test(secret) && /[A-Z]/.test(secret) && /\d/.test(secret);

/** Whether it is a placeholder. */
export const isTemplate = (value: string): boolean => /^(?:\$|%[({A-Z]|\{|<|\[|\*+$|x+$|your)/i.test(value);

/** For weak contexts. */
export const isStrictPassword = (value: string): boolean =>
  isSecretValue(value, { name: '', strength: 'password', quoted: true, loud: false, strict: true });

/** For contexts that name a password. */
export const isPassword = (value: string): boolean =>
  isSecretValue(value, { name: '', strength: 'password', quoted: true, loud: true, strict: false });
