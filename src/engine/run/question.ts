import type { Unit } from '../answer/citations.ts';
import type { RunContext } from '../stages/context.ts';
import { findTerms } from '../answer/locate.ts';
import type { Plan } from '../plan/plan.ts';
import { estimateTokens } from '../tokens.ts';

/** Ranks units by rare words in common with the question; long texts count less. */
export async function rank(context: RunContext, notes: readonly Unit[], question: string): Promise<number[]> {
  const wanted = [...findTerms(question)];
  const noteByChunk = new Map(notes.flatMap((unit) => unit.chunks.map((chunk) => [chunk, unit.note] as const)));
  const held: Set<string>[] = [];
  const frequency = new Map<string, number>();
  let work = 0;
  for (const chunk of context.chunks) {
    const terms = findTerms(`${chunk.context}\n${chunk.text}\n${noteByChunk.get(chunk.index) ?? ''}`);
    const hits = new Set(wanted.filter((term) => terms.has(term)));
    for (const term of hits) frequency.set(term, (frequency.get(term) ?? 0) + 1);
    held.push(hits);
    work += chunk.text.length;
    if (work > 60_000) {
      work = 0;
      await context.ports.yield();
    }
  }
  const count = context.chunks.length;
  const scores = held.map((hits) =>
    [...hits].reduce((sum, term) => sum + Math.log(1 + count / frequency.get(term)!), 0),
  );
  return context.chunks
    .map((chunk) => chunk.index)
    .filter((i) => scores[i]! > 0)
    .sort((a, b) => scores[b]! - scores[a]! || a - b);
}

/** Chooses the best chunks, then notes, in text order. */
export async function chooseForQuestion(context: RunContext, notes: readonly Unit[], plan: Plan): Promise<Unit[]> {
  const window = (context.limits.contextWindow - plan.reduce.maxTokens) / context.limits.tokenFactor / 1.1;
  const room = Math.max(400, Math.min(20_000, window - 600));
  const chosen = new Map<number, Unit>();
  let tokens = 0;
  for (const chunk of await rank(context, notes, context.options.question ?? '')) {
    const cost = context.chunks[chunk]!.tokens + 10;
    if (tokens + cost > room * 0.75) continue;
    tokens += cost;
    chosen.set(chunk, { chunks: [chunk], note: '' });
  }
  for (const unit of notes) {
    const cost = estimateTokens(unit.note) + 10;
    if (unit.chunks.every((chunk) => chosen.has(chunk)) || tokens + cost > room) continue;
    tokens += cost;
    chosen.set(unit.chunks[0]! + 0.5, unit);
  }
  return [...chosen.entries()].sort(([a], [b]) => a - b).map(([, unit]) => unit);
}
