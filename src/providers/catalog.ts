/**
 * Limits, prices and cheaper siblings of current models. USD per million tokens on the day that each row names:
 * developers.openai.com/api/docs/pricing, platform.claude.com/docs/en/about-claude/pricing, for others LiteLLM 1.110.2 (PyPI,
 * `model_prices_and_context_window_backup.json`). `precis.prices` overrides. No price is guessed. `npm run catalog` lists old
 * rows.
 */
import type { ModelLimits } from '../engine/model.ts';
import type { Price } from '../engine/request.ts';

/** Limits and prices of a known model. */
export interface CatalogEntry extends Pick<
  ModelLimits,
  'contextWindow' | 'maxOutputTokens' | 'softMaxInputTokens' | 'tier' | 'reasoning' | 'tokenFactor'
> {
  readonly price?: Price;
  /**
   * Cheaper sibling that reads the parts, if nearly as faithful (Vectara's leaderboard, March 2026): Claude, Gemini, GPT from
   * 5.6 on.
   */
  readonly reader?: string;
  /** Day on which limits and price were read. */
  readonly checked?: string;
}
type Row = readonly [id: RegExp, entry: CatalogEntry];

/** Input tokens above which the whole request costs more. */
const openaiSoftMax = 272_000;
const geminiProSoftMax = 200_000;
/** o200k is OpenAI's own tokenizer. */
const openaiFactor = 1;
/** Claude's tokenizer counts about 30 % more than o200k from 4.7 on, about 10 % before. */
const claudeFactor = 1.4;
const olderClaudeFactor = 1.1;
const otherFactor = 1.1;

const firstCheck = '2026-11-24';
const secondCheck = '2026-11-30';

function price(input: number, output: number, cachedInput?: number): Price {
  return cachedInput === undefined ? { input, output } : { input, output, cachedInput };
}

function gpt(
  tier: ModelLimits['tier'],
  paid: Price | undefined,
  contextWindow = 1_050_000,
  more: Partial<CatalogEntry> = {},
): CatalogEntry {
  return {
    contextWindow,
    maxOutputTokens: 128_000,
    softMaxInputTokens: contextWindow > openaiSoftMax * 2 ? openaiSoftMax : undefined,
    tier,
    reasoning: true,
    tokenFactor: openaiFactor,
    price: paid,
    checked: firstCheck,
    ...more,
  };
}

/** GPT without reasoning: 4.x, and chat variants of 5.x. */
function plainGpt(
  tier: ModelLimits['tier'],
  contextWindow: number,
  maxOutputTokens: number,
  paid: Price,
): CatalogEntry {
  return gpt(tier, paid, contextWindow, { maxOutputTokens, reasoning: false, softMaxInputTokens: undefined });
}

function oSeries(tier: ModelLimits['tier'], paid: Price): CatalogEntry {
  return gpt(tier, paid, 200_000, { maxOutputTokens: 100_000, checked: secondCheck });
}

function claude(tier: ModelLimits['tier'], paid: Price | undefined, more: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    tier,
    reasoning: true,
    tokenFactor: claudeFactor,
    price: paid,
    checked: firstCheck,
    ...more,
  };
}

/** Claude up to 4.6: older tokenizer, reasoning on request. */
function olderClaude(
  tier: ModelLimits['tier'],
  paid: Price | undefined,
  more: Partial<CatalogEntry> = {},
): CatalogEntry {
  return claude(tier, paid, { tokenFactor: olderClaudeFactor, reasoning: false, ...more });
}

const smallClaude = { contextWindow: 200_000, maxOutputTokens: 64_000 } as const;

function gemini(tier: ModelLimits['tier'], paid: Price, more: Partial<CatalogEntry> = {}): CatalogEntry {
  return open(tier, 1_048_576, true, { maxOutputTokens: 65_536, price: paid, checked: secondCheck, ...more });
}

