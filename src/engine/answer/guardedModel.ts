import { ModelError, type ChatModel, type ModelCall, type ModelEvent } from '../model.ts';
import { EchoFilter, withoutEchoes } from './echoFilter.ts';
import { cutLoop, RepetitionGuard } from './repetition.ts';

const unitsPerToken = 4;

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
  let filter = new EchoFilter(call);
  let answer = '';
  let shown = false;
  try {
    for await (const event of model.stream(call, own.signal)) {
      if (event.type === 'retract') {
        guard = new RepetitionGuard();
        filter = new EchoFilter(call);
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
  const text = withoutEchoes(call, cutLoop(answer, keep));
  if (text) yield { type: 'text', text };
  const outputTokens = Math.ceil(answer.length / unitsPerToken);
  const usage = { inputTokens: call.inputTokens, outputTokens, estimated: true } as const;
  yield { type: 'finish', reason: 'repeated', raw: 'repeated', usage };
}

/** Guards a complete answer, such as one from a batch. */
export function guardAnswer<F extends string>(
  call: Pick<ModelCall, 'system' | 'user' | 'stop'>,
  answer: { readonly text: string; readonly finish: F },
): { readonly text: string; readonly finish: F | 'repeated' } {
  const keep = new RepetitionGuard().push(`${answer.text}\n`);
  const text = keep === undefined ? answer.text : cutLoop(answer.text, keep);
  return {
    text: withoutEchoes(call, text),
    finish: keep === undefined ? answer.finish : 'repeated',
  };
}
