/** npm run eval:offline -- DIR [--words N]: offline summaries beside the methods people would use instead. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/eval/offline/main.ts');
