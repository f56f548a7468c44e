/** Prepares text and counts tokens, on a worker where possible. */
import * as vscode from 'vscode';
import type { Hash, TokenCounter } from '../engine/ports.ts';
import type { Prepare } from '../engine/request.ts';
import { yieldToEventLoop } from '../host/yield.ts';
import { readDocumentsWith } from '../sources/index.ts';
import type { ExtractDocument } from '../text/documents.ts';

interface TextTools extends vscode.Disposable {
  prepare(): Promise<Prepare>;
  tokens(): Promise<TokenCounter>;
  mask(text: string): Promise<string>;
}

interface Made {
  readonly prepare: Prepare;
  readonly tokens: TokenCounter;
  readonly documents: ExtractDocument;
  readonly dispose: () => void;
}

/** Starts the worker at first use. */
export function createTextTools(extensionUri: vscode.Uri, salt: () => Promise<string>, hash: Hash): TextTools {
  let made: Promise<Made> | undefined;
  const make = async (): Promise<Made> => {
    const { createPrepare } = await import('../text/prepare.ts');
    const { estimateTokens } = await import('../engine/tokens.ts');
    const options = { salt: await salt(), hash, yield: yieldToEventLoop };
    if (vscode.env.uiKind === vscode.UIKind.Web && typeof process === 'undefined') {
      // a browser can load a second file only as code
      const { extractDocument } = await import('../text/documents.ts');
      const documents: ExtractDocument = (kind, bytes) =>
        kind === 'html' ? extractDocument(kind, bytes) : Promise.resolve({ reason: 'no-browser' });
      const count = (texts: readonly string[]): Promise<number[]> => Promise.resolve(texts.map(estimateTokens));
      return { prepare: createPrepare(options), tokens: { count }, documents, dispose: () => undefined };
    }
    const [
      { Worker },
      { createTextWorker, textWorkerOptions },
      { createTokenCounter },
      { createDocumentReader: documentReader },
    ] = await Promise.all([
      import('node:worker_threads'),
      import('../text/textWorker.ts'),
      import('../text/tokens.ts'),
      import('../text/documents.ts'),
    ]);
    const file = vscode.Uri.joinPath(extensionUri, 'dist', 'worker.js').fsPath;
    const worker = createTextWorker(() => new Worker(file, textWorkerOptions) as never);
    return {
      prepare: createPrepare({ ...options, worker }),
      tokens: createTokenCounter(worker),
      documents: documentReader(worker),
      dispose: () => worker.dispose(),
    };
  };
  const get = (): Promise<Made> => (made ??= make());
  readDocumentsWith(async (kind, bytes) => (await get()).documents(kind, bytes));
  return {
    prepare: async () => (await get()).prepare,
    tokens: async () => (await get()).tokens,
    async mask(text) {
      const { createMasker, createSecretNamer: secretNamer } = await import('../text/secrets/secrets.ts');
      const masker = createMasker(secretNamer(await salt(), hash));
      return (await masker.push(text)) + (await masker.end());
    },
    dispose: () => void made?.then(({ dispose }) => dispose()),
  };
}
