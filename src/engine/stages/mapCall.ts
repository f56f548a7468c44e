/** Builds map calls, reads their notes, and splits calls that are too large. */
import { takeApart } from '../answer/answer.ts';
import { createAsk, renderFor, nameChunk, type RunContext } from './context.ts';
import { type ModelCall } from '../model.ts';
import type { Note } from './notes.ts';
import { type Nearest } from '../answer/nearest.ts';
import type { Plan } from '../plan/plan.ts';
import { shapes } from '../prompts/summaryGuidance.ts';
import type { Chunk } from '../source.ts';
import { estimateTokens } from '../tokens.ts';

/** Call to make: its chunks and limits. */
export interface Attempt {
  readonly chunks: readonly Chunk[];
  /** Piece of a chunk that did not fit; absent for whole chunks. */
  readonly text?: string;
  readonly priority: number;
  readonly words: number;
  readonly maxTokens: number;
  readonly depth: number;
  readonly sampling?: 'varied';
}

/** Splits between chunks; a single chunk near the end of a line. */
export function splitAttempt(attempt: Attempt): Attempt[] {
  const next = {
    priority: attempt.priority + 1,
    words: Math.max(60, Math.ceil(attempt.words * 0.6)),
    maxTokens: attempt.maxTokens,
    depth: attempt.depth + 1,
    ...(attempt.sampling ? { sampling: attempt.sampling } : {}),
  };
  const { chunks } = attempt;
  if (chunks.length > 1) {
    const middle = Math.ceil(chunks.length / 2);
    return [chunks.slice(0, middle), chunks.slice(middle)].map((half) => ({ chunks: half, ...next }));
  }
  const text = attempt.text ?? nameChunk(chunks[0]!).text;
  const cut = cutNear(text, text.length >> 1);
  return [text.slice(0, cut), text.slice(cut)].filter(Boolean).map((piece) => ({ chunks, text: piece, ...next }));
}

/**
 * Returns the note of each part; undefined for parts that the answer does not name.
 * @param nearest as in `takeApart`
 */
export function readNotes(answer: string, parts: number, nearest?: Nearest): (Note | undefined)[] {
  const notes: (string | undefined)[] = new Array<undefined>(parts).fill(undefined);
  for (const point of takeApart(answer, parts, nearest).points) {
    const at = point.parts[0]! - 1;
    notes[at] = notes[at] === undefined ? `- ${point.text}` : `${notes[at]}\n- ${point.text}`;
  }
  return notes;
}

/**
 * Renders an attempt for the map model.
 * @param limit tokens of the largest prompt that the server is known to take
 */
export function createRequest(context: RunContext, attempt: Attempt, plan: Plan, limit = Infinity): ModelCall {
  const { chunks, text, words } = attempt;
  const kinds = [...new Set(chunks.map((chunk) => context.parts[chunk.part]!.kind))];
  const shape = kinds.length === 1 ? shapes[kinds[0]!] : 'each part by its kind';
  const named = chunks.map((chunk) => (text === undefined ? nameChunk(chunk) : { ...nameChunk(chunk), text }));
  const rendered = renderFor(
    context,
    context.ports.mapModel,
    'map',
    named,
    createAsk(context, words, shape),
    attempt.sampling === 'varied',
  );
  const around = estimateTokens(rendered.system) + 8 * chunks.length + 24;
  const tokens = text === undefined ? chunks.reduce((sum, chunk) => sum + countTokens(chunk), 0) : estimateTokens(text);
  return {
    stage: 'map',
    system: rendered.system,
    user: rendered.user,
    stop: rendered.stop,
    maxTokens: Math.min(
      attempt.maxTokens,
      Math.max(64, Math.floor(Math.min(context.mapLimits.contextWindow, limit) / 2)),
      context.mapLimits.maxOutputTokens,
    ),
    effort: 'none',
    inputTokens: Math.ceil((tokens + around) * context.mapLimits.tokenFactor),
    reusable: false,
    ...(attempt.sampling ? { sampling: attempt.sampling } : {}),
    runWindow: plan.runWindow,
  };
}

const countTokens = ({ repeat, tokens }: Chunk): number => (repeat ? estimateTokens(repeat.read) : tokens);

/** Parses the answer again at each line and emits changed notes. */
export function noteStream(
  context: RunContext,
  chunks: readonly Chunk[],
): { push: (text: string) => void; restart: () => void } {
  let text = '';
  let seen = 0;
  const shown: string[] = [];
  return {
    push(piece) {
      text += piece;
      if (text.length - seen < (seen === 0 ? 24 : 160) && !piece.includes('\n')) return;
      seen = text.length;
      const notes = readNotes(text, chunks.length);
      notes.forEach((note, i) => {
        if (note === undefined || note === shown[i]) return;
        shown[i] = note;
        context.emit({ type: 'note', chunk: chunks[i]!.index, text: note, done: false, cached: false });
      });
    },
    restart() {
      text = '';
      seen = 0;
    },
  };
}

function cutNear(text: string, at: number): number {
  const before = text.lastIndexOf('\n', at) + 1;
  if (before > text.length * 0.2) return before;
  const after = text.indexOf('\n', at) + 1;
  if (after > 0 && after < text.length * 0.8) return after;
  const code = text.charCodeAt(at);
  return code >= 0xdc00 && code <= 0xdfff ? at + 1 : Math.max(1, at);
}
