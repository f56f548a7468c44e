import assert from 'node:assert/strict';
import { listLanguages, getDisplayName } from '../../../src/shared/languages.ts';

describe('Languages of a summary', () => {
  it('are offered by their names in the reader’s language and in their own, and sent by their English names', () => {
    const german = listLanguages('de').find(({ value }) => value === 'German');
    assert.deepEqual(german, { value: 'German', name: 'Deutsch', ownName: 'Deutsch' });
    const french = listLanguages('pt-br').find(({ value }) => value === 'French');
    assert.deepEqual(french, { value: 'French', name: 'Francês', ownName: 'Français' });
    assert.deepEqual(
      listLanguages('en').filter(({ name, value }) => name !== value),
      [],
    );
  });

  it('have names in every language that VS Code is shown in here', () => {
    for (const locale of ['de', 'es', 'fr', 'ja', 'pt-br', 'zh-cn']) {
      const same = listLanguages(locale).filter(({ name, value }) => name === value && value !== 'Hindi');
      assert.deepEqual(same, [], locale);
    }
  });

  it('are shown as they are stored where they are not known', () => {
    assert.equal(getDisplayName('japanese ', 'fr'), 'Japonais');
    for (const value of ['日本語', 'Plattdüütsch', 'constructor', '']) assert.equal(getDisplayName(value, 'fr'), value);
    assert.equal(getDisplayName('German', 'not a locale'), 'German');
    assert.equal(listLanguages('not a locale')[1]?.name, 'German');
  });
});
