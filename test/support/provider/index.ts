/** The simulated provider: `startProvider(options)`. */
export { startProvider } from './server.ts';
export { selfSigned } from './tls.ts';
export { countTokens } from './tokens.ts';
export { readerAnswer, sectionsOf, wordsAllowed, type ReaderOptions } from './reader.ts';
export type { Fault, FaultKind } from './faults.ts';
export type { LatencyOptions } from './latency.ts';
export type { RateOptions } from './limits.ts';
export type { Answer, Asked, Flavour, JournalEntry, ProviderOptions, SimulatedProvider } from './types.ts';
