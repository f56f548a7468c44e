/** Tracks the notes of a run's chunks: claimed, pending, settled or lost. */
import { locate } from '../answer/locate.ts';
import type { ModelErrorKind } from '../model.ts';
import type { Chunk } from '../source.ts';
import { gapReasons, type RunContext } from './context.ts';
import type { Note, NoteSlot } from './notes.ts';

interface PendingNote {
  readonly promise: Promise<Note | undefined>;
  readonly resolve: (note: Note | undefined) => void;
}

/** Resolves each chunk's note once and holds the cache's claims. */
export class NoteBoard {
  readonly slots: readonly NoteSlot[];
  readonly #context: RunContext;
  readonly #bySlot: ReadonlyMap<number, NoteSlot>;
  readonly #notes = new Map<number, PendingNote>();

  constructor(context: RunContext, slots: readonly NoteSlot[]) {
    this.#context = context;
    this.slots = slots;
    this.#bySlot = new Map(slots.map((slot) => [slot.chunk.index, slot]));
    for (const { chunk } of slots) {
      let resolve!: PendingNote['resolve'];
      const promise = new Promise<Note | undefined>((r) => (resolve = r));
      this.#notes.set(chunk.index, { resolve, promise });
    }
  }

  /** Resolves to undefined for a gap. */
  note(chunk: number): Promise<Note | undefined> {
    return this.#notes.get(chunk)!.promise;
  }

  useCached({ chunk }: NoteSlot, text: string): void {
    this.#context.emit({ type: 'note', chunk: chunk.index, text, done: true, cached: true });
    this.#resolve(chunk, text);
  }

  async settle(chunk: Chunk, note: Note): Promise<void> {
    await this.#release(chunk, note);
    this.#show(chunk, note);
  }

  /** Reports a note that lacks its end. It is not cached, and the end becomes a gap. */
  async settleCut(chunk: Chunk, note: Note): Promise<void> {
    this.loseEnd(chunk, note);
    await this.#release(chunk, undefined);
    this.#show(chunk, note);
  }

  async lose(
    chunks: readonly Chunk[],
    kind: ModelErrorKind | 'cost-limit' | 'offline',
    reason: string = gapReasons[kind],
  ): Promise<void> {
    this.#context.gaps.add(chunks, kind, reason);
    for (const chunk of chunks) {
      await this.#release(chunk, undefined);
      this.#resolve(chunk, undefined);
    }
  }

  loseEnd(chunk: Chunk, note: Note): void {
    const last = note.split('\n').at(-1) ?? '';
    const at = locate(this.#context.locator.index(chunk.index), last)?.endLine ?? chunk.startLine;
    const startLine = Math.min(chunk.endLine, at + 1);
    this.#context.gaps.add([{ ...chunk, startLine }], 'unknown', gapReasons.length);
  }

  /** Releases all claims and ends every wait. */
  async close(): Promise<void> {
    for (const { chunk } of this.slots) {
      await this.#release(chunk, undefined);
      this.#resolve(chunk, undefined);
    }
  }

  async #release(chunk: Chunk, note: Note | undefined): Promise<void> {
    const { claim } = this.#bySlot.get(chunk.index)!;
    if (claim.state === 'ours') await claim.settle(note);
  }

  #show(chunk: Chunk, note: Note): void {
    this.#context.emit({ type: 'note', chunk: chunk.index, text: note, done: true, cached: false });
    this.#resolve(chunk, note);
  }

  #resolve(chunk: Chunk, note: Note | undefined): void {
    this.#notes.get(chunk.index)!.resolve(note);
  }
}