function open(
  tier: ModelLimits['tier'],
  contextWindow: number,
  reasoning = false,
  more: Partial<CatalogEntry> = {},
): CatalogEntry {
  return {
    contextWindow,
    maxOutputTokens: Math.min(16_384, contextWindow / 4),
    tier,
    reasoning,
    tokenFactor: otherFactor,
    ...more,
  };
}

/** An open model at the price of its vendor. */
function priced(
  tier: ModelLimits['tier'],
  contextWindow: number,
  paid: Price,
  more: Partial<CatalogEntry> = {},
): CatalogEntry {
  return open(tier, contextWindow, true, { maxOutputTokens: 65_536, price: paid, checked: secondCheck, ...more });
}

const luna = { reader: 'gpt-6-luna' } as const;
const olderLuna = { reader: 'gpt-5.6-luna' } as const;
const haiku = { reader: 'claude-haiku-5-5' } as const;
const olderHaiku = { reader: 'claude-haiku-4-5' } as const;

/** The first match applies; ids lose vendor prefixes and case. */
const rows: readonly Row[] = [
  [/^gpt-6-astra/, gpt('strong', price(10, 50, 1), 1_050_000, luna)],
  [/^gpt-6\.1-sol/, gpt('strong', price(2, 10, 0.1), 1_050_000, luna)],
  [/^gpt-6\.1-terra/, gpt('strong', price(1, 5, 0.05), 1_050_000, luna)],
  [/^gpt-6-sol/, gpt('strong', price(2, 10, 0.2), 1_050_000, luna)],
  [/^gpt-6-luna/, gpt('cheap', price(0.1, 0.5, 0.01))],
  [/^gpt-6-cyber/, gpt('strong', price(20, 100, 2), 1_050_000, { checked: secondCheck })],
  [/^gpt-5\.[56]-cyber/, gpt('strong', price(12.5, 75, 1.25), 1_050_000, { checked: secondCheck })],
  [/^gpt-5\.6-terra/, gpt('strong', price(2, 12, 0.2), 1_050_000, olderLuna)],
  [/^gpt-5\.6-luna/, gpt('cheap', price(0.2, 1.2, 0.02))],
  [/^gpt-5\.6(?:-sol|$)/, gpt('strong', price(4, 20, 0.4), 1_050_000, olderLuna)],
  [/^gpt-5\.[45]-pro/, gpt('strong', price(30, 180))],
  [/^gpt-5\.2-pro/, gpt('strong', price(21, 168), 400_000, { checked: secondCheck })],
  [/^gpt-5-pro/, gpt('strong', price(15, 120), 400_000, { maxOutputTokens: 272_000, checked: secondCheck })],
  [/^gpt-5\.[23]-chat/, plainGpt('strong', 128_000, 16_384, price(1.75, 14, 0.175))],
  [/^gpt-5(?:\.1)?-chat/, plainGpt('strong', 128_000, 16_384, price(1.25, 10, 0.125))],
  [/^gpt-5\.5/, gpt('strong', price(5, 30, 0.5))],
  [/^gpt-5\.4-mini/, gpt('cheap', price(0.75, 4.5, 0.075), 400_000)],
  [/^gpt-5\.4-nano/, gpt('cheap', price(0.2, 1.25, 0.02), 400_000)],
  [/^gpt-5\.4/, gpt('strong', price(2.5, 15, 0.25))],
  [/^gpt-5\.[23](?:-codex|-\d|$)/, gpt('strong', price(1.75, 14, 0.175), 400_000)],
  [/^gpt-5(?:\.1)?(?:-codex)?-mini/, gpt('cheap', price(0.25, 2, 0.025), 400_000)],
  [/^gpt-5-nano/, gpt('cheap', price(0.05, 0.4, 0.005), 400_000)],
  [/^gpt-5(?:\.1)?(?:-codex|-\d|$)/, gpt('strong', price(1.25, 10, 0.125), 400_000)],
  [/^gpt-4\.1-nano/, plainGpt('cheap', 1_047_576, 32_768, price(0.1, 0.4, 0.025))],
  [/^gpt-4\.1-mini/, plainGpt('cheap', 1_047_576, 32_768, price(0.4, 1.6, 0.1))],
  [/^gpt-4\.1/, plainGpt('strong', 1_047_576, 32_768, price(2, 8, 0.5))],
  [/^gpt-4o-mini/, plainGpt('cheap', 128_000, 16_384, price(0.15, 0.6, 0.075))],
  [/^gpt-4o-2024-05-13/, plainGpt('strong', 128_000, 4_096, price(5, 15))],
  [/^gpt-4o/, plainGpt('strong', 128_000, 16_384, price(2.5, 10, 1.25))],
  [/^gpt-oss[-:]20b/, open('cheap', 131_072, true, { tokenFactor: openaiFactor })],
  [/^gpt-oss/, open('strong', 131_072, true, { tokenFactor: openaiFactor })],
  [/^gpt-(?:[6-9]|\d\d).*(?:luna|mini|nano)/, gpt('cheap', undefined, 1_050_000, { checked: undefined })],
  [/^gpt-(?:[5-9]|\d\d)/, gpt('strong', undefined, 1_050_000, { checked: undefined })],
  [/^o3-mini/, oSeries('cheap', price(1.1, 4.4, 0.55))],
  [/^o4-mini/, oSeries('cheap', price(1.1, 4.4, 0.275))],
  [/^o3(?:-\d|$)/, oSeries('strong', price(2, 8, 0.5))],
  [/^o3-pro/, oSeries('strong', price(20, 80))],
  [/^o1-pro/, oSeries('strong', price(150, 600))],
  [/^o1(?:-\d|$)/, oSeries('strong', price(15, 60, 7.5))],
  [/^o\d(?:-|$)/, gpt('strong', undefined, 200_000, { maxOutputTokens: 100_000, checked: undefined })],

  [/^claude-(?:fable|mythos)-5-\d/, claude('strong', price(10, 50, 0.25), haiku)],
  [/^claude-(?:fable|mythos)-5/, claude('strong', price(10, 50, 1), haiku)],
  [/^claude-opus-5-5/, claude('strong', price(4, 20, 0.2), haiku)],
  [/^claude-opus-5/, claude('strong', price(5, 25, 0.5), haiku)],
  [/^claude-opus-4-[78]/, claude('strong', price(5, 25, 0.5), { reasoning: false, ...haiku })],
  [/^claude-opus-4-6/, olderClaude('strong', price(5, 25, 0.5), olderHaiku)],
  [/^claude-opus-4-5/, olderClaude('strong', price(5, 25, 0.5), { ...smallClaude, ...olderHaiku })],
  [/^claude-sonnet-5-5/, claude('strong', price(2, 10, 0.1), haiku)],
  [/^claude-sonnet-5/, claude('strong', price(2, 10, 0.2), haiku)],
  [/^claude-sonnet-4-6/, olderClaude('strong', price(3, 15, 0.3), olderHaiku)],
  [/^claude-sonnet-4/, olderClaude('strong', price(3, 15, 0.3), { ...smallClaude, ...olderHaiku })],
  // five times the price above 100,000 tokens
  [/^claude-haiku-5-5/, claude('cheap', price(0.1, 0.5, 0.01), { softMaxInputTokens: 100_000 })],
  [/^claude-haiku-4-5/, olderClaude('cheap', price(1, 5, 0.1), smallClaude)],
  [/^claude.*haiku/, claude('cheap', undefined, { contextWindow: 200_000, maxOutputTokens: 8192, checked: undefined })],
  [/^claude/, claude('strong', undefined, { ...smallClaude, checked: undefined })],

  [/^gemini-(?:3\.5-flash-lite|flash-lite-latest)/, gemini('cheap', price(0.3, 2.5, 0.03))],
  [/^gemini-3\.1-flash-lite/, gemini('cheap', price(0.25, 1.5, 0.025))],
  [/^gemini-2\.5-flash-lite/, gemini('cheap', price(0.1, 0.4, 0.01))],
  [
    /^gemini-(?:3\.[678]-flash|flash-latest)/,
    gemini('strong', price(0.75, 3.75, 0.075), { reader: 'gemini-3.5-flash-lite' }),
  ],
  [/^gemini-3\.5-flash/, gemini('strong', price(1.5, 9, 0.15), { reader: 'gemini-3.5-flash-lite' })],
  [/^gemini-3-flash/, gemini('strong', price(0.5, 3, 0.05), { reader: 'gemini-3.1-flash-lite' })],
  [/^gemini-2\.5-flash/, gemini('strong', price(0.3, 2.5, 0.03), { reader: 'gemini-2.5-flash-lite' })],
  [/^gemini-4-argon/, gemini('strong', price(2, 10, 0.1), { reader: 'gemini-3.5-flash-lite' })],
  [/^gemini-4-hydrogen/, gemini('strong', price(1.5, 7.5, 0.075), { reader: 'gemini-3.5-flash-lite' })],
  [
    /^gemini-(?:3(?:\.\d)?-pro|pro-latest)/,
    gemini('strong', price(2, 12, 0.2), { softMaxInputTokens: geminiProSoftMax, reader: 'gemini-3.5-flash-lite' }),
  ],
  [
    /^gemini-2\.5-pro/,
    gemini('strong', price(1.25, 10, 0.125), { softMaxInputTokens: geminiProSoftMax, reader: 'gemini-2.5-flash-lite' }),
  ],
  [/^gemini.*flash-?lite/, open('cheap', 1_048_576, true, { maxOutputTokens: 65_536 })],
  [/^gemini.*flash/, open('strong', 1_048_576, true, { maxOutputTokens: 65_536 })],
  [/^gemini/, open('strong', 1_048_576, true, { maxOutputTokens: 65_536, softMaxInputTokens: geminiProSoftMax })],

  [/^deepseek-v4-pro/, priced('strong', 1_000_000, price(1.32, 3.96, 0.044), { reader: 'deepseek-v4-flash' })],
  [/^deepseek-(?:v4(?:[.-]\d)?-flash|flash)/, priced('cheap', 1_000_000, price(0.3, 1.2, 0.006))],
  [/^deepseek-v4/, priced('strong', 1_000_000, price(1.32, 3.96, 0.044))],
  [/^deepseek-reasoner/, priced('strong', 131_072, price(0.28, 0.42, 0.028))],
  [/^deepseek-r1/, priced('strong', 131_072, price(0.55, 2.19, 0.14))],
  [/^deepseek-v3\.2/, priced('strong', 131_072, price(0.28, 0.4, 0.028))],
  [/^deepseek-chat/, priced('strong', 131_072, price(0.28, 0.42, 0.028), { reasoning: false, maxOutputTokens: 8192 })],
  [/^deepseek/, open('strong', 128_000, false, { maxOutputTokens: 8192 })],
  [/^grok-4\.(?:20|3)(?!\d)/, priced('strong', 1_000_000, price(1.25, 2.5, 0.2), { softMaxInputTokens: 200_000 })],
  [/^grok-4\.5/, priced('strong', 500_000, price(2, 6, 0.3), { softMaxInputTokens: 200_000 })],
  [/^grok-4\.[67]/, priced('strong', 500_000, price(2, 6, 0.5), { softMaxInputTokens: 200_000 })],
  [/^grok-build-latest/, priced('strong', 500_000, price(2, 6, 0.3), { softMaxInputTokens: 200_000 })],
  [/^grok-(?:code-fast|build-0)/, priced('cheap', 256_000, price(1, 2, 0.2))],
  [/^grok/, open('strong', 256_000, true)],
  [/^kimi-k3\.1-pro-highspeed/, priced('strong', 1_048_576, price(4, 20, 0.2))],
  [/^kimi-k3\.1/, priced('strong', 1_048_576, price(2, 10, 0.2))],
  [/^kimi-k3/, priced('strong', 1_048_576, price(3, 15, 0.3))],
  [/^kimi-k2\.7/, priced('strong', 262_144, price(0.95, 4, 0.19))],
  [/^kimi-k2\.6/, priced('strong', 262_144, price(0.95, 4, 0.16))],
  [/^kimi-k2\.5/, priced('strong', 262_144, price(0.6, 3, 0.1))],
  [/^kimi/, open('strong', 262_144, true)],
  [/^(?:zai-)?glm-5[.-]3-flash/, priced('cheap', 1_048_576, price(0.15, 0.5, 0.03))],
  [/^(?:zai-)?glm-5[.-][23]/, priced('strong', 1_000_000, price(1.4, 4.4, 0.26), { reader: 'glm-5.3-flash' })],
  [/^glm-5\.1/, priced('strong', 200_000, price(1.4, 4.4, 0.26))],
  [/^glm-5-code/, priced('strong', 200_000, price(1.2, 5, 0.3))],
  [/^glm-5(?:-\d|$)/, priced('strong', 200_000, price(1, 3.2, 0.2))],
  [/^glm-4\.[67](?!-flash)/, priced('strong', 200_000, price(0.6, 2.2, 0.11))],
  [/^glm-4\.5-air(?!x)/, priced('cheap', 128_000, price(0.2, 1.1))],
  [/^glm-4\.5(?:-\d|$)/, priced('strong', 128_000, price(0.6, 2.2))],
  [/^glm/, open('strong', 128_000, true)],
  [/^minimax-m3/, priced('strong', 1_000_000, price(0.3, 1.2, 0.06))],
  [/^minimax-m2\.[15](?!-lightning)/, priced('strong', 1_000_000, price(0.3, 1.2, 0.03), { maxOutputTokens: 8192 })],
  [/^minimax-m2\.[15]-lightning/, priced('strong', 1_000_000, price(0.3, 2.4, 0.03), { maxOutputTokens: 8192 })],
  [/^minimax-m2(?:-\d|$)/, priced('strong', 200_000, price(0.3, 1.2, 0.03))],
  [/^minimax/, open('strong', 200_000, true)],
  [/^mistral-large-4/, priced('strong', 1_048_576, price(0.7, 2.1, 0.07), { reader: 'mistral-small-latest' })],
  [
    /^mistral-large-(?:3|2512|latest)/,
    priced('strong', 262_144, price(0.5, 1.5, 0.05), { reasoning: false, reader: 'mistral-small-latest' }),
  ],
  [/^mistral-medium/, priced('strong', 262_144, price(1.5, 7.5, 0.15), { reader: 'mistral-small-latest' })],
  [/^mistral-small-(?:2603|latest)/, priced('cheap', 262_144, price(0.15, 0.6, 0.015))],
  [/^ministral-3b/, priced('cheap', 131_072, price(0.1, 0.1, 0.01), { reasoning: false })],
  [/^ministral-8b/, priced('cheap', 262_144, price(0.15, 0.15, 0.015), { reasoning: false })],
  [/^ministral-14b/, priced('cheap', 262_144, price(0.2, 0.2, 0.02), { reasoning: false })],
  [/^magistral-medium/, priced('strong', 262_144, price(1.5, 7.5, 0.15))],
  [/^magistral-small/, priced('cheap', 262_144, price(0.15, 0.6, 0.015))],
  [/^codestral-(?:2508|latest)/, priced('strong', 128_000, price(0.3, 0.9, 0.03), { reasoning: false })],
  [/^devstral-small-latest/, priced('cheap', 256_000, price(0.1, 0.3, 0.01), { reasoning: false })],
  [/^devstral-(?:medium-)?latest/, priced('strong', 256_000, price(0.4, 2, 0.04), { reasoning: false })],
  [/^(?:ministral|mistral-small|open-mistral)/, open('cheap', 128_000)],
  [/^magistral/, open('strong', 128_000, true)],
  [/^(?:mistral|codestral|devstral|pixtral)/, open('strong', 128_000)],
  [/^qwen-?3(?!.*(?:instruct|coder))/, open('strong', 131_072, true)],
  [/^(?:qwq|qwen.*thinking)/, open('strong', 131_072, true)],
  [/^(?:llama-3|llama-4|llama3|llama4|meta-llama)/, open('strong', 128_000)],
];

