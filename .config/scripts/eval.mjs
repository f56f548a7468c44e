/** npm run eval: faithfulness. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/eval/main.ts', { build: true });
