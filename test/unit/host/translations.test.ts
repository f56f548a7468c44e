import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';

const root = new URL('../../../', import.meta.url);
const texts = (name: string): Record<string, string> =>
  JSON.parse(readFileSync(new URL(name, root), 'utf8')) as Record<string, string>;
const english = texts('package.nls.json');
const languages = ['de', 'es', 'fr', 'ja', 'pt-br', 'zh-cn'];

/** What a translator must not touch: settings that are linked, commands, names of models. */
function fixed(text: string): string[] {
  return text.match(/`#[^`]+#`|\(command:[^)]+\)|\n|\$\([a-z-]+\)|\{\d\}|…$/g) ?? [];
}

function checkTranslation(language: string): void {
  const translated = texts(`package.nls.${language}.json`);
  assert.deepEqual(Object.keys(translated), Object.keys(english));
  for (const [key, text] of Object.entries(translated)) {
    assert.deepEqual(fixed(text), fixed(english[key]!), key);
    assert.ok(text.trim().length > 0, key);
  }
}

describe('translations of the manifest', () => {
  for (const language of languages)
    it(`${language} has every text, with its links and commands`, () => checkTranslation(language));

  it('there is no language that nobody checks', () => {
    const found = readdirSync(root).flatMap((name) => /^package\.nls\.(.+)\.json$/.exec(name)?.[1] ?? []);
    assert.deepEqual(found.sort(), languages);
  });

  it('the commands that a text names are called so in its language', () => {
    for (const language of languages) {
      const translated = texts(`package.nls.${language}.json`);
      for (const [text, command] of [
        ['config.provider', 'command.selectProvider'],
        ['config.openaiCompatible.model', 'command.selectModel'],
      ] as const) {
        assert.ok(translated[text]!.includes(translated[command]!), `${language}: ${text}`);
      }
    }
  });
});
