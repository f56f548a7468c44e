import assert from 'node:assert/strict';
import { languageChoices, languageName } from '../../../src/shared/languages.ts';

describe('Languages of a summary', () => {
  it('are offered by their names in the reader’s language and in their own, and sent by their English names', () => {
    const german = languageChoices('de').find(({ value }) => value === 'German');
    assert.deepEqual(german, { value: 'German', name: 'Deutsch', ownName: 'Deutsch' });
    const french = languageChoices('pt-br').find(({ value }) => value === 'French');
    assert.deepEqual(french, { value: 'French', name: 'Francês', ownName: 'Français' });
    assert.deepEqual(
      languageChoices('en').filter(({ name, value }) => name !== value),
      [],
    );
  });

  it('have names in every language that VS Code is shown in here', () => {
    for (const locale of ['de', 'es', 'fr', 'ja', 'pt-br', 'zh-cn']) {
      const same = languageChoices(locale).filter(({ name, value }) => name === value && value !== 'Hindi');
      assert.deepEqual(same, [], locale);
    }
  });

  it('are shown as they are stored where they are not known', () => {
    assert.equal(languageName('japanese ', 'fr'), 'Japonais');
    for (const value of ['日本語', 'Plattdüütsch', 'constructor', '']) assert.equal(languageName(value, 'fr'), value);
    assert.equal(languageName('German', 'not a locale'), 'German');
    assert.equal(languageChoices('not a locale')[1]?.name, 'German');
  });
});
