/** Learns a model's tokens for each estimated one from reported counts, so that estimates follow the real tokenizer. */
import type { ChatModel, ModelEvent } from '../engine/model.ts';
import type { ProviderMemory } from './provider.ts';

/** Minimum prompt to learn from; a short one consists mostly of instructions. */
const minTokens = 400;
const weight = { first: 0.7, later: 0.2 };
const least = 0.5;
const most = 2.5;
/** A count below this share of the estimate excludes cached tokens or is invented. */
const minShare = 0.3;

/** Adds the token factor learned from reported usage. */
export function withLearnedLimits(model: ChatModel, memory: ProviderMemory): ChatModel {
  const key = `factor|${model.provider}|${model.host}|${model.model}`;
  let used = 1;
  const learned = (): number | undefined => {
    const known = memory.get(key);
    return typeof known === 'number' && known >= least && known <= most ? known : undefined;
  };
  return {
    provider: model.provider,
    model: model.model,
    host: model.host,
    account: model.account,
    ...(model.flex ? { flex: model.flex } : {}),
    async limits(signal) {
      const limits = await model.limits(signal);
      const factor = learned();
      used = factor ?? limits.tokenFactor;
      return { ...limits, tokenFactor: used, ...(factor === undefined ? {} : { tokenFactorLearned: true }) };
    },
    async *stream(call, signal): AsyncGenerator<ModelEvent> {
      const asked = used;
      for await (const event of model.stream(call, signal)) {
        const share =
          event.type === 'finish' && event.usage.estimated !== true
            ? (event.usage.inputTokens ?? 0) / call.inputTokens
            : 0;
        if (share >= minShare && call.inputTokens >= minTokens) {
          const seen = share * asked;
          const factor = learned();
          const before = factor ?? asked;
          const next =
            before +
            (factor === undefined ? weight.first : weight.later) * (Math.min(most, Math.max(least, seen)) - before);
          if (factor === undefined || Math.abs(next - before) > 0.005) memory.set(key, Math.round(next * 1000) / 1000);
        }
        yield event;
      }
    },
  };
}
