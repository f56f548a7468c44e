/** Fake random text for samples of secrets; the same in each run. */
export const alphabets = {
  mixed: 'aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0z',
  hex: '0123456789abcdef',
  base64: 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
  lower: 'abcdefghijklmnopqrstuvwxyz0123456789',
} as const;

let state = 12345;

/** @param alphabet default: letters of both cases and digits */
export function random(length: number, alphabet: string = alphabets.mixed): string {
  let text = '';
  while (text.length < length) {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    text += alphabet[Math.floor((state / 0x80000000) * alphabet.length)]!;
  }
  return text;
}

export const hex = (length: number): string => random(length, alphabets.hex);
export const base64 = (text: string): string => Buffer.from(text).toString('base64');
export const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;

/** `§` in the text stands for the secret. */
export type Sample = readonly [kind: string, text: string, secret: string];
