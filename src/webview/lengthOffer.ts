import type { PanelInfo } from '../shared/protocol.ts';
import type { RunView } from '../shared/runView.ts';
import type { Words } from '../shared/text.ts';

/** Characters of notes per token, and tokens of the surrounding instructions. */
const charsPerToken = 4;
const promptTokens = 1_000;

/** Only the notes if cached, else the whole text. */
function tokensOfLength(view: RunView, cached: boolean): number {
  const whole = view.plan?.estimate.inputTokens ?? view.usage?.inputTokens ?? 0;
  if (!cached || view.strategy !== 'map-reduce') return whole;
  const notes = Object.values(view.notes).reduce((sum, { text }) => sum + text.length, 0);
  return notes === 0 ? whole : Math.min(whole, promptTokens + notes / charsPerToken);
}

function roundTokens(tokens: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, tokens))) - 1);
  return Math.round(tokens / step) * step;
}

/** `Detailed: sends about 1,200 tokens (the notes are cached), about $0.01` */
export function offerText(length: PanelInfo['length'], view: RunView, info: PanelInfo, words: Words): string {
  const name = words.t('length.change', words.t(`action.length.${length}`));
  if (view.strategy === 'offline') return `${name} ${words.t('length.free')}`;
  const tokens = roundTokens(tokensOfLength(view, info.cached === true));
  const { estimate } = view;
  const usd =
    estimate?.costUsd === undefined || estimate.inputTokens === 0
      ? undefined
      : (estimate.costUsd * tokens) / estimate.inputTokens;
  const cost = usd === undefined ? words.t('length.unknown') : words.t('length.price', words.cost(usd));
  const cached = info.cached === true && view.strategy === 'map-reduce' ? ` (${words.t('length.cached')})` : '';
  return `${name} ${words.n('length.cost', tokens)}${cached}, ${cost}`;
}
