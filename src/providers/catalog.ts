/**
 * Limits and prices of today's models.
 *
 * Read on 2026-11-24 from developers.openai.com/api/docs/pricing and /models, platform.claude.com/docs/en/about-claude/pricing
 * and /models; list prices for direct calls, USD per million tokens. `precis.prices` overrides them; a model that is not here has no price.
 */
import type { ModelLimits } from '../engine/model.ts';
import type { Price } from '../engine/request.ts';

export interface CatalogEntry extends Pick<
  ModelLimits,
  'contextWindow' | 'maxOutputTokens' | 'softMaxInputTokens' | 'tier' | 'reasoning' | 'tokenFactor'
> {
  readonly price?: Price;
}
type Row = readonly [id: RegExp, entry: CatalogEntry];

/** The whole request costs more above this. */
const openaiSoftMax = 272_000;
/** o200k is OpenAI's own; the margin is for the messages' frame. */
const openaiFactor = 1;
const claudeFactor = 1.15;
const otherFactor = 1.1;

function price(input: number, output: number, cachedInput?: number): Price {
  return cachedInput === undefined ? { input, output } : { input, output, cachedInput };
}
function gpt(tier: ModelLimits['tier'], paid: Price, contextWindow = 1_050_000): CatalogEntry {
  const softMaxInputTokens = contextWindow > openaiSoftMax * 2 ? openaiSoftMax : undefined;
  return {
    contextWindow,
    maxOutputTokens: 128_000,
    softMaxInputTokens,
    tier,
    reasoning: true,
    tokenFactor: openaiFactor,
    price: paid,
  };
}
function gpt4(tier: ModelLimits['tier'], contextWindow: number, maxOutputTokens: number, paid: Price): CatalogEntry {
  return { contextWindow, maxOutputTokens, tier, reasoning: false, tokenFactor: openaiFactor, price: paid };
}
function claude(tier: ModelLimits['tier'], paid: Price, more: Partial<CatalogEntry> = {}): CatalogEntry {
  return {
    contextWindow: 1_000_000,
    maxOutputTokens: 128_000,
    tier,
    reasoning: true,
    tokenFactor: claudeFactor,
    price: paid,
    ...more,
  };
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

/** The first row that matches holds; ids are matched without a vendor's prefix and in lower case. */
const rows: readonly Row[] = [
  [/^gpt-6-astra/, gpt('strong', price(10, 50, 1))],
  [/^gpt-6\.1-sol/, gpt('strong', price(2, 10, 0.1))],
  [/^gpt-6\.1-terra/, gpt('strong', price(1, 5, 0.05))],
  [/^gpt-6-sol/, gpt('strong', price(2, 10, 0.2))],
  [/^gpt-6-luna/, gpt('cheap', price(0.1, 0.5, 0.01))],
  [/^gpt-5\.6-terra/, gpt('strong', price(2, 12, 0.2))],
  [/^gpt-5\.6-luna/, gpt('cheap', price(0.2, 1.2, 0.02))],
  [/^gpt-5\.6(?:-sol|$)/, gpt('strong', price(4, 20, 0.4))],
  [/^gpt-5\.[45]-pro/, gpt('strong', price(30, 180, 3))],
  [/^gpt-5\.5/, gpt('strong', price(5, 30, 0.5))],
  [/^gpt-5\.4-mini/, gpt('cheap', price(0.75, 4.5, 0.075), 400_000)],
  [/^gpt-5\.4-nano/, gpt('cheap', price(0.2, 1.25, 0.02), 400_000)],
  [/^gpt-5\.4/, gpt('strong', price(2.5, 15, 0.25))],
  [/^gpt-5\.[23]/, gpt('strong', price(1.75, 14, 0.175), 400_000)],
  [/^gpt-5(?:\.1)?-mini/, gpt('cheap', price(0.25, 2, 0.025), 400_000)],
  [/^gpt-5-nano/, gpt('cheap', price(0.05, 0.4, 0.005), 400_000)],
  [/^gpt-5(?:\.1)?(?:-\d|$)/, gpt('strong', price(1.25, 10, 0.125), 400_000)],
  [/^gpt-4\.1-(?:mini|nano)/, gpt4('cheap', 1_047_576, 32_768, price(0.4, 1.6, 0.1))],
  [/^gpt-4\.1/, gpt4('strong', 1_047_576, 32_768, price(2, 8, 0.5))],
  [/^gpt-4o-mini/, gpt4('cheap', 128_000, 16_384, price(0.15, 0.6, 0.075))],
  [/^gpt-4o/, gpt4('strong', 128_000, 16_384, price(2.5, 10, 1.25))],
  [/^gpt-oss-20b|^gpt-oss:20b/, open('cheap', 131_072, true, { tokenFactor: openaiFactor })],
  [/^gpt-oss/, open('strong', 131_072, true, { tokenFactor: openaiFactor })],
  [/^gpt-(?:[6-9]|\d\d).*(?:luna|mini|nano)/, { ...gpt('cheap', price(0, 0)), price: undefined }],
  [/^gpt-(?:[5-9]|\d\d)/, { ...gpt('strong', price(0, 0)), price: undefined }],
  [/^o\d(?:-|$)/, open('strong', 200_000, true, { maxOutputTokens: 100_000, tokenFactor: openaiFactor })],

  [/^claude-(?:fable|mythos)-5-\d/, claude('strong', price(10, 50, 0.25))],
  [/^claude-(?:fable|mythos)-5/, claude('strong', price(10, 50, 1))],
  [/^claude-opus-5-5/, claude('strong', price(4, 20, 0.2))],
  [/^claude-opus-5/, claude('strong', price(5, 25, 0.5))],
  // Up to 4.8 they think only where it is asked for.
  [/^claude-opus-4-[678]/, claude('strong', price(5, 25, 0.5), { reasoning: false })],
  [
    /^claude-opus-4-5/,
    claude('strong', price(5, 25, 0.5), { contextWindow: 200_000, maxOutputTokens: 64_000, reasoning: false }),
  ],
  [/^claude-sonnet-5-5/, claude('strong', price(2, 10, 0.1))],
  [/^claude-sonnet-5/, claude('strong', price(2, 10, 0.2))],
  [/^claude-sonnet-4-6/, claude('strong', price(3, 15, 0.3), { reasoning: false })],
  [
    /^claude-sonnet-4/,
    claude('strong', price(3, 15, 0.3), { contextWindow: 200_000, maxOutputTokens: 64_000, reasoning: false }),
  ],
  // Five times the price for the whole request above 100,000 tokens.
  [/^claude-haiku-5-5/, claude('cheap', price(0.1, 0.5, 0.01), { softMaxInputTokens: 100_000 })],
  [
    /^claude-haiku-4-5/,
    claude('cheap', price(1, 5, 0.1), { contextWindow: 200_000, maxOutputTokens: 64_000, reasoning: false }),
  ],
  [
    /^claude.*haiku/,
    { ...claude('cheap', price(0, 0), { contextWindow: 200_000, maxOutputTokens: 8192 }), price: undefined },
  ],
  [
    /^claude/,
    { ...claude('strong', price(0, 0), { contextWindow: 200_000, maxOutputTokens: 64_000 }), price: undefined },
  ],

  [/^gemini.*flash-?lite/, open('cheap', 1_048_576, true, { maxOutputTokens: 65_536 })],
  [/^gemini/, open('strong', 1_048_576, true, { maxOutputTokens: 65_536, softMaxInputTokens: 200_000 })],
  [/^deepseek-(?:reasoner|r1)/, open('strong', 128_000, true, { maxOutputTokens: 32_768 })],
  [/^deepseek/, open('strong', 128_000, false, { maxOutputTokens: 8192 })],
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

/** What is known of a model by its id; undefined where nothing is. Vendor prefixes (`openai/`, `us.anthropic.`) do not matter. */
export function catalogEntry(model: string): CatalogEntry | undefined {
  const id = plainId(model);
  return rows.find(([pattern]) => pattern.test(id))?.[1];
}

function plainId(model: string): string {
  const last = model.toLowerCase().split('/').at(-1) ?? '';
  return last
    .replace(/^(?:[a-z]{2,6}\.)?(?:openai|anthropic|google|meta|mistral|qwen|deepseek)\./, '')
    .replace(/^~/, '');
}

/** Limits of a model by its id; for an unknown one a guess that most of today's models can hold. */
export function catalogLimits(model: string, loopback: boolean): ModelLimits {
  const entry = catalogEntry(model);
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
  };
}

/** List price of a direct call; undefined where it is not known: no guess. */
export function priceOf(model: string): Price | undefined {
  return catalogEntry(model)?.price;
}

/** Models with prompt caching that bills writes and takes breakpoints. */
export function hasExplicitCache(model: string): boolean {
  return /^gpt-(?:5\.[6-9]|[6-9]|\d\d)/.test(plainId(model));
}
