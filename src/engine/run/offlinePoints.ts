/** Writes points found without a model in place of unusable answers. */
import type { Chunk, PreparedPart } from '../source.ts';
import { english, summaryPhrases } from '../messages.ts';
import { summarizeOffline } from '../offline/index.ts';
import type { OfflinePart } from '../offline/types.ts';
import { cutExcerpt, escapeMarks } from '../offline/view.ts';
import { createPlaces, type RunContext } from '../stages/context.ts';

const maxParts = 20;

/** @param known number of citations so far */
export async function writeOfflinePoints(context: RunContext, known: number, chunks: readonly Chunk[]): Promise<void> {
  const { options, ports, source, emit } = context;
  const phrase = ports.translate ?? english;
  const parts = [...new Set(chunks.map(({ part }) => part))].slice(0, maxParts);
  const toPlace = createPlaces(context);
  const ids = new Map<string, number>();
  const mark = (part: number, startLine: number, endLine: number): string => {
    const key = `${part}:${startLine}-${endLine}`;
    const before = ids.get(key);
    if (before !== undefined) return `[${before}]`;
    const id = known + ids.size + 1;
    ids.set(key, id);
    const chunk = chunks.find((c) => c.part === part && c.startLine <= startLine && startLine <= c.endLine);
    emit({
      type: 'citation',
      id,
      ...toPlace(part, { startLine, endLine }),
      chunk: (chunk ?? chunks[0]!).index,
      approximate: false,
      excerpt: chunk ? cutExcerpt(chunk, startLine, endLine) : '',
    });
    return `[${id}]`;
  };
  emit({ type: 'delta', text: `\n\n${phrase(summaryPhrases.offline)}\n\n` });
  for (const part of parts) {
    const own = chunks.filter((chunk) => chunk.part === part);
    const prepared: PreparedPart = { ...context.parts[part]!, chunks: own };
    const offline: OfflinePart = { title: source.parts[part]?.title ?? '', prepared };
    const length = parts.length > 1 ? 'brief' : options.length;
    const pieces = await summarizeOffline({ parts: [offline], length }, ports.yield);
    for (const piece of pieces) {
      const text = piece.text.trimEnd();
      const marks = (piece.cite ?? []).map((cite) => mark(part, cite.startLine, cite.endLine)).join('');
      const body = escapeMarks(text);
      emit({ type: 'delta', text: `${body}${marks && ' '}${marks}${piece.text.slice(text.length)}` });
    }
    emit({ type: 'delta', text: '\n' });
  }
}
