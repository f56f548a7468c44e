import { normalizeLineEnds, normalizePieces } from '../lineEnds.ts';
import { createCleaner } from '../text.ts';
import type { Fold, FoldResult } from './fold/types.ts';
import { ModelError } from '../model.ts';
import type { Yield } from '../ports.ts';
import { route, sampleLength } from './detectKind.ts';
import { maskReading, plainWords, type FindFormat, type ReadFormat } from './format.ts';
import type { FormatFacts, Kind, PartGap, PreparedPart, SourcePart, SourceSymbol } from '../source.ts';
import { split } from './split/index.ts';
import { createPacer, type Pace } from './split/pace.ts';

/** Masks secrets, keeping lines. Pieces may be cut anywhere. */
export interface Masker {
  push(piece: string): string | Promise<string>;
  end(): string | Promise<string>;
  readonly secrets: number;
}

/** What preparation needs from outside. */
export interface PreparePorts {
  readonly fold: Fold;
  readonly findFormat?: FindFormat;
  /** Absent: no masking. */
  readonly mask?: () => Masker;
  readonly yield: Yield;
}

/** Reports UTF-16 units of the source that were read. */
export type ReadProgress = (length: number) => void;

/** Kinds that are folded while read, never held in memory. */
const streamed: ReadonlySet<Kind> = new Set(['log', 'table', 'json']);
const sliceLength = 131_072;
/** Maximum length held in memory: half of a string's limit. */
const longest = 2 ** 28;
/** Maximum bytes (units of a text in memory) for a format's reader; a larger text is read by its kind. */
const maxFormat = 64 * 1024 * 1024;

/**
 * Detects, cleans, masks, folds and splits a part.
 * @throws the signal's reason, the reader's error, or a sentence for what is too large
 */
export async function prepare(
  part: SourcePart,
  ports: PreparePorts,
  signal: AbortSignal,
  onProgress: ReadProgress = () => {},
): Promise<PreparedPart> {
  if (signal.aborted) throw signal.reason;
  const pace = createPacer(ports.yield, signal);
  const opened = open(part.text);
  try {
    const sample = { title: part.title, languageId: part.languageId, text: withoutEscapes(await opened.head()) };
    const kind = route(sample);
    const isHeld = (typeof part.text === 'string' ? part.text.length : (part.bytes ?? maxFormat)) < maxFormat;
    const readFormat = isHeld ? ports.findFormat?.(sample) : undefined;
    // a UTF-16 unit takes at most three bytes
    if (!streamed.has(kind) && (part.bytes ?? 0) > 3 * longest) throw createTooLongError();
    const first = createReading(opened.text, ports, pace, onProgress);
    if (typeof part.text !== 'string' && streamed.has(kind) && !readFormat) {
      const folded = await ports.fold(kind, first.pieces(), ports.yield, part.logTokens);
      if (folded) return await finish(part, kind, await first.rest(), folded, ports, signal);
      const again = createReading(withLineEnds(part.text), ports, pace, () => {});
      return await finish(part, kind, await again.rest(), undefined, ports, signal);
    }
    const whole = await first.rest();
    await ports.yield();
    const known = readFormat && (await readKnown(readFormat, whole, ports));
    if (known) return await finish(part, known.kind, known.whole, known.folded, ports, signal, known.facts);
    const folded = await ports.fold(kind, whole.text, ports.yield, part.logTokens);
    return await finish(part, kind, whole, folded, ports, signal);
  } finally {
    await opened.close();
  }
}

/** As it will be read: colours would hide the form of a line. */
function withoutEscapes(head: string): string {
  if (!/[\u001b\b]/.test(head)) return head;
  const cleaner = createCleaner();
  return cleaner.push(head) + cleaner.end();
}

interface Known {
  readonly kind: Kind;
  readonly whole: Whole;
  readonly folded?: FoldResult;
  readonly facts: FormatFacts;
}

/** Reads with the format's own reader. Masks its output again, because escapes may hide secrets. */
async function readKnown(read: ReadFormat, whole: Whole, ports: PreparePorts): Promise<Known | undefined> {
  const createReading = await read(whole.text);
  if (!createReading) return undefined;
  let masked = 0;
  const masking = await maskReading(createReading, async (text) => {
    const masker = ports.mask?.();
    if (!masker) return text;
    const safe = (await masker.push(text)) + (await masker.end());
    masked = Math.max(masked, masker.secrets);
    return safe;
  });
  if (!masking) return undefined;
  const { lines, facts } = masking;
  const about = { kind: createReading.kind, whole: { ...whole, masked: whole.masked + masked }, facts };
  if (!lines) {
    const folded = await ports.fold(createReading.kind, whole.text, ports.yield);
    return { ...about, ...(folded ? { folded } : {}) };
  }
  const verbatim = new Set(lines.flatMap(({ line, verbatim }) => (verbatim ? [line] : [])));
  const folded: FoldResult = {
    text: lines.map(({ text }) => `${text}\n`).join(''),
    sourceLines: lines.map(({ line }) => line),
    foldedLines: createReading.foldedLines ?? Math.max(0, whole.lines - verbatim.size),
    lines: whole.lines,
    facts: '',
    length: whole.length,
    ...(createReading.gaps ? { gaps: createReading.gaps } : {}),
  };
  return { ...about, folded };
}

interface Opened {
  /** Returns the beginning, from which the kind is detected. */
  head(): Promise<string>;
  /** The whole text; the head is not read twice. */
  readonly text: SourcePart['text'];
  close(): Promise<void>;
}

