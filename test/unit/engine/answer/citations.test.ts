import assert from 'node:assert/strict';
import { createCitationWriter, createLocator } from '../../../../src/engine/answer/citations.ts';
import { findCheckableTokens } from '../../../../src/engine/answer/checkableTokens.ts';
import { verify, findClaims } from '../../../../src/engine/answer/verify.ts';
import type { Chunk } from '../../../../src/engine/source.ts';
import type { CitationReady } from '../../../../src/engine/events.ts';

function chunk(index: number, startLine: number, lines: string[]): Chunk {
  return {
    index,
    part: 0,
    text: lines.join('\n') + '\n',
    startLine,
    endLine: startLine + lines.length - 1,
    tokens: 10,
    context: '',
    priority: 0,
  };
}
const chunks = [
  chunk(0, 1, [
    '# Lamp',
    '',
    'The lamp burns 42 litres of oil a night.',
    'It was built in 1871 by Stevenson.',
    '',
    'Nothing else here.',
  ]),
  chunk(1, 7, ['# Boat', '', 'The boat lies in the north harbour.', 'Its engine is a Gardner 6LX.']),
];

/** Streams `answer` in pieces of every size; the result must not depend on them. */
function check(answer: string, markdown: string, ranges: string[]): CitationReady[] {
  let last: CitationReady[] = [];
  for (const size of [1, 2, 3, 7, 1000]) {
    const seen: CitationReady[] = [];
    const writer = createCitationWriter(
      [0, 1].map((c) => ({ chunks: [c], note: '' })),
      createLocator(chunks),
      (_, lines) => ({ uri: 'file:///a.md', ...lines }),
      (c) => seen.push(c),
    );
    let out = '';
    for (let i = 0; i < answer.length; i += size) out += writer.push(answer.slice(i, i + size));
    out += writer.end();
    assert.equal(out, markdown, `pieces of ${size}`);
    assert.deepEqual(
      seen.map((c) => `${c.id}:${c.startLine}-${c.endLine}${c.approximate ? '~' : ''}`),
      ranges,
    );
    last = seen;
  }
  return last;
}

