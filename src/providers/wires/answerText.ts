/**
 * Converts the text of an answer to `text`, `retract` and `pulse` events, for all wires. Removes repeats and hidden reasoning;
 * ends answers far longer than requested.
 */
import type { ModelEvent } from '../../engine/model.ts';
import { createThinkFilter, type ThoughtFilter } from './think.ts';

/** Known and learned facts about a model's reasoning. */
export interface Thinking {
  /** Whether answers begin within reasoning, because the prompt contains the opening mark. */
  readonly begun?: boolean;
  /** Called when the model reasons. */
  onReasoning?(): void;
  /** Called when `begun` was confirmed or refuted. */
  onBegun?(begun: boolean): void;
}

/** Maximum UTF-16 units of a token, more than any language needs. */
const maxUnitsPerToken = 12;
const minUnits = 6000;

/** Collects the visible text of a streamed answer. */
export class AnswerText {
  wrote = false;
  /** UTF-16 units so far, reasoning included. */
  units = 0;
  private readonly pieces = new Pieces();
  private readonly marks: MarkFilter;
  private readonly filter: ThoughtFilter;
  private readonly thinking: Thinking;
  private readonly maxUnits: number;
  private stray = false;
  /** Last characters shown, without trailing spaces. */
  private tail = '';

  /**
   * @param maxTokens allowed tokens, reasoning included
   * @param mark the prompt's end mark, removed if repeated
   */
  constructor(maxTokens: number, thinking: Thinking = {}, mark = '') {
    this.marks = new MarkFilter(mark);
    this.maxUnits = Math.max(minUnits, maxTokens * maxUnitsPerToken);
    this.thinking = thinking;
    this.filter = createThinkFilter(thinking.begun === true, () => (this.stray = true));
  }

  /** Whether the answer is far longer than requested. */
  get runaway(): boolean {
    return this.units > this.maxUnits;
  }

  /** Whether it ends like a whole sentence, list item, table row or code block. */
  get endsWhole(): boolean {
    return /[.!?…。！？:;)\]|`*_"”’»>]$/.test(this.tail);
  }

  get shown(): boolean {
    return this.tail !== '';
  }

  *push(piece: string): Generator<ModelEvent> {
    this.wrote ||= piece !== '';
    const fresh = this.pieces.push(piece);
    this.units += fresh.length;
    yield* this.give(this.marks.push(this.filter.push(fresh)));
  }

  /** @param whole whether the model ended it */
  *end(whole: boolean): Generator<ModelEvent> {
    yield* this.give(this.marks.push(this.filter.push(this.pieces.end())));
    const visible = this.marks.push(this.filter.end(whole)) + this.marks.end();
    if (this.thinking.begun === true && this.filter.unclosed && whole) this.thinking.onBegun?.(false);
    yield* this.give(visible, false);
  }

  private *give(visible: string, pulse = true): Generator<ModelEvent> {
    if (this.stray) {
      this.stray = false;
      visible = visible.trimStart();
      this.tail = '';
      this.thinking.onReasoning?.();
      this.thinking.onBegun?.(true);
      yield { type: 'retract' };
    }
    if (visible !== '') {
      this.tail = (this.tail + visible.slice(-64)).trimEnd().slice(-8);
      yield { type: 'text', text: visible };
    } else if (pulse) {
      yield { type: 'pulse' };
    }
  }
}

/** Removes a mark, with its line if that is otherwise empty. */
class MarkFilter {
  private readonly mark: string;
  private held = '';
  private atLine = true;
  private dropNewline = false;

  constructor(mark: string) {
    this.mark = mark;
  }

  push(text: string): string {
    if (this.mark === '' || text === '') return text;
    this.held += text;
    let shown = '';
    for (let found = this.held.indexOf(this.mark); found >= 0; found = this.held.indexOf(this.mark)) {
      shown += this.take(found);
      this.held = this.held.slice(this.mark.length);
      this.dropNewline = this.atLine;
    }
    return shown + this.take(this.held.length - this.tail());
  }

  end(): string {
    return this.take(this.held.length);
  }

  /** Length of a possible start of the mark at the end. */
  private tail(): number {
    for (let length = Math.min(this.mark.length - 1, this.held.length); length > 0; length--) {
      if (this.mark.startsWith(this.held.slice(-length))) return length;
    }
    return 0;
  }

  private take(length: number): string {
    let shown = this.held.slice(0, length);
    this.held = this.held.slice(length);
    if (shown === '') return '';
    if (this.dropNewline) shown = shown.replace(/^[ \t]{0,8}\r?\n/, '');
    this.dropNewline = false;
    if (shown !== '') this.atLine = shown.endsWith('\n');
    return shown;
  }
}

const minRepeated = 16;
const minSnapshot = 64;

/** Maximum pieces that may wait for a decision. */
const maxWaiting = 64;

/** Whether a text repeats one short passage, so that repeats prove nothing. */
function isPeriodic(text: string): boolean {
  const borders = [0];
  for (let at = 1, border = 0; at < text.length; at++) {
    while (border > 0 && text[at] !== text[border]) border = borders[border - 1] ?? 0;
    if (text[at] === text[border]) border++;
    borders.push(border);
  }
  return text.length - (borders.at(-1) ?? 0) <= text.length / 2;
}

/** Handles servers that send the whole text so far each time (DashScope and its gateways). */
class Pieces {
  private mode: 'unknown' | 'deltas' | 'cumulative' = 'unknown';
  private text = '';
  /** Pieces that may repeat it; the last one is the longest. */
  private waiting: string[] = [];

  /** Returns new text; '' while uncertain. */
  push(piece: string): string {
    if (piece === '') return '';
    switch (this.mode) {
      case 'cumulative':
        return this.grow(piece);
      case 'deltas':
        return piece.length >= minSnapshot && piece.startsWith(this.text)
          ? this.add(piece.slice(this.text.length))
          : this.add(piece);
      default:
        return this.decide(piece);
    }
  }

  end(): string {
    const last = this.waiting.at(-1);
    if (last === undefined) return '';
    const growths = this.growths();
    const repeats = growths > 1 || (growths === 1 && this.text.length >= minRepeated / 2);
    return this.settle(repeats && !isPeriodic(last) ? 'cumulative' : 'deltas');
  }

  private decide(piece: string): string {
    if (this.text === '') return this.add(piece);
    const before = this.waiting.at(-1) ?? this.text;
    if (!piece.startsWith(before)) {
      const held = this.settle(this.growths() > 1 && !isPeriodic(before) ? 'cumulative' : 'deltas');
      return held + this.push(piece);
    }
    this.waiting.push(piece);
    if (this.waiting.length > maxWaiting) return this.settle('deltas');
    const sure = this.growths() > 1 && piece.length >= minRepeated && !isPeriodic(piece);
    return sure ? this.settle('cumulative') : '';
  }

  private growths(): number {
    return this.waiting.filter((piece, at) => piece.length > (this.waiting[at - 1] ?? this.text).length).length;
  }

  private settle(mode: 'deltas' | 'cumulative'): string {
    const waiting = this.waiting;
    this.waiting = [];
    this.mode = mode;
    return mode === 'deltas' ? this.add(waiting.join('')) : this.grow(waiting.at(-1) ?? '');
  }

  private grow(piece: string): string {
    if (piece.startsWith(this.text)) return this.add(piece.slice(this.text.length));
    // a closing event may repeat the last words or the start
    return this.text.startsWith(piece) || this.text.endsWith(piece) ? '' : this.add(piece);
  }

  private add(fresh: string): string {
    this.text += fresh;
    return fresh;
  }
}