const unknown: CatalogEntry = {
  contextWindow: 128_000,
  maxOutputTokens: 8192,
  tier: 'strong',
  reasoning: false,
  tokenFactor: otherFactor,
};

/** Undefined for unknown ids. Vendor prefixes (`openai/`, `us.anthropic.`) do not matter. */
export function findCatalogEntry(model: string): CatalogEntry | undefined {
  const id = toPlainId(model);
  return rows.find(([pattern]) => pattern.test(id))?.[1];
}

function toPlainId(model: string): string {
  const last = model.toLowerCase().split('/').at(-1) ?? '';
  return last
    .replace(/^(?:[a-z]{2,6}\.)?(?:openai|anthropic|google|meta|mistral|qwen|deepseek)\./, '')
    .replace(/^~/, '')
    .replace(/^claude-.*/, (name) => name.replace(/(\d)\.(?=\d)/g, '$1-'));
}

/** Returns a model's limits; for unknown ones a guess that most models meet. */
export function getCatalogLimits(model: string, loopback: boolean): ModelLimits {
  const entry = findCatalogEntry(model);
  const { contextWindow, maxOutputTokens, softMaxInputTokens, tier, reasoning, tokenFactor } = entry ?? unknown;
  return {
    contextWindow,
    maxOutputTokens,
    softMaxInputTokens,
    tier,
    reasoning,
    tokenFactor,
    loopback,
    known: entry !== undefined,
    ...(billsCacheWrites(model) ? { billsCacheWrites: true as const } : {}),
  };
}

