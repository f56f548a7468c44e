/** From what was asked to an answer or a refusal: limits, the model behind it, and the faults that change an answer. */
import type { Fault } from './faults.ts';
import type { CacheShare } from './promptCache.ts';
import { readerAnswer } from './reader.ts';
import { countTokens, firstTokens, lastTokens } from './tokens.ts';
import type { Answer, Asked, GuessedStage, JournalEntry, ModelSpec, ProviderOptions, Refusal } from './types.ts';

const defaults: ModelSpec = { contextWindow: 128_000, maxOutputTokens: 32_000, reasoningTokens: 0, refuses: [] };

/** Undefined: there is no such model. */
export function specOf(options: ProviderOptions, model: string): ModelSpec | undefined {
  if (options.models !== undefined && !(model in options.models)) return undefined;
  const own = {
    contextWindow: options.contextWindow,
    maxOutputTokens: options.maxOutputTokens,
    reasoningTokens: options.reasoningTokens,
    refuses: options.refuses,
  };
  return { ...defaults, ...withoutHoles(own), ...withoutHoles(options.models?.[model] ?? {}) };
}

function withoutHoles<T extends object>(value: T): Partial<T> {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as Partial<T>;
}

export function promptTokens(asked: Asked, options: ProviderOptions): number {
  return Math.ceil((countTokens(asked.system) + countTokens(asked.user)) * (options.tokenFactor ?? 1));
}

const stages: readonly (readonly [RegExp, GuessedStage])[] = [
  [/^take notes/i, 'map'],
  [/^merge/i, 'collapse'],
  [/^summari[sz]e/i, 'reduce'],
];

/** From the first words of the instructions; a suite with instructions of its own gives `stageOf`. */
export function guessStage(asked: Asked): GuessedStage {
  const stage = stages.find(([words]) => words.test(asked.system.trimStart()))?.[1] ?? 'unknown';
  return stage === 'reduce' && /^- question: /m.test(asked.user.slice(-4_000)) ? 'ask' : stage;
}

/** Why the request is not answered; undefined when it is. */
export function refusalOf(
  asked: Asked,
  options: ProviderOptions,
  version: string | undefined,
  fault: Fault | undefined,
): Refusal | undefined {
  const spec = specOf(options, asked.model);
  if (spec === undefined) return { kind: 'no-model', model: asked.model };
  const refused = refusedParameter(asked, spec, version, fault);
  if (refused !== undefined) return { kind: 'parameter', name: refused, value: asked.body[refused] };
  if (asked.wire === 'messages' && asked.maxTokens === Infinity)
    return { kind: 'invalid', message: 'max_tokens: Field required' };
  if (cuts(asked, options)) return undefined;
  const asksFor = asked.maxTokens === Infinity ? 0 : asked.maxTokens;
  if (asksFor > spec.maxOutputTokens) return { kind: 'output-too-large', asked: asksFor, max: spec.maxOutputTokens };
  const window = fault?.kind === 'window' ? (fault.tokens ?? 4096) : spec.contextWindow;
  const input = promptTokens(asked, options);
  const output = asked.wire === 'chat' ? asksFor : 0;
  return input + output > window ? { kind: 'too-long', input, output, window } : undefined;
}

function refusedParameter(
  asked: Asked,
  spec: ModelSpec,
  version: string | undefined,
  fault: Fault | undefined,
): string | undefined {
  const names =
    fault?.kind === 'parameter' && fault.parameter !== undefined ? [...spec.refuses, fault.parameter] : spec.refuses;
  const sampling =
    asked.wire === 'messages' && version !== undefined && version >= '2026-10-21'
      ? ['temperature', 'top_p', 'top_k']
      : [];
  return [...names, ...sampling].find((name) => asked.body[name] !== undefined && asked.body[name] !== null);
}

/** Ollama never refuses a prompt: it reads what its window holds. */
function cuts(asked: Asked, options: ProviderOptions): boolean {
  return asked.wire === 'ollama' || options.flavour === 'ollama';
}

/** The window that Ollama's model is loaded with: the request's, on its own wire only. */
function ollamaWindow(asked: Asked, options: ProviderOptions, spec: ModelSpec): number {
  const own = asked.body['options'] as { num_ctx?: unknown } | undefined;
  const asks =
    asked.wire === 'ollama' && typeof own?.num_ctx === 'number' ? own.num_ctx : (options.defaultNumCtx ?? 4096);
  return Math.min(asks, spec.contextWindow);
}

