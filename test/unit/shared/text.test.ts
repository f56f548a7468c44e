import assert from 'node:assert/strict';
import { gapReasons } from '../../../src/engine/stages/context.ts';
import { countWords, createWords, getFileName, fill, writeHeadline } from '../../../src/shared/text.ts';
import { panelTexts } from '../../../src/shared/texts.ts';

const en = createWords(panelTexts, 'en');

describe('Words of the panel', () => {
  it('fill placeholders and leave what has no value', () => {
    assert.equal(fill('{0} of {1} ({0}), {2}', [3, 'four']), '3 of four (3), {2}');
  });

  it('choose the form by number', () => {
    assert.equal(en.n('lines', 1), '1 line');
    assert.equal(en.n('lines', 2_431), '2,431 lines');
    assert.equal(en.n('gaps.title', 0), '0 parts were not read');
  });

  it('choose the forms that a language adds', () => {
    const texts = { 'lines.one': '{0} řádek', 'lines.few': '{0} řádky', 'lines.other': '{0} řádků' };
    const cs = createWords(texts, 'cs');
    assert.deepEqual(
      [1, 3, 5].map((count) => cs.n('lines', count)),
      ['1 řádek', '3 řádky', '5 řádků'],
    );
  });

  it('are English where a text is missing or the locale is none', () => {
    const odd = createWords({}, 'not a locale');
    assert.equal(odd.t('action.cancel'), 'Cancel');
    assert.equal(odd.n('lines', 1_000), '1,000 lines');
  });

  it('write numbers as the locale does', () => {
    assert.equal(createWords({}, 'de').lines(1_200, 1_204), 'lines 1.200 to 1.204');
    assert.equal(en.lines(7, 7), 'line 7');
  });

  it('write durations short', () => {
    const shown = [400, 8_000, 59_600, 65_000, 3_729_000].map((ms) => en.duration(ms));
    assert.deepEqual(shown, ['0.4 s', '8 s', '1:00', '1:05', '1:02:09']);
  });

  it('write costs with the digits that mean something', () => {
    const shown = [0, 0.00001, 0.0004, 0.0297, 1.5].map((usd) => en.cost(usd));
    assert.deepEqual(shown, ['$0.00', '< $0.0001', '$0.0004', '$0.030', '$1.50']);
  });

  it('say what the engine says in the language of the page, with the numbers in their places', () => {
    const texts = { 'said.network': 'la connexion a échoué', 'said.marks-dropped.other': 'marques inventées : {0}' };
    const fr = createWords(texts, 'fr');
    assert.equal(fr.said('the connection failed'), 'la connexion a échoué');
    assert.equal(fr.said('1200 invalid citations were removed.'), `marques inventées : ${fr.number(1_200)}`);
    assert.equal(createWords({}, 'en').said('1 invalid citation was removed.'), '1 invalid citation was removed.');
    assert.equal(fr.said('host.example said no 3 times'), 'host.example said no 3 times');
  });

  it('know every reason that the engine gives for a gap', () => {
    const known: readonly string[] = Object.values(panelTexts);
    assert.deepEqual(
      Object.values(gapReasons).filter((reason) => !known.includes(reason)),
      [],
    );
  });

  it('have both forms of every text by number', () => {
    const others = Object.keys(panelTexts).filter((key) => key.endsWith('.other') && key !== 'wait.other');
    assert.ok(others.length > 10);
    for (const key of others) assert.ok(key.replace(/other$/, 'one') in panelTexts, key);
  });
});

describe('The headline of a note', () => {
  const check = (note: string, expected: string): void => assert.equal(writeHeadline(note), expected);

  it('is its first point without signs and marks', () => {
    check('- The lamp was **overhauled** in `March` [1]\n- Second [2]', 'The lamp was overhauled in March');
    check('\n## Oil\n1. less', 'Oil');
    check('3) third *thing* [12][3].', 'third thing.');
  });
  it('keeps what only looks like a sign', () => {
    check('a * b * c and snake_case_name', 'a * b * c and snake_case_name');
    check('see [1](https://example.org)', 'see [1](https://example.org)');
  });
  it('passes over lines that say nothing', () => check('---\n```\n[1]\nreal', 'real'));
  it('is empty for an empty note', () => check(' \n', ''));
  it('is cut at a word', () => {
    assert.equal(writeHeadline('word '.repeat(100), 30), 'word word word word word…');
  });
});

describe('Counting words', () => {
  it('leaves out marks and punctuation, and knows languages without spaces', () => {
    assert.equal(countWords('Two **words** [1], [22] – three!', 'en'), 3);
    assert.equal(countWords('Oil fell by 12.5 % in the keeper’s third-order light', 'en'), 9);
    assert.ok(countWords('灯台守の日誌は六年分ある。', 'ja') > 3);
  });
});

describe('The name of a file', () => {
  it('is the decoded end of its address', () => {
    assert.equal(getFileName('file:///a/b%20c.md'), 'b c.md');
    assert.equal(getFileName('untitled:Untitled-1'), 'untitled:Untitled-1');
    assert.equal(getFileName('file:///a/%E0%A4.md'), '%E0%A4.md');
  });
});