/**
 * Returns the cheaper sibling with the writer's vendor prefix (`openai/…`); undefined if there is none, or the host spells ids
 * its own way.
 */
export function findReaderModel(model: string): string | undefined {
  const id = toPlainId(model);
  const reader = rows.find(([pattern]) => pattern.test(id))?.[1].reader;
  if (reader === undefined || reader === id) return undefined;
  const prefix = model.slice(0, model.length - id.length);
  return prefix === '' || /^[\w-]+\/$/.test(prefix) ? prefix + reader : undefined;
}

const readers = new Set(rows.flatMap(([, { reader }]) => (reader === undefined ? [] : [findCatalogEntry(reader)])));

/** Whether the model is the reader of another one. */
export function readsForOthers(model: string): boolean {
  return readers.has(findCatalogEntry(model) ?? unknown);
}

/** Lists rows older than `days`: pattern and date. */
export function listOldRows(today: Date, days = 90): readonly { readonly row: string; readonly checked: string }[] {
  const oldest = today.getTime() - days * 86_400_000;
  return rows.flatMap(([id, { checked }]) =>
    checked !== undefined && Date.parse(checked) < oldest ? [{ row: id.source, checked }] : [],
  );
}

/** Undefined if unknown. */
export function getCatalogPrice(model: string): Price | undefined {
  return findCatalogEntry(model)?.price;
}

/** Claude, and GPT from 5.6 on, charge 1.25 times the input's price. */
function billsCacheWrites(model: string): boolean {
  return hasExplicitCache(model) || toPlainId(model).startsWith('claude');
}

/** GPT models whose caching bills writes and takes breakpoints. */
export function hasExplicitCache(model: string): boolean {
  return /^gpt-(?:5\.[6-9]|[6-9]|\d\d)/.test(toPlainId(model));
}
