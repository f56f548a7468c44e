/** Which vendor's batch a path belongs to, and who has one at all. */
import { refuseCall } from '../calls.ts';
import type { Exchange } from '../state.ts';
import type { Flavour } from '../types.ts';
import { answerAnthropicBatch } from './anthropic.ts';
import { answerGeminiBatch } from './gemini.ts';
import { answerOpenaiBatch } from './openai.ts';

const vendors: readonly {
  readonly path: RegExp;
  readonly flavours: readonly Flavour[];
  readonly answer: (exchange: Exchange) => Promise<void>;
}[] = [
  { path: /^\/v1\/messages\/batches\b/, flavours: ['cloud', 'anthropic'], answer: answerAnthropicBatch },
  { path: /^\/v1\/(?:files|batches)\b/, flavours: ['cloud', 'openai'], answer: answerOpenaiBatch },
  { path: /^\/v1beta\//, flavours: ['cloud', 'gemini'], answer: answerGeminiBatch },
];

export async function answerBatch(exchange: Exchange): Promise<void> {
  const vendor = vendors.find((one) => one.path.test(exchange.path));
  if (vendor?.flavours.includes(exchange.state.options.flavour ?? 'cloud')) return vendor.answer(exchange);
  refuseCall(exchange, { id: 'chat' }, { kind: 'not-found', path: `${exchange.entry.method} ${exchange.path}` });
}
