/** Documents in a browser's extension host, which loads one file alone: their libraries come out of a second one when they are wanted. */
import type { ExtractDocument } from './documents.ts';

interface Loaded {
  readonly extractDocument: ExtractDocument;
}

/**
 * @param read gives the text of `dist/web/documents.cjs`, a CommonJS module
 * @returns an extraction that answers `damaged` where that file cannot be had
 */
export function documentsApart(read: () => Promise<string>): ExtractDocument {
  let loaded: Promise<Loaded> | undefined;
  const load = async (): Promise<Loaded> => {
    const module = { exports: {} };
    // as VS Code loads the extension itself there: a worker's `import` does not reach the package
    const run = new Function('module', 'exports', await read()) as (m: typeof module, e: object) => void;
    run(module, module.exports);
    return module.exports as Loaded;
  };
  return async (kind, bytes) => {
    loaded ??= load();
    loaded.catch(() => (loaded = undefined));
    const { extractDocument } = await loaded.catch(() => ({ extractDocument: unavailable }));
    return extractDocument(kind, bytes);
  };
}

const unavailable: ExtractDocument = () => Promise.resolve({ reason: 'damaged' });
