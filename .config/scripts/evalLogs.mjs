/** npm run eval:logs -- DIR: how well logs are read, on labelled samples that DIR holds. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/eval/logs.ts');
