import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createCleaner } from '../../../src/engine/text.ts';
import { createMasker, createSecretNamer } from '../../../src/text/secrets/secrets.ts';
import { harmless } from '../../support/harmlessTexts.ts';
import { kinds, piecesOfSecret, surroundings, textOf } from '../../support/secretCorpus.ts';

const name = createSecretNamer('salt', (text) => createHash('sha256').update(text).digest('hex'));

/** As a part of a source is read: cleaned, then masked. */
async function readText(text: string): Promise<{ text: string; secrets: number }> {
  const cleaner = createCleaner();
  const masker = createMasker(name);
  const clean = cleaner.push(text) + cleaner.end();
  return { text: (await masker.push(clean)) + (await masker.end()), secrets: masker.secrets };
}

describe('secrets of many kinds', () => {
  it('number at least 80 in ten surroundings, beside 200 harmless texts', () => {
    assert.ok(kinds.length >= 80);
    assert.equal(Object.keys(surroundings).length, 10);
    assert.ok(harmless.length >= 200);
  });

  for (const [surrounding, wrap] of Object.entries(surroundings)) {
    it(`are masked: ${surrounding}`, async () => {
      const missed: string[] = [];
      for (const kind of kinds) {
        const masked = await readText(`first line\n${wrap(textOf(kind))}\nlast line\n`);
        const shown = piecesOfSecret(kind[2]).some(
          (piece) => masked.text.includes(piece) || masked.text.includes(encodeURIComponent(piece)),
        );
        if (shown || masked.secrets === 0) missed.push(kind[0]);
      }
      assert.ok(missed.length <= kinds.length * 0.05, missed.join(', '));
    });
  }

  it('are not seen in harmless texts', async () => {
    const alarms: string[] = [];
    for (const line of harmless) {
      const masked = await readText(`${line}\n`);
      if (masked.secrets) alarms.push(masked.text.trim());
    }
    assert.ok(alarms.length <= harmless.length * 0.02, alarms.join('\n'));
  });

  it('are masked with something without width inside', async () => {
    const [, , key] = kinds.find(([kind]) => kind === 'github')!;
    for (const sign of ['\u200b', '\u2060', '\ufeff', '\u00ad', '\ufe0f', '\u0007', 'x\b', '\u001b[0m', '\\u200b']) {
      const masked = await readText(`uses ${key.slice(0, 9)}${sign}${key.slice(9)} now\npass${sign}word=hunter2-x\n`);
      assert.ok(!masked.text.includes(key.slice(12)) && !masked.text.includes('hunter2-x'), JSON.stringify(sign));
    }
  });

  it('are masked in a table that goes on over many windows', async () => {
    const rows = Array.from({ length: 6_000 }, (_, i) => `user${i},pw-${i}-Xy7,reader`);
    const masked = await readText(`user,password,role\n${rows.join('\n')}\n`);
    assert.equal(masked.secrets, rows.length);
    assert.ok(!/pw-\d/.test(masked.text));
  });
});
