import assert from 'node:assert/strict';
import type { RunContext } from '../../../../src/engine/stages/context.ts';
import { render } from '../../../../src/engine/prompts/render.ts';
import type { Source } from '../../../../src/engine/source.ts';
import { nameUnits } from '../../../../src/engine/stages/partLabels.ts';

type Told = readonly [title: string, heading: string];

/** The names of units, each with the places of its chunks. */
function names(units: readonly (readonly Told[])[], shape: Source['shape'] = 'folder'): string[] {
  const places = units.flat();
  const titles = [...new Set(places.map(([title]) => title))];
  const context = {
    source: { shape, parts: titles.map((title) => ({ title })) },
    chunks: places.map(([title, heading]) => ({ part: titles.indexOf(title), context: heading, text: '' })),
  };
  let next = 0;
  const of = units.map((unit) => ({ chunks: unit.map(() => next++), note: 'x' }));
  return nameUnits(context as unknown as RunContext, of).map((part) => part.context);
}

describe('where the members of a merge stand', () => {
  it('a folder and a file are told where their notes begin', () => {
    const units: Told[] = [
      ['src/a.ts', 'open'],
      ['src/a.ts', 'open'],
      ['src/a.ts', 'close'],
      ['src/b.ts', ''],
      ['src/b.ts', ''],
      ['lib/a.ts', ''],
      ['tsconfig.json', ''],
      ['lib/a.ts', 'open'],
    ];
    assert.deepEqual(names(units.map((unit) => [unit])), [
      'src/ › a.ts › open',
      '',
      '› close',
      'b.ts',
      '',
      'lib/ › a.ts',
      './ › tsconfig.json',
      'lib/ › a.ts › open',
    ]);
  });
  it('what was merged names its files, or its folders', () => {
    const files = (folder: string, count: number): Told[] =>
      Array.from({ length: count }, (_, i) => [`${folder}/f${i}.ts`, 'h'] as const);
    assert.deepEqual(
      names([files('src', 2), files('src', 5), [...files('src', 1), ...files('lib', 1)], [['src/f0.ts', 'h']]]),
      ['src/ › f0.ts, f1.ts', 'f0.ts, f1.ts, f2.ts and 2 more', 'src/, lib/', 'src/ › f0.ts › h'],
    );
  });
  it('long paths keep their ends, and selections their titles', () => {
    const [told] = names([[[`${'deep/'.repeat(60)}inner/a.ts`, '']], [['b.ts', '']]]);
    assert.ok(told!.length <= 160 && told!.endsWith('inner/ › a.ts'), told);
    assert.deepEqual(names([[['a.ts:1', 'h']], [['a.ts:9', 'h']]], 'text'), ['a.ts:1 › h', 'a.ts:9 › h']);
  });
  it('nothing is said twice where two neighbours are called alike', () => {
    const { user } = render(
      'reduce',
      ['a', '', 'b'].map((context) => ({ text: 'x', context })),
      { words: 9, language: '', shape: '', instructions: '' },
      () => 'f',
    );
    assert.ok(user.startsWith('f\n[1]\n(a)\nx\n[2]\nx\n[3]\n(b)\nx\nf\n'), user);
  });
});
