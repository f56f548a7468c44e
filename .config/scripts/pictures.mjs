/** npm run pictures: the pictures of README, taken in a real VS Code. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/support/host/pictures.ts', { build: true, host: true });
