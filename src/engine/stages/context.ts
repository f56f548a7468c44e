import type { AnswerCache } from '../ports.ts';
import type { ChatModel, ModelErrorKind, ModelLimits, Stage } from '../model.ts';
import { ModelError } from '../model.ts';
import type { Gap, GapRange, RunEvent } from '../events.ts';
import type { Locator, PlaceOf } from '../answer/citations.ts';
import { getPlace } from '../places.ts';
import type { Chunk, Kind, PreparedPart, Source } from '../source.ts';
import type { RunOptions, RunPorts } from '../request.ts';
import type { Ledger } from './ledger.ts';
import type { PromptLimit } from './promptLimit.ts';
import type { Ask } from '../prompts/prompts.ts';
import { summaryPhrases } from '../messages.ts';
import { detectLanguage } from '../offline/language.ts';
import { findSmallSize } from '../prompts/modelSize.ts';
import { renderPlain } from '../prompts/plainAsk.ts';
import { render, type NamedPart, type Rendered } from '../prompts/render.ts';

/** State shared by the stages of a run. */
export interface RunContext {
  readonly id: string;
  readonly source: Source;
  readonly options: RunOptions;
  readonly ports: RunPorts;
  readonly cache: AnswerCache;
  readonly signal: AbortSignal;
  readonly parts: readonly PreparedPart[];
  readonly chunks: readonly Chunk[];
  readonly kinds: readonly Kind[];
  readonly locator: Locator;
  readonly mapLimits: ModelLimits;
  readonly limits: ModelLimits;
  readonly ledger: Ledger;
  readonly gaps: GapList;
  readonly promptLimit: PromptLimit;
  emit(event: RunEvent): void;
  nextCall(): number;
}

/** Maps lines of a part to the place to show. */
export const createPlaces =
  ({ source }: Pick<RunContext, 'source'>): PlaceOf =>
  (part, lines) =>
    getPlace(source.parts[part], lines);

/** Omits the file name, so that moved text keeps its key. */
export function nameChunk(chunk: Pick<Chunk, 'text' | 'context' | 'repeat'>): NamedPart {
  return { text: chunk.repeat?.read ?? chunk.text, context: chunk.context };
}

/** Returns a prompt's variable wording. */
export function createAsk(context: Pick<RunContext, 'options'>, words: number, shape: string): Ask {
  const { language, instructions } = context.options;
  return { words, language, shape, instructions };
}

/** Number of unusable answers after which any model gets plain prompts. */
const maxUnusable = 2;
const unusable = new WeakMap<GapList, number>();
const languages = new WeakMap<readonly Chunk[], string>();

/** Counts an answer without use. */
export function countUnusable({ gaps }: Pick<RunContext, 'gaps'>): void {
  unusable.set(gaps, (unusable.get(gaps) ?? 0) + 1);
}

/** Whether a model is asked as small models are: by its size, or after unusable answers. */
export function usesPlainForm(context: RunContext, model: ChatModel): boolean {
  const limits = model === context.ports.mapModel ? context.mapLimits : context.limits;
  return findSmallSize(model.model, limits) !== undefined || (unusable.get(context.gaps) ?? 0) >= maxUnusable;
}

/** Whether answers looped or were unusable. */
export function hadBadAnswers({ gaps }: Pick<RunContext, 'gaps'>): boolean {
  return (unusable.get(gaps) ?? 0) > 0 || told.get(gaps)?.has('repeated') === true;
}

/** @param plain forces the plain prompt */
export function renderFor(
  context: RunContext,
  model: ChatModel,
  stage: Stage,
  parts: readonly NamedPart[],
  ask: Ask,
  plain = false,
): Rendered {
  const { fence } = context.ports;
  return plain || usesPlainForm(context, model)
    ? renderPlain(stage, parts, ask, fence, getLanguageName(context))
    : render(stage, parts, ask, fence);
}

/** Code of the text's language; '' if unknown. */
export function getTextLanguage({ chunks }: Pick<RunContext, 'chunks'>): string {
  let language = languages.get(chunks);
  if (language === undefined) {
    language = detectLanguage(
      chunks
        .slice(0, 8)
        .map(({ text }) => text.slice(0, 4_000))
        .join('\n'),
    );
    languages.set(chunks, language);
  }
  return language;
}

/** Such as `French`; '' if unknown. */
function getLanguageName(context: RunContext): string {
  const code = getTextLanguage(context);
  return code ? (new Intl.DisplayNames('en', { type: 'language' }).of(code) ?? '') : '';
}

/** Lines that no model read; never part of a prompt. */
interface GapList {
  readonly size: number;
  onlyBecause(reason: string): boolean;
  of(kind: Gap['kind']): readonly Chunk[];
  has(kind: Gap['kind']): boolean;
  add(chunks: readonly Chunk[], kind: Gap['kind'], reason: string): void;
  /** Returns ranges; merges adjacent ones with the same reason. */
  ranges(): GapRange[];
  /** Without repeated text, which counts as folded. */
  readonly lines: number;
}

