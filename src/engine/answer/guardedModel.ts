import { ModelError, type ChatModel, type ModelCall, type ModelEvent } from '../model.ts';
import { EchoFilter } from './echoFilter.ts';
import { cutLoop, RepetitionGuard } from './repetition.ts';
import { readPlainRequest, SentenceFilter } from './sentenceFilter.ts';

const unitsPerToken = 4;

/** Removes echoes and, from answers to plain requests, sentences that say nothing. */
class AnswerFilter {
  readonly #echoes: EchoFilter;
  readonly #sentences: SentenceFilter | undefined;

  constructor(call: Pick<ModelCall, 'system' | 'user' | 'stop'>) {
    this.#echoes = new EchoFilter(call);
    const request = readPlainRequest(call);
    this.#sentences = request === undefined ? undefined : new SentenceFilter(call, request);
  }

  get isLooping(): boolean {
    return this.#sentences?.isLooping ?? false;
  }

  push(piece: string): string {
    const text = this.#echoes.push(piece);
    return this.#sentences ? this.#sentences.push(text) : text;
  }

  end(): string {
    const rest = this.#echoes.end();
    return this.#sentences ? this.#sentences.push(rest) + this.#sentences.end() : rest;
  }
}

/** Cleans a complete answer. */
export function cleanAnswer(call: Pick<ModelCall, 'system' | 'user' | 'stop'>, answer: string): string {
  const filter = new AnswerFilter(call);
  return filter.push(answer) + filter.end();
}

/** Stops looping answers and filters echoes. */
export function guardModel(model: ChatModel): ChatModel {
  return {
    provider: model.provider,
    model: model.model,
    host: model.host,
    account: model.account,
    ...(model.flex ? { flex: model.flex } : {}),
    limits: (signal) => model.limits(signal),
    stream: (call, signal) => guardStream(model, call, signal),
  };
}

async function* guardStream(model: ChatModel, call: ModelCall, signal: AbortSignal): AsyncGenerator<ModelEvent> {
  const own = new AbortController();
  const cancel = (): void => own.abort(signal.reason);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  let guard = new RepetitionGuard();
  let filter = new AnswerFilter(call);
  let answer = '';
  let shown = false;
  try {
    for await (const event of model.stream(call, own.signal)) {
      if (event.type === 'retract') {
        guard = new RepetitionGuard();
        filter = new AnswerFilter(call);
        answer = '';
        if (shown) yield event;
        shown = false;
      } else if (event.type === 'text') {
        answer += event.text;
        const keep = guard.push(event.text);
        if (keep !== undefined) {
          own.abort(new ModelError({ kind: 'cancelled' }));
          yield* endLoop(call, answer, keep, shown);
          return;
        }
        const text = filter.push(event.text);
        shown ||= text !== '';
        if (filter.isLooping) {
          own.abort(new ModelError({ kind: 'cancelled' }));
          if (text) yield { type: 'text', text };
          yield finishLoop(call, answer);
          return;
        }
        // text that is held back counts as activity
        yield text ? { type: 'text', text } : { type: 'pulse' };
      } else if (event.type === 'finish') {
        const rest = filter.end();
        if (rest) yield { type: 'text', text: rest };
        yield event;
        return;
      } else yield event;
    }
  } finally {
    signal.removeEventListener('abort', cancel);
    own.abort(new ModelError({ kind: 'cancelled' }));
  }
}

function* endLoop(call: ModelCall, answer: string, keep: number, shown: boolean): Generator<ModelEvent> {
  if (shown) yield { type: 'retract' };
  const text = cleanAnswer(call, cutLoop(answer, keep));
  if (text) yield { type: 'text', text };
  yield finishLoop(call, answer);
}

function finishLoop(call: ModelCall, answer: string): ModelEvent {
  const outputTokens = Math.ceil(answer.length / unitsPerToken);
  const usage = { inputTokens: call.inputTokens, outputTokens, estimated: true } as const;
  return { type: 'finish', reason: 'repeated', raw: 'repeated', usage };
}

/** Guards a complete answer, such as one from a batch. */
export function guardAnswer<F extends string>(
  call: Pick<ModelCall, 'system' | 'user' | 'stop'>,
  answer: { readonly text: string; readonly finish: F },
): { readonly text: string; readonly finish: F | 'repeated' } {
  const keep = new RepetitionGuard().push(`${answer.text}\n`);
  const text = keep === undefined ? answer.text : cutLoop(answer.text, keep);
  return {
    text: cleanAnswer(call, text),
    finish: keep === undefined ? answer.finish : 'repeated',
  };
}
