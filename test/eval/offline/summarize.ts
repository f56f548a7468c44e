/** Offline summaries straight from the engine, in this process: real preparation and masking, no VS Code. */
import { createPrepare } from '../../../src/text/prepare.ts';
import { hash } from '../../../src/host/hash.ts';
import { realClock } from '../../../src/host/clock.ts';
import type { SummaryResult } from '../../../src/engine/events.ts';
import { runOffline } from '../../../src/engine/offline/run.ts';
import { wordsOf } from './rouge.ts';

export type Length = 'brief' | 'standard' | 'detailed';

const yieldToEventLoop = (): Promise<void> => Promise.resolve();
const prepare = createPrepare({ salt: 'eval', hash, yield: yieldToEventLoop });

export async function summarize(
  item: { readonly title: string; readonly languageId?: string; readonly text: string },
  length: Length,
): Promise<SummaryResult> {
  const part = { uri: `file:///${item.title}`, title: item.title, startLine: 1, text: item.text };
  const source = {
    title: item.title,
    parts: [{ ...part, ...(item.languageId ? { languageId: item.languageId } : {}) }],
    skipped: [],
    shape: 'text' as const,
  };
  const options = { length, language: '', instructions: '', chunkTokens: 0, concurrency: 1, maxCostUsd: 0 };
  const ports = { prepare, signal: new AbortController().signal, yield: yieldToEventLoop, clock: realClock };
  for await (const event of runOffline({ id: 'eval', source, options }, ports))
    if (event.type === 'end') return event.result;
  throw new Error('The run had no end.');
}

/** The words of a summary, citation marks left out. */
export const plainWords = (markdown: string): string[] => wordsOf(markdown.replace(/(?<!\\)\[\d+\]/g, ''));
