import assert from 'node:assert/strict';
import { chooseOffered, chooseReader } from '../../../../src/providers/wires/reader.ts';

describe('the reader of a text’s parts', () => {
  const choose = (writer: string, wanted = '', offered?: readonly string[]) =>
    chooseReader({ writer, wanted, ...(offered ? { offered } : {}) });

  it('is the cheaper sibling on the vendor’s own host', () => {
    assert.equal(choose('claude-sonnet-5-5'), 'claude-haiku-5-5');
    assert.equal(choose('gpt-6.1-terra'), 'gpt-6-luna');
  });

  it('is the writer where the family has no faithful sibling, or nothing is known of it', () => {
    for (const writer of ['gpt-5.2', 'gpt-6-luna', 'claude-haiku-5-5', 'my-own-model']) {
      assert.equal(choose(writer), writer);
      assert.equal(choose(writer, '', ['gpt-5-mini', writer]), writer);
    }
  });

  it('follows a setting', () => {
    assert.equal(choose('claude-sonnet-5-5', 'same'), 'claude-sonnet-5-5');
    assert.equal(choose('claude-sonnet-5-5', 'gpt-6-luna', []), 'gpt-6-luna');
  });

  it('takes from another host only what it lists, as that host spells it', () => {
    assert.equal(choose('gemini-3.8-flash', '', ['gemini-3.8-flash']), 'gemini-3.8-flash');
    assert.equal(choose('gemini-3.8-flash', '', ['gemini-3.5-flash-lite']), 'gemini-3.5-flash-lite');
    const router = ['anthropic/claude-sonnet-4.5', 'other/claude-haiku-4.5', 'anthropic/claude-haiku-4.5'];
    assert.equal(choose('anthropic/claude-sonnet-4.5', '', router), 'anthropic/claude-haiku-4.5');
    assert.equal(choose('claude-opus-4-5', '', ['claude-haiku-4-5-20251001']), 'claude-haiku-4-5-20251001');
  });

  it('takes another version’s reader of the family where its own is not offered', () => {
    const offered = ['copilot/claude-opus-5-5', 'copilot/claude-haiku-4.5', 'copilot/gpt-6-luna'];
    assert.equal(choose('copilot/claude-opus-5-5', '', offered), 'copilot/claude-haiku-4.5');
    assert.equal(choose('copilot/claude-sonnet-5-5', '', ['copilot/gpt-6-luna']), 'copilot/claude-sonnet-5-5');
  });
});

describe('VS Code’s model where none is named', () => {
  const model = (id: string, maxInputTokens: number, vendor = 'copilot') => ({
    id,
    family: id,
    vendor,
    maxInputTokens,
  });
  const choose = (...models: ReturnType<typeof model>[]) => chooseOffered(models)?.id;

  it('is a strong one with a low price and room', () => {
    const terra = model('gpt-6.1-terra', 128_000);
    assert.equal(choose(model('claude-opus-5-5', 200_000), terra, model('gpt-6-luna', 400_000)), terra.id);
    assert.equal(choose(model('gpt-6.1-terra', 4000), model('gpt-6.1-sol', 400_000)), 'gpt-6.1-sol');
  });

  it('is Copilot’s before another vendor’s, and the first where no price is known', () => {
    assert.equal(choose(model('gpt-6.1-terra', 100_000, 'other'), model('gpt-5.2', 60_000)), 'gpt-5.2');
    assert.equal(choose(model('secret-a', 60_000), model('secret-b', 60_000)), 'secret-a');
    assert.equal(choose(), undefined);
  });
});
