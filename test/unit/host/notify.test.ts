import assert from 'node:assert/strict';
import { toPlainText } from '../../../src/host/plainText.ts';

/** What VS Code takes for a link in a message (`base/common/linkedText.ts`), and for an icon (`base/common/iconLabels.ts`). */
const link = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const icon = /\$\([A-Za-z0-9-]+(?:~[A-Za-z]+)?\)/;

describe('plain text of messages', () => {
  const hostile = [
    '[Open the guide](command:workbench.action.toggleSidebarVisibility).md',
    '[a](command:x?%5B%22y%22%5D "title")',
    '[[a]](command:x)',
    '[a](https://example.com/?q=1)',
    '![a](https://example.com/pixel.png)',
    '[a](file:///etc/passwd)',
    '[a]([b](command:x))',
    '$(warning) ready',
    '$(sync~spin)',
    '$$(check)',
  ];
  it('breaks up links and icons', () => {
    for (const text of hostile) {
      const shown = toPlainText(`Précis: ${text}`);
      assert.doesNotMatch(shown, link, text);
      assert.doesNotMatch(shown, icon, text);
      assert.doesNotMatch(shown, /!?\[[^\]]*\]\(/, text);
      assert.equal(shown.replaceAll('\u2060', ''), `Précis: ${text}`, 'looks the same');
    }
  });

  it('changes nothing more the second time, and no ordinary text', () => {
    for (const text of hostile) assert.equal(toPlainText(toPlainText(text)), toPlainText(text));
    for (const text of ['f(x)[0] (see below)', 'cost: $0.30 (about)', 'array[1] and [2]'])
      assert.equal(toPlainText(text), text);
  });
});
