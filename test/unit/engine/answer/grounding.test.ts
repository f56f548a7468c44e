import assert from 'node:assert/strict';
import { Grounding, type GroundText } from '../../../../src/engine/answer/grounding.ts';
import type { Kind } from '../../../../src/engine/source.ts';

const harbour = `The harbour office ordered a new pump for the ninth of December, and the old one goes to the museum.
Marta Lindqvist said that the crane on the western pier stays closed until spring, because the inspectors of the port found
cracks in two of its wheels. The ferry to the islands will leave from the eastern pier meanwhile, and tickets stay as they are.`;

const textOf = (texts: readonly string[], kind: Kind = 'prose'): GroundText => ({
  chunks: texts.map((text) => ({ text, context: '', part: 0 })),
  kindOf: () => kind,
  titles: 'harbour.txt',
});
const judge = async (claim: string, text: GroundText, cited: number[] = [0], summary = claim) =>
  (await new Grounding(text, summary, async () => undefined).invented(claim, cited))?.word;

describe('A claim that is not in the text', () => {
  const text = textOf([harbour]);
  for (const [title, claim, word] of [
    ['keeps its own words', 'The office of the harbour ordered a pump for December.', undefined],
    [
      'may inflect them',
      'Inspectors found that the wheels of the crane were cracked, so it is closed until the spring.',
      undefined,
    ],
    ['is given away by a name', 'The inspection of the crane was ordered by Captain Ahab for the spring.', 'Captain'],
    [
      'is given away by its topic',
      'It was the story of a young soldier with great courage who faced his enemies and won the battle.',
      'story',
    ],
    ['is not judged by few words', 'It was all about courage.', undefined],
  ] as const)
    it(title, async () => assert.equal(await judge(claim, text), word));

  it('is looked for in the chunks that it cites', async () => {
    const two = textOf([
      'The budget of the city council was approved by all of the members for the coming year.',
      harbour,
    ]);
    const claim = 'The inspectors found cracks in the wheels of the crane on the western pier.';
    assert.equal(await judge(claim, two, [1]), undefined);
    const found = await new Grounding(two, claim, async () => undefined).invented(claim, [0]);
    assert.deepEqual(found, { word: 'inspectors', isNowhere: false, isMost: true });
  });
  it('is not most of it where one name is added to what the text says', async () => {
    const claim = 'Marta Lindqvist from Stockholm said that the crane on the western pier stays closed until spring.';
    const found = await new Grounding(text, claim, async () => undefined).invented(claim, [0]);
    assert.deepEqual(found, { word: 'Stockholm', isNowhere: true, isMost: false });
  });
  it('is not judged where the summary has another language', async () => {
    const german =
      'Das Hafenamt bestellte eine neue Pumpe, und der Kran an der Westmole bleibt bis zum Frühling geschlossen.';
    assert.equal(await judge(german, text), undefined);
  });
  it('is found in text without spaces', async () => {
    const japanese = textOf([
      '港湾事務所は新しいポンプを注文した。西埠頭のクレーンは春まで閉鎖される。検査官は車輪に亀裂を発見した。',
    ]);
    assert.equal(await judge('西埠頭のクレーンは春まで閉鎖、車輪に亀裂。', japanese), undefined);
    assert.ok(await judge('若い兵士が勇気をもって敵軍と戦い、帝国の都市を征服した物語。', japanese));
  });
  it('leaves what describes code to the reader', async () => {
    const code = textOf(['export function retryCall(attempt: number) { return backOff(attempt) * jitter(); }'], 'code');
    assert.equal(
      await judge('It computes how long a call waits before the next attempt, with jitter.', code),
      undefined,
    );
  });
});
