/** npm run catalog: rows of the model catalog whose figures are older than 90 days. */
import { runTypeScript } from './lib/typescript.mjs';

await runTypeScript('test/support/oldCatalogRows.ts');
