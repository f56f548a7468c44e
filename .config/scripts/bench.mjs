/** npm run bench: figures. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/bench/main.ts', { build: true, host: true });