/** Creates a list that emits each gap when it is added. */
export function createGapList(source: Source, emit: (event: RunEvent) => void): GapList {
  const lost = new Map<number, { chunk: Chunk; kind: Gap['kind']; reason: string }>();
  const of = (kind: Gap['kind']): Chunk[] =>
    [...lost.values()]
      .filter((gap) => gap.kind === kind)
      .map(({ chunk }) => chunk)
      .sort((a, b) => a.index - b.index);
  const join = (
    items: readonly { chunk: Chunk; reason: string }[],
  ): (GapRange & { chunks: number[]; part: number })[] => {
    const ranges: {
      part: number;
      chunks: number[];
      uri?: string;
      startLine: number;
      endLine: number;
      reason: string;
    }[] = [];
    for (const { chunk, reason } of [...items].sort((a, b) => a.chunk.index - b.chunk.index)) {
      const last = ranges.at(-1);
      if (last && last.part === chunk.part && last.reason === reason && last.chunks.at(-1) === chunk.index - 1) {
        last.chunks.push(chunk.index);
        last.endLine = Math.max(last.endLine, chunk.endLine);
      } else {
        const uri = source.parts[chunk.part]?.uri;
        ranges.push({
          part: chunk.part,
          chunks: [chunk.index],
          ...(uri ? { uri } : {}),
          startLine: chunk.startLine,
          endLine: chunk.endLine,
          reason,
        });
      }
    }
    return ranges;
  };
  return {
    get size() {
      return lost.size;
    },
    onlyBecause: (reason) => lost.size > 0 && [...lost.values()].every((gap) => gap.reason === reason),
    of,
    has: (kind) => [...lost.values()].some((gap) => gap.kind === kind),
    add(chunks, kind, reason) {
      const fresh = chunks.filter((chunk) => !lost.has(chunk.index)).map((chunk) => ({ chunk, kind, reason }));
      for (const item of fresh) lost.set(item.chunk.index, item);
      for (const { part: _, ...range } of join(fresh)) emit({ type: 'gap', kind, ...range });
    },
    ranges: () =>
      join([...lost.values()]).map(({ uri, startLine, endLine, reason }) => ({
        ...(uri ? { uri } : {}),
        startLine,
        endLine,
        reason,
      })),
    get lines() {
      const all = join([...lost.values()]).reduce((sum, range) => sum + range.endLine - range.startLine + 1, 0);
      return all - [...lost.values()].reduce((sum, { chunk }) => sum + (chunk.repeat?.lines ?? 0), 0);
    },
  };
}

/** Reasons shown to the user, without provider text. */
export const gapReasons: Readonly<Record<ModelErrorKind | 'cost-limit' | 'empty' | 'length' | 'offline', string>> = {
  auth: 'the key was refused',
  quota: 'the credit is used up',
  'rate-limit': 'rate limit reached',
  overloaded: 'the provider was overloaded',
  'too-long': 'it did not fit the model',
  refused: 'the model declined to read it',
  'content-filter': 'the provider’s content filter stopped it',
  'no-model': 'the model does not exist',
  'bad-request': 'the provider refused the request',
  network: 'the connection failed',
  stalled: 'the model stopped answering',
  cancelled: 'it was cancelled',
  unknown: 'the provider failed',
  'cost-limit': 'the cost limit was reached',
  empty: 'the model gave an empty answer',
  length: 'the answer was cut off again and again',
  offline: 'the model gave no usable answer; offline points stand in its place',
};

const onceNotices = {
  repeated: 'The model began to repeat itself: its answer was stopped there, and the start was kept.',
  unreliable: summaryPhrases.unreliable,
} as const;
const told = new WeakMap<GapList, Set<string>>();

/** Emits at most once per run. */
export function notifyOnce(context: Pick<RunContext, 'gaps' | 'emit'>, code: keyof typeof onceNotices): void {
  const codes = told.get(context.gaps) ?? new Set();
  told.set(context.gaps, codes);
  if (codes.has(code)) return;
  codes.add(code);
  context.emit({ type: 'notice', code, message: onceNotices[code] });
}

/** Error codes by finish reason. */
export const endCodes = { refused: 'refused', 'content-filter': 'filtered', 'too-long': 'no-fit' } as const;

/** `unknown` for errors of other classes. */
export function getErrorKind(error: unknown): ModelErrorKind {
  return ModelError.is(error) ? error.kind : 'unknown';
}

/** Independent of the window. */
export function createModelKey(model: ChatModel): string {
  return `${model.provider}/${model.model}`;
}
