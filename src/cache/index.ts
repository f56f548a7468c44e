export { createAnswerCache, type CacheOptions, type CacheStats, type ClosableCache } from './cache.ts';
export { createNoCache } from './noCache.ts';
export { nodeFs } from './nodeFs.ts';