function open(source: SourcePart['text']): Opened {
  const text = withLineEnds(source);
  if (typeof text === 'string')
    return { head: () => Promise.resolve(text.slice(0, sampleLength)), text, close: () => Promise.resolve() };
  const pieces = text()[Symbol.asyncIterator]();
  const taken: string[] = [];
  return {
    async head() {
      for (let length = 0; length < sampleLength;) {
        const next = await pieces.next();
        if (next.done) break;
        taken.push(next.value);
        length += next.value.length;
      }
      return taken.join('').slice(0, sampleLength);
    },
    async *text() {
      yield* taken;
      for (let next = await pieces.next(); !next.done; next = await pieces.next()) yield next.value;
    },
    async close() {
      await pieces.return?.();
    },
  };
}

/** Text from other sources still needs its line ends normalized. */
const withLineEnds = (text: SourcePart['text']): SourcePart['text'] =>
  typeof text === 'string' ? normalizeLineEnds(text) : () => normalizePieces(text());

/** `text` holds what was not yet taken from `pieces`. */
interface Whole {
  readonly text: string;
  readonly length: number;
  readonly lines: number;
  readonly masked: number;
  readonly invisible: number;
  /** Whether nothing is readable. */
  readonly blank: boolean;
}

/** A visible character: no white space, control or invisible one. */
const visible = /[^\s\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Providers reject unpaired surrogates. */
const toWellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd');

/** Masks last: a later change could join the parts of a secret. */
function createReading(text: SourcePart['text'], ports: PreparePorts, pace: Pace, onProgress: ReadProgress) {
  const masker = ports.mask?.();
  const cleaner = createCleaner();
  let length = 0;
  let breaks = 0;
  let lastCode = 10;
  let blank = true;
  async function* read(): AsyncGenerator<string> {
    for await (const piece of cutSlices(text)) {
      length += piece.length;
      breaks += countBreaks(piece);
      lastCode = piece.charCodeAt(piece.length - 1);
      blank &&= !visible.test(piece);
      const clean = toWellFormed(cleaner.push(piece));
      const safe = masker && clean ? await masker.push(clean) : clean;
      if (safe) yield safe;
      onProgress(length);
      const due = pace(piece.length * 2);
      if (due) await due;
    }
    const clean = toWellFormed(cleaner.end());
    const safe = masker ? (await masker.push(clean)) + (await masker.end()) : clean;
    if (safe) yield safe;
  }
  const source = read();
  return {
    pieces: (): AsyncIterable<string> => source,
    async rest(): Promise<Whole> {
      const pieces: string[] = [];
      for await (const piece of source) {
        pieces.push(piece);
        if (length > longest && pieces.length > 1) throw createTooLongError();
      }
      const lines = breaks + (lastCode === 10 ? 0 : 1);
      return {
        text: pieces.join(''),
        length,
        lines,
        masked: masker?.secrets ?? 0,
        invisible: cleaner.invisible,
        blank,
      };
    },
  };
}

const createTooLongError = (): ModelError => new ModelError({ kind: 'bad-request', code: 'whole-too-long' });

/** Yields pieces large enough to be worth a turn of the event loop. */
async function* cutSlices(text: SourcePart['text']): AsyncGenerator<string> {
  if (typeof text === 'string') {
    for (let at = 0; at < text.length; at += sliceLength) yield text.slice(at, at + sliceLength);
    return;
  }
  for await (const piece of text())
    for (let at = 0; at < piece.length; at += sliceLength) yield piece.slice(at, at + sliceLength);
}

function countBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

async function finish(
  part: SourcePart,
  kind: Kind,
  whole: Whole,
  folded: FoldResult | undefined,
  ports: PreparePorts,
  signal: AbortSignal,
  format?: FormatFacts,
): Promise<PreparedPart> {
  const { title, languageId, startLine } = part;
  const about = { kind, title, languageId, startLine };
  await ports.yield();
  const chunks = whole.blank
    ? []
    : folded
      ? await split({ ...about, ...shapeOfFolded(kind, folded, startLine) }, ports.yield, signal)
      : await split({ ...about, text: whole.text, symbols: keepMultiline(part.symbols) }, ports.yield, signal);
  return {
    kind,
    chunks,
    lines: whole.lines,
    foldedLines: folded?.foldedLines ?? 0,
    masked: whole.masked,
    invisible: whole.invisible,
    length: whole.length,
    facts: format ? format.points.map(({ words }) => plainWords(words)).join('\n') : (folded?.facts ?? ''),
    ...(format ? { format: shiftFacts(format, startLine - 1) } : {}),
    ...(folded?.log ? { log: { ...folded.log, startLine } } : {}),
    ...(folded?.table ? { table: { ...folded.table, startLine } } : {}),
    ...(folded?.gaps?.length ? { gaps: folded.gaps.map((gap) => shiftGap(gap, startLine - 1)) } : {}),
  };
}

const shiftFacts = (facts: FormatFacts, by: number): FormatFacts => ({
  ...facts,
  points: facts.points.map((point) => ({
    ...point,
    line: point.line + by,
    ...(point.endLine === undefined ? {} : { endLine: point.endLine + by }),
  })),
});

const shiftGap = (gap: PartGap, by: number): PartGap => ({
  ...gap,
  startLine: gap.startLine + by,
  endLine: gap.endLine + by,
});

const shapeOfFolded = (kind: Kind, folded: FoldResult, startLine: number) => ({
  text: folded.text,
  kind: streamed.has(kind) ? ('prose' as const) : kind,
  sourceLines: folded.sourceLines.map((line) => line + startLine - 1),
});

/** Drops symbols of one line, which are no places to cut. */
const keepMultiline = (symbols: readonly SourceSymbol[] | undefined) =>
  symbols?.filter((symbol) => symbol.endLine > symbol.line);
