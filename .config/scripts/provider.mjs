/** npm run provider: the simulated provider, by hand. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/support/provider/cli.ts');
