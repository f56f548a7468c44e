/** Listens at the port to the model: what was asked and answered at each stage, whatever provider it was. */
import type { ChatModel, ModelCall, ModelEvent, Stage } from '../../src/engine/model.ts';

export interface Recorded {
  readonly stage: Stage;
  readonly system: string;
  readonly prompt: string;
  answer: string;
}

export function recorded(model: ChatModel, into: Recorded[]): ChatModel {
  return {
    provider: model.provider,
    model: model.model,
    host: model.host,
    account: model.account,
    limits: (signal) => model.limits(signal),
    stream: (call, signal) => listen(model, call, signal, into),
  };
}

async function* listen(
  model: ChatModel,
  call: ModelCall,
  signal: AbortSignal,
  into: Recorded[],
): AsyncIterable<ModelEvent> {
  const entry: Recorded = { stage: call.stage, system: call.system, prompt: call.user, answer: '' };
  into.push(entry);
  for await (const event of model.stream(call, signal)) {
    if (event.type === 'text') entry.answer += event.text;
    if (event.type === 'retract') entry.answer = '';
    yield event;
  }
}
