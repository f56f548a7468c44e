import { createInterface } from 'node:readline/promises';
import type { CliModels } from './models.ts';
import { ConsentError } from './models.ts';
import type { Inputs } from './inputs.ts';

/**
 * Runs above the limit need confirmation at a terminal or `--max-tokens`. Ctrl+C and the end of the input mean no.
 * @param text the estimate in words
 * @throws ConsentError without a terminal
 */
export async function confirmSize(
  text: string,
  inputTokens: number,
  maxTokens: number,
  signal: AbortSignal,
): Promise<boolean> {
  const tokens = Math.round(inputTokens);
  if (maxTokens === 0 || tokens <= maxTokens) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ConsentError(`${text}. Allow it with --max-tokens ${Math.ceil(tokens / 1000) * 1000}.`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // readline takes Ctrl+C, and never settles if the input ends
  terminal.once('SIGINT', () => process.emit('SIGINT'));
  const closed = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  const answer = terminal.question(`${text}. Continue? [y/N] `, { signal }).catch(() => '');
  try {
    return /^y(es)?$/i.test((await Promise.race([answer, closed])).trim());
  } finally {
    terminal.close();
  }
}

/** @throws ConsentError if key files would be sent without `--include-key-files` */
export function refuseKeyFiles({ keyFiles }: Inputs, models: CliModels | undefined, isAllowed: boolean): void {
  const [keyFile] = keyFiles;
  if (!models || keyFile === undefined || isAllowed) return;
  throw new ConsentError(
    `${keyFile} may hold keys or passwords. Send it with --include-key-files, or use --provider offline.`,
  );
}