/** What the model gets to see: all, or on Ollama what is left of a prompt that is too long (its first four tokens and its end). */
function seen(
  asked: Asked,
  options: ProviderOptions,
  spec: ModelSpec,
): { system: string; user: string; tokens: number } {
  const tokens = promptTokens(asked, options);
  const window = cuts(asked, options) ? ollamaWindow(asked, options, spec) : Infinity;
  if (tokens <= window) return { system: asked.system, user: asked.user, tokens };
  const whole = `${asked.system}\n${asked.user}`;
  const factor = options.tokenFactor ?? 1;
  return {
    system: '',
    user: firstTokens(whole, 4) + lastTokens(whole, Math.floor((window - 4) / factor)),
    tokens: window,
  };
}

export async function compose(
  asked: Asked,
  entry: JournalEntry,
  options: ProviderOptions,
  fault: Fault | undefined,
  cache: Pick<CacheShare, 'read' | 'written'> | undefined,
): Promise<Answer> {
  const spec = specOf(options, asked.model) ?? defaults;
  const prompt = seen(asked, options, spec);
  const reading: Asked = { ...asked, system: prompt.system, user: prompt.user };
  const said = options.answer
    ? await options.answer(reading, entry)
    : readerAnswer(reading.system, reading.user, options.reader);
  const faulted = faultedText(said, fault);
  const stopped = cutAtStop(faulted.text, asked.stop);
  const reasoning = fault?.kind === 'reasoning' ? 'Let me look at what is asked, then at each part in turn.' : '';
  const hidden = spec.reasoningTokens + countTokens(reasoning);
  const windowRoom = cuts(asked, options) ? Infinity : spec.contextWindow - prompt.tokens;
  const limit = Math.min(asked.maxTokens, spec.maxOutputTokens, windowRoom);
  const room = Math.max(0, limit - hidden);
  const fits = fault?.kind === 'huge' || countTokens(stopped.text) <= room;
  const text = fits ? stopped.text : firstTokens(stopped.text, room);
  return {
    text,
    reasoning,
    finish: !fits ? (limit === windowRoom ? 'window' : 'length') : faulted.finish,
    stopped: fits && faulted.finish === 'stop' ? stopped.stop : undefined,
    inputTokens: prompt.tokens,
    cachedTokens: Math.min(cache?.read ?? 0, prompt.tokens),
    cacheWriteTokens: Math.min(cache?.written ?? 0, prompt.tokens - Math.min(cache?.read ?? 0, prompt.tokens)),
    outputTokens: Math.min(hidden, limit) + countTokens(text),
    reasoningTokens: Math.min(hidden, limit),
    usage: fault?.kind !== 'no-usage',
  };
}

function faultedText(text: string, fault: Fault | undefined): { text: string; finish: Answer['finish'] } {
  const part = (): string => firstTokens(text, Math.max(1, Math.floor(countTokens(text) * (fault?.share ?? 0.5))));
  switch (fault?.kind) {
    case 'empty':
      return { text: '', finish: 'stop' };
    case 'length':
      return { text: part(), finish: 'length' };
    case 'content-filter':
      return { text: part(), finish: 'content-filter' };
    case 'refusal':
      return { text: 'I cannot help with that.', finish: 'refused' };
    case 'think':
      return {
        text: `<think>First the parts, then their order.\nThe answer follows.</think>\n${text}`,
        finish: 'stop',
      };
    case 'think-begun':
      return { text: `First the parts.\nThen their order [1].\n</think>\n\n${text}`, finish: 'stop' };
    case 'huge':
      return { text: hugeText(text, fault.bytes ?? 5_000_000), finish: 'stop' };
    default:
      return { text, finish: 'stop' };
  }
}

/** The answer, and behind it sentences of which none is like another: an answer that repeats itself is another fault. */
function hugeText(text: string, bytes: number): string {
  const lines = [text === '' ? '- Nothing.' : text];
  let length = Buffer.byteLength(lines[0] as string);
  for (let i = 1; length < bytes; i++) {
    const words = Array.from({ length: 12 }, (_, at) => (Math.imul(i * 12 + at, 0x9e3779b1) >>> 0).toString(36));
    const line = `\nIt also says ${words.join(' ')}.`;
    lines.push(line);
    length += line.length;
  }
  return lines.join('');
}

function cutAtStop(text: string, stops: readonly string[]): { text: string; stop?: string } {
  let at = Infinity;
  let found: string | undefined;
  for (const stop of stops) {
    const place = stop === '' ? -1 : text.indexOf(stop);
    if (place >= 0 && place < at) [at, found] = [place, stop];
  }
  return found === undefined ? { text } : { text: text.slice(0, at), stop: found };
}