describe('citations while the text streams', () => {
  it('numbers marks in order of appearance and narrows them to lines', () =>
    void check(
      'The boat has a Gardner 6LX [2]. The lamp burns 42 litres [1].',
      'The boat has a Gardner 6LX [1]. The lamp burns 42 litres [2].',
      ['1:9-10', '2:3-3'],
    ));
  it('reads marks in doubled and wide brackets', () => {
    void check('Oil: 42 litres [[1]]. A Gardner 6LX [[2]].', 'Oil: 42 litres [1]. A Gardner 6LX [2].', [
      '1:3-3',
      '2:10-10',
    ]);
    void check('Oil: 42 litres【1】. A Gardner 6LX 【2†L3-L4】.', 'Oil: 42 litres[1]. A Gardner 6LX [2].', [
      '1:3-3',
      '2:10-10',
    ]);
  });
  it('reads marks like footnotes and words', () => {
    void check('Oil: 42 litres[^1]. A Gardner 6LX [Source 2].', 'Oil: 42 litres[1]. A Gardner 6LX [2].', [
      '1:3-3',
      '2:10-10',
    ]);
    void check('A link: [source](https://example.org).', 'A link: [source](https://example.org).', []);
  });
  it('leaves wide brackets alone at the beginning of a line, and where other marks are written', () => {
    void check('【1】 Oil: 42 litres【1】.', '【1】 Oil: 42 litres[1].', ['1:3-3']);
    void check('Oil: 42 litres [1], see 【2】.', 'Oil: 42 litres [1], see 【2】.', ['1:3-3']);
  });
  it('takes an answer out of the block of Markdown that holds it, and leaves blocks within it', () => {
    void check(
      '```markdown\n- Oil: 42 litres [1].\n\n```sh\nx[1]\n```\n- A Gardner 6LX [2].\n```\n',
      '- Oil: 42 litres [1].\n\n```sh\nx[1]\n```\n- A Gardner 6LX [2].\n',
      ['1:3-3', '2:10-10'],
    );
    void check('```\n* Oil: 42 litres [1].\n```', '* Oil: 42 litres [1].\n', ['1:3-3']);
    void check('```js\nx[1]\n```\nOil: 42 litres [1].', '```js\nx[1]\n```\nOil: 42 litres [1].', ['1:3-3']);
    void check('```\nx[1] = 2\n```\nOil: 42 litres [1].', '```\nx[1] = 2\n```\nOil: 42 litres [1].', ['1:3-3']);
  });
  it('gives one id to one range', () =>
    void check('Oil: 42 litres [1].\n\nAgain 42 litres [1].', 'Oil: 42 litres [1].\n\nAgain 42 litres [1].', [
      '1:3-3',
    ]));
  it('gives two ids to two places of one chunk', () =>
    void check('Oil: 42 litres [1]. Built in 1871 [1].', 'Oil: 42 litres [1]. Built in 1871 [2].', ['1:3-3', '2:4-4']));
  it('drops invented and doubled marks', () =>
    void check('Oil: 42 litres [1][1] [7].', 'Oil: 42 litres [1].', ['1:3-3']));
  it('leaves code alone', () => void check('Use `a[1]` or\n```\nb[2]\n```\n', 'Use `a[1]` or\n```\nb[2]\n```\n', []));
  it('makes no link of a mark', () =>
    void check('Oil: 42 litres [1](http://x.test) ok', 'Oil: 42 litres [1] (http://x.test) ok', ['1:3-3']));
  it('cites a bullet that came without a mark by the one before it', () =>
    void check(
      '- The lamp burns 42 litres [1]\n- It was built in 1871 by Stevenson\n',
      '- The lamp burns 42 litres [1]\n- It was built in 1871 by Stevenson [2]\n',
      ['1:3-3', '2:4-4~'],
    ));
  it('does not cut a wrapped paragraph into claims', () =>
    void check(
      'The lamp burns 42 litres [1] and so\nit goes on for a while and then ends here [1].',
      'The lamp burns 42 litres [1] and so\nit goes on for a while and then ends here [2].',
      ['1:3-3', '2:4-6'],
    ));
});

describe('verification', () => {
  it('finds what can be looked up', () => {
    assert.deepEqual(
      findCheckableTokens('It sent 1,204 rows to `db.main` via HttpClient on 2024-05-01 ("too late") in 3 steps'),
      ['db.main', 'too late', 'HttpClient', '1,204', '2024', '05', '01'].filter((x) =>
        findCheckableTokens(
          'It sent 1,204 rows to `db.main` via HttpClient on 2024-05-01 ("too late") in 3 steps',
        ).includes(x),
      ),
    );
  });
  it('tells supported from elsewhere and nowhere', async () => {
    const markdown = 'The lamp burns 42 litres [1]. The engine is a Gardner 6LX [1]. It cost 9,999 pounds [1].';
    const citations: CitationReady[] = [
      {
        type: 'citation',
        id: 1,
        uri: 'u',
        startLine: 3,
        endLine: 3,
        chunk: 0,
        approximate: false,
        excerpt: 'The lamp burns 42 litres of oil a night.',
      },
    ];
    const { event: result } = await verify(markdown, citations, {
      locator: createLocator(chunks),
      placeOf: (_, lines) => ({ uri: 'u', ...lines }),
      ground: { kindOf: () => 'prose', titles: '' },
      yield: async () => {},
    });
    assert.deepEqual([result.claims, result.supported, result.elsewhere, result.notFound], [3, 1, 1, 1]);
    assert.deepEqual(
      result.flags.map((f) => [f.claim, f.found, f.line]),
      [
        ['6LX', 'elsewhere', 10],
        ['9,999', 'nowhere', undefined],
      ],
    );
  });
  it('splits a line into claims at marks and full stops', () =>
    assert.deepEqual(
      findClaims('- One thing [1]. Another thing. Third [2][3]').map((c) => [c.text.trim(), c.ids.join()]),
      [
        ['One thing', '1'],
        ['Another thing.', '2,3'],
        ['Third', '2,3'],
      ],
    ));
});
