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

/** Makers of fake values of many forms; the same for the same seed. */
export function createGenerator(seed: number) {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const pick = <T>(values: readonly T[]): T => values[Math.floor(next() * values.length)]!;
  const str = (length: number, alphabet: string): string =>
    Array.from({ length }, () => alphabet[Math.floor(next() * alphabet.length)]!).join('');
  const [large, small, digits] = ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz', '0123456789'];
  const an = (length: number): string => str(length, large + small + digits);
  const dig = (length: number): string => str(length, digits);
  const b64 = (length: number): string => str(length, `${large}${small}${digits}+/`);
  const b64u = (length: number): string => str(length, `${large}${small}${digits}-_`);
  const hexOf = (length: number): string => str(length, '0123456789abcdef');
  const w = (): string => pick(words);
  const pw = (): string =>
    pick([
      () => `${w()}${dig(2)}!`,
      () => `${w()}-${w()}-${dig(3)}`,
      () => an(12),
      () => `${w()}${pick(['@', '#', '$', '%'])}${dig(4)}`,
      () => `${w()}_${dig(2)}${w()}`,
      () => str(14, `${large}${small}${digits}!#%*-_.`),
    ])();
  const url = (text: string): string => Buffer.from(text).toString('base64url');
  return {
    an,
    dig,
    b64,
    b64u,
    w,
    pw,
    str,
    hex: hexOf,
    HEX: (length: number): string => str(length, '0123456789ABCDEF'),
    low: (length: number): string => str(length, small + digits),
    up: (length: number): string => str(length, large + digits),
    lpw: (): string => `${w()}${w()}`.toLowerCase(),
    uuid: (): string => `${hexOf(8)}-${hexOf(4)}-4${hexOf(3)}-a${hexOf(3)}-${hexOf(12)}`,
    b64json: (text: string): string => Buffer.from(text).toString('base64'),
    jwt: (): string =>
      `${url(`{"alg":"RS256","kid":"${hexOf(6)}"}`)}.${url(`{"sub":"${an(8)}","iat":1700000000,"n":"${an(10)}"}`)}.${b64u(86)}`,
    lines: (count: number, length = 64): string => Array.from({ length: count }, () => b64(length)).join('\n'),
  };
}
const words =
  'harbor velvet Kestrel tundra Ember quartz meadow Falcon walnut zephyr granite Orchid lantern Saffron copper Thistle juniper marble Otter cactus'.split(
    ' ',
  );
