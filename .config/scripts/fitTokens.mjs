/** npm run fit:tokens -- DIR: how well the token estimate fits the texts of DIR, and what a fit to them would be. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/eval/fitTokens.ts');
