import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createCleaner } from '../../../src/engine/text.ts';
import { createMasker, createSecretNamer } from '../../../src/text/secrets/secrets.ts';
import { surroundings } from '../../support/secretCorpus.ts';
import { fifthSamples } from '../../support/secretSamples/fifth.ts';
import { firstSamples } from '../../support/secretSamples/first.ts';
import { fourthSamples } from '../../support/secretSamples/fourth.ts';
import { harmlessSamples } from '../../support/secretSamples/harmless.ts';
import type { Sample } from '../../support/secretSamples/random.ts';
import { secondSamples } from '../../support/secretSamples/second.ts';
import { sixthSamples } from '../../support/secretSamples/sixth.ts';
import { surroundedSamples } from '../../support/secretSamples/surrounded.ts';
import { thirdSamples } from '../../support/secretSamples/third.ts';

const name = createSecretNamer('salt', (text) => createHash('sha256').update(text).digest('hex'));

async function mask(text: string): Promise<{ text: string; secrets: number }> {
  const cleaner = createCleaner();
  const masker = createMasker(name);
  const clean = cleaner.push(text) + cleaner.end();
  return { text: (await masker.push(clean)) + (await masker.end()), secrets: masker.secrets };
}

/** The second half of a long secret shows as well. */
const isShown = (text: string, secret: string): boolean =>
  [secret, ...secret.split(/\\n|\n/).filter((line) => line.length > 8)].some(
    (piece) => text.includes(piece) || (piece.length >= 16 && text.includes(piece.slice(piece.length >> 1))),
  );

async function findMissed(samples: readonly Sample[]): Promise<string[]> {
  const missed: string[] = [];
  for (const [kind, form, secret] of samples) {
    const masked = await mask(`first line\n${form.replace('§', () => secret)}\nlast line\n`);
    if (masked.secrets === 0 || isShown(masked.text, secret)) missed.push(kind);
  }
  return missed;
}

describe('secrets in samples written without the rules in sight', () => {
  const sets = {
    first: firstSamples,
    second: secondSamples,
    third: thirdSamples,
    fourth: fourthSamples,
    fifth: fifthSamples,
    sixth: sixthSamples,
    surrounded: surroundedSamples,
  };
  for (const [set, samples] of Object.entries(sets)) {
    it(`are masked: ${set}`, async () => {
      const missed = await findMissed(samples);
      assert.ok(samples.length >= 100);
      assert.ok(missed.length <= samples.length * 0.05, `${missed.length} of ${samples.length}: ${missed.join(', ')}`);
    });
  }

  it('are masked where each stands in another surrounding', async () => {
    const wraps = Object.values(surroundings);
    const samples = [...fourthSamples, ...fifthSamples, ...sixthSamples].map(([kind, form, secret], index): Sample => [
      kind,
      wraps[index % wraps.length]!(form.replace('§', () => secret)),
      secret,
    ]);
    const missed = await findMissed(samples);
    assert.ok(missed.length <= samples.length * 0.05, `${missed.length} of ${samples.length}: ${missed.join(', ')}`);
  });

  it('are not seen in harmless samples', async () => {
    const alarms: string[] = [];
    for (const sample of harmlessSamples) {
      const masked = await mask(`${sample}\n`);
      if (masked.secrets) alarms.push(masked.text);
    }
    assert.ok(harmlessSamples.length >= 300);
    assert.ok(alarms.length <= harmlessSamples.length * 0.02, alarms.join('\n'));
  });
});
