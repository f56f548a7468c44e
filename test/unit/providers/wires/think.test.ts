import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createThinkFilter } from '../../../../src/providers/wires/think.ts';
import { measureMs } from '../../../support/processorTime.ts';

const seed = 20261130;
const thought = 'We need to summarize the mail. Let me list facts [1].';
const answer = '- The pump P-77 arrives on 9 December. [1]\n- The crack was found on 2 November. [2]\n';

/** How each family writes a thought: its opening mark, what ends it, and what may follow the answer. */
const families: readonly [family: string, open: string, close: string, end?: string][] = [
  ['DeepSeek, Qwen, GLM', '<think>', '</think>'],
  ['prompts made for Claude', '<thinking>', '</thinking>'],
  ['EXAONE', '<thought>\n', '\n</thought>\n'],
  ['gateways', '<reasoning>', '</reasoning>'],
  ['Hermes', '<REASONING_SCRATCHPAD>', '</REASONING_SCRATCHPAD>'],
  ['Seed-OSS', '<seed:think>', '</seed:think>'],
  ['LongCat', '<longcat_think>', '</longcat_think>\n'],
  ['Magistral', '[THINK]', '[/THINK]'],
  ['Kimi', '◁think▷', '◁/think▷'],
  ['Command A', '<|START_THINKING|>', '<|END_THINKING|><|START_RESPONSE|>', '<|END_RESPONSE|>'],
  ['OpenThinker', '<|begin_of_thought|>', '<|end_of_thought|>\n<|begin_of_solution|>', '<|end_of_solution|>'],
  ['Apertus', '<|inner_prefix|>', '<|inner_suffix|>'],
  ['Gemma 4', '<|channel>thought\n', '<channel|>', '<turn|>'],
  ['Gemma on LiteRT', '<|think|>', '<|/think|>'],
  ['MedGemma', '<unused94>thought\n', '<unused95>'],
  ['gpt-oss', '<|channel|>analysis<|message|>', '<|end|><|start|>assistant<|channel|>final<|message|>', '<|return|>'],
  [
    'gpt-oss with two thoughts',
    '<|start|>assistant<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>commentary<|message|>',
    '<|end|><|start|>assistant<|channel|>final <|constrain|>text<|message|>',
  ],
];
/** Spellings that only their opening mark gives away. */
const opened: typeof families = [
  ['gpt-oss without its special marks', 'analysis', 'assistantfinal'],
  ['Open WebUI', '<details type="reasoning" done="true">', '</details>\n'],
  ['Granite', 'Here is my thought process:', 'Here is my response:'],
  ['a tag with attributes', '<think duration="2">', '</think>'],
  ['Hunyuan', '<think>', '</think>\n<answer>', '</answer>'],
  ['two thoughts', '<think>Hm.</think>\n<think>', '</think>'],
];

/** What a person sees of an answer that comes in these pieces. */
function shown(pieces: readonly string[]): { text: string; voids: number } {
  let text = '';
  let voids = 0;
  let isVoid = false;
  const filter = createThinkFilter(false, () => (isVoid = true));
  for (const piece of [...pieces, undefined]) {
    const visible = piece === undefined ? filter.end() : filter.push(piece);
    text = isVoid ? visible : text + visible;
    voids += Number(isVoid);
    isVoid = false;
  }
  return { text, voids };
}

function checkShown(text: string, expected: string): void {
  const check = (pieces: readonly string[]): void =>
    assert.deepEqual(shown(pieces).text.trimEnd(), expected.trimEnd(), JSON.stringify(pieces));
  check([text]);
  check([...text]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: text.length }), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      check(at.slice(1).map((end, n) => text.slice(at[n], end)));
    }),
    { seed, numRuns: 40 },
  );
}

describe('thoughts in the answer', () => {
  for (const [family, open, close, end = ''] of [...families, ...opened]) {
    it(`are left out as ${family} writes them`, () => checkShown(open + thought + close + answer + end, answer));
  }
  for (const [family, , close, end = ''] of families) {
    it(`are left out without their opening mark as ${family} writes them`, () => {
      checkShown(thought + close + answer + end, answer);
      assert.equal(shown([thought, close + answer + end]).voids, 1);
    });
  }
  it('that never end are not shown', () => {
    for (const [, open] of families) assert.equal(shown([open, thought]).text, '');
  });
  it('are no thoughts where the answer speaks of their marks', () => {
    for (const text of [
      'The tag <think>x</think> is HTML-like.',
      'The parser looks for `</think>`.\n\nIt ignores `[/THINK]` and `<|end|>` in code.',
      'A closing </think> tag is missing in line 4. [1]',
      'Analysis of the log: 3 errors. [1]',
      'analysis of the log: 3 errors. [1]',
      '<table> begins on line 3.',
      'The array a[0] < b holds; the list ends with [',
      'The file ends with <|endoftext|> twice, says line 4. [1]',
    ]) {
      checkShown(text, text);
    }
  });
  it('leave a bare beginning of a mark alone when the answer ends with it', () => {
    for (const text of ['<thin', '<', 'a <', 'It is [/THI', 'x ◁/th']) checkShown(text, text);
  });
  it('cost linear time', () => {
    const run = (size: number): void => {
      const filter = createThinkFilter(false, () => undefined);
      for (let n = 0; n < size; n++) filter.push(n % 2 === 0 ? ' '.repeat(50) : '`</think>` <|chan[/TH');
      filter.end();
    };
    const time = (size: number): number =>
      Math.min(
        measureMs(() => run(size)),
        measureMs(() => run(size)),
      );
    run(500);
    const [small, large] = [time(1000), time(8000)];
    assert.ok(large < small * 40 + 50, `${small} ms, eight times as much ${large} ms`);
  });
});
