/** A model that answers by a script, without HTTP: what it is asked is kept, and what it says streams word by word. */
import type {
  ChatModel,
  FinishReason,
  ModelCall,
  ModelEvent,
  ModelFinish,
  ModelLimits,
} from '../../src/engine/model.ts';

export interface Said {
  readonly text: string;
  readonly finish?: FinishReason;
  readonly cutBy?: ModelFinish['cutBy'];
}

export interface ScriptedModel extends ChatModel {
  readonly calls: ModelCall[];
  /** Words that were streamed before the reader left or the answer ended, a number a call. */
  readonly words: number[];
}

const defaults: ModelLimits = {
  contextWindow: 32_768,
  maxOutputTokens: 4_096,
  tier: 'strong',
  reasoning: false,
  tokenFactor: 1,
  loopback: false,
  known: true,
};

/** @param answer what is said to the n-th call, counted from 0 */
export function scriptedModel(
  answer: (call: ModelCall, n: number) => Said,
  limits: Partial<ModelLimits> = {},
  model = 'scripted',
): ScriptedModel {
  const calls: ModelCall[] = [];
  const words: number[] = [];
  return {
    provider: 'openai-compatible',
    model,
    host: 'scripted.example',
    account: 'scripted',
    calls,
    words,
    limits: () => Promise.resolve({ ...defaults, ...limits }),
    async *stream(call, signal): AsyncGenerator<ModelEvent> {
      const n = calls.push(call) - 1;
      const { text, finish = 'stop', cutBy } = answer(call, n);
      words[n] = 0;
      yield { type: 'open' };
      for (const word of text.match(/\S*\s*/g)!) {
        if (signal.aborted || !word) break;
        words[n]! += 1;
        yield { type: 'text', text: word };
        await Promise.resolve();
      }
      const usage = { inputTokens: call.inputTokens, outputTokens: Math.ceil(text.length / 4) };
      yield { type: 'finish', reason: finish, raw: finish, usage, ...(cutBy ? { cutBy } : {}) };
    },
  };
}
