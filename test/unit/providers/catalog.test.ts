import assert from 'node:assert/strict';
import {
  getCatalogLimits,
  hasExplicitCache,
  listOldRows,
  getCatalogPrice,
  findReaderModel,
} from '../../../src/providers/catalog.ts';

describe('the catalog', () => {
  it('knows today’s models, with or without a vendor’s prefix', () => {
    assert.deepEqual(getCatalogPrice('gpt-6.1-terra'), { input: 1, output: 5, cachedInput: 0.05 });
    assert.deepEqual(getCatalogPrice('anthropic/claude-haiku-5-5'), { input: 0.1, output: 0.5, cachedInput: 0.01 });
    assert.equal(getCatalogLimits('us.anthropic.claude-sonnet-5-5', false).contextWindow, 1_000_000);
    assert.equal(getCatalogLimits('openai/gpt-6-luna', false).tier, 'cheap');
    assert.equal(getCatalogLimits('claude-haiku-5-5', false).softMaxInputTokens, 100_000);
  });

  it('prices variants of a model by their own rows', () => {
    const inputPrices = {
      'gpt-5.2': 1.75,
      'gpt-5.2-pro': 21,
      'gpt-5.2-pro-2025-12-11': 21,
      'gpt-5.4-pro': 30,
      'gpt-5-codex': 1.25,
      'gpt-5.1-codex-mini': 0.25,
      'gpt-4.1-nano': 0.1,
      'gemini-3.8-flash': 0.75,
      'deepseek-v4-pro': 1.32,
      'x-ai/grok-4.7': 2,
      'moonshotai/kimi-k3': 3,
      'z-ai/glm-5.3': 1.4,
      'minimax/MiniMax-M3': 0.3,
      'mistral-large-4': 0.7,
      'gpt-5.5-cyber': 12.5,
      'gpt-4o-2024-05-13': 5,
      'o3-pro': 20,
      o1: 15,
      'deepseek-r1': 0.55,
      'deepseek-v4.1-flash': 0.3,
      'glm-4.5-air': 0.2,
      'minimax-m2': 0.3,
      'codestral-latest': 0.3,
    };
    for (const [id, input] of Object.entries(inputPrices)) assert.equal(getCatalogPrice(id)?.input, input, id);
  });

  it('gives chat, codex and long-context variants their own windows', () => {
    const windows = {
      'gpt-5.2-chat-latest': 128_000,
      'gpt-5.3-codex': 400_000,
      'gpt-5.1-codex-max': 400_000,
      'deepseek-v4-flash': 1_000_000,
    };
    for (const [id, size] of Object.entries(windows)) assert.equal(getCatalogLimits(id, false).contextWindow, size, id);
  });

  it('steps Gemini’s price at 200,000 tokens for Pro alone', () => {
    assert.equal(getCatalogLimits('gemini-3.1-pro-preview', false).softMaxInputTokens, 200_000);
    assert.equal(getCatalogLimits('gemini-3.5-flash', false).softMaxInputTokens, undefined);
  });

  it('counts Claude’s tokens by the tokenizer of its version', () => {
    const factors = ['claude-sonnet-5-5', 'claude-opus-4-7', 'claude-opus-4-6', 'claude-haiku-4-5'].map(
      (id) => getCatalogLimits(id, false).tokenFactor,
    );
    assert.deepEqual(factors, [1.4, 1.4, 1.1, 1.1]);
  });

  it('names the cheaper sibling that reads for a writer, where its family has one', () => {
    const readers = {
      'claude-sonnet-5-5': 'claude-haiku-5-5',
      'anthropic/claude-opus-5-5': 'anthropic/claude-haiku-5-5',
      'gpt-6.1-terra': 'gpt-6-luna',
      'gemini-3.8-flash': 'gemini-3.5-flash-lite',
      'claude-haiku-5-5': undefined,
      'gpt-5.4': undefined,
      'us.anthropic.claude-sonnet-5-5': undefined,
      'acme-9': undefined,
    };
    for (const [writer, reader] of Object.entries(readers)) assert.equal(findReaderModel(writer), reader, writer);
  });

  it('knows readers that are cheaper and priced', () => {
    for (const id of [
      'claude-sonnet-4-6',
      'gpt-5.6',
      'gemini-2.5-pro',
      'deepseek-v4-pro',
      'mistral-large-4',
      'glm-5.3',
    ]) {
      const reader = findReaderModel(id);
      assert.ok(reader && getCatalogPrice(reader)!.input < getCatalogPrice(id)!.input, id);
    }
  });

  it('guesses a window and no price for a model that it does not know', () => {
    assert.equal(getCatalogPrice('acme-9'), undefined);
    assert.equal(getCatalogPrice('gpt-9-nova'), undefined);
    const limits = getCatalogLimits('acme-9', true);
    assert.deepEqual(
      [limits.tier, limits.contextWindow, limits.known, limits.loopback],
      ['strong', 128_000, false, true],
    );
  });

  it('lists rows that were read more than 90 days ago', () => {
    assert.deepEqual(listOldRows(new Date('2026-12-01')), []);
    assert.ok(listOldRows(new Date('2027-02-25')).length > 20);
  });

  it('knows which caches bill writes', () => {
    assert.deepEqual(['gpt-5.5', 'gpt-5.6-terra', 'gpt-6-luna', 'gpt-4.1'].map(hasExplicitCache), [
      false,
      true,
      true,
      false,
    ]);
  });
});
