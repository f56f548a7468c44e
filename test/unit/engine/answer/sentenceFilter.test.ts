import assert from 'node:assert/strict';
import { cleanAnswer, guardModel } from '../../../../src/engine/answer/guardedModel.ts';
import { findRestated } from '../../../../src/engine/answer/sentenceFilter.ts';
import type { ChatModel, ModelCall, ModelEvent } from '../../../../src/engine/model.ts';
import { render } from '../../../../src/engine/prompts/render.ts';
import { renderPlain } from '../../../../src/engine/prompts/plainAsk.ts';

const ask = { words: 89, language: '', shape: '', instructions: '' };
const fence = (): string => 'fence-0815-abc';
const callFor = (text: string): Pick<ModelCall, 'system' | 'user' | 'stop'> =>
  renderPlain('map', [{ text, context: '' }], ask, fence, 'English');
const clean = (text: string, answer: string): string => cleanAnswer(callFor(text), answer).replace(/\n+/g, '\n').trim();

const story = `The Aphrodite was a ship of the Outer Rim, built for interstellar travel, with twenty guns. Lieutenant Hendricks is her
new engineering officer, and Captain Strike flies her from Venus to Mars with mail for the mercury mines.`;
const review = 'The food was excellent, the bed was comfortable, and the hotel is close to the Forum restaurants.';

// The answers below were written by SmolLM2-135M-Instruct.
describe('Sentences of a small model that say nothing', () => {
  it('are dropped where they differ in a word that the text supports, or does not', () => {
    const answer = `The ship's new E/O, Lieutenant Hendricks, is on the planet Venus.

The ship's new E/O, Captain, is on the planet Mars.

The ship's new E/O, Captain, is on the planet Neptune.

The ship's new E/O, Captain, is on the planet Uranus.
`;
    assert.equal(
      clean(story, answer),
      "The ship's new E/O, Lieutenant Hendricks, is on the planet Venus.\nThe ship's new E/O, Captain, is on the planet Mars.",
    );
  });

  it('are dropped with the list items that hold nothing else', () => {
    const answer = `The most important facts of the text are:
1. The hotel is close to the Forum restaurants.
2. The food was excellent in both the hotel and the Consortia, and the Consortia and the Forum restaurants in the hotel.
3. The food was delicious in both the hotel and the Consortia, and the Consortia and the Forum restaurants in the hotel.
4. The bed was comfortable in both the hotel and the Consortia, and the Consortia and the Forum restaurants in the hotel.
- The most important facts of the text are:
- 3.
`;
    const lines = clean(review, answer).split('\n');
    assert.equal(lines.length, 2, lines.join('\n'));
    assert.match(lines[1]!, /^2\. The food was excellent/);
  });

  it('are dropped where they tell about the task', () => {
    for (const echo of [
      'The text is a short, detailed summary of the article.',
      'The text is written in English.',
      'The text contains a list of most important facts.',
      'The most important facts of the text above in English, in at most 86 words.',
      'The summary is in English, in at most 350 words.',
      'The text is as follows:',
    ])
      assert.equal(clean(story, `${echo}\n`), '', echo);
  });

  it('lose the words of the request and keep the rest', () => {
    assert.equal(
      clean(story, 'The guns of the Aphrodite and her captain are presented in English, in at most 350 words.'),
      'The guns of the Aphrodite and her captain are presented.',
    );
    assert.equal(clean(story, 'The text above is a summary of a ship with twenty guns.'), 'A ship with twenty guns.');
  });

  it('keep the first of phrases that they repeat', () => {
    const phrase = ", qui a été découverte à l'histoire de l'établissement";
    const answer = `La facture est celle de la direction du collège${phrase.repeat(6)}. [1]`;
    assert.equal(clean(story, answer), `La facture est celle de la direction du collège${phrase}. [1]`);
    const honest =
      'It was very, very, very cold, and they rowed and rowed to the pier and to the boat and to the ship. ';
    assert.equal(clean(story, honest), honest.trim());
  });

  it('stay where they are only not supported: they are judged and marked', () => {
    const invented = 'The crew found a treasure of gold below the temple of the jungle.';
    assert.equal(clean(story, invented), invented);
  });
});

describe('Sentences that say something', () => {
  it('stay, whatever pieces they come in, with their marks', () => {
    const answer = `# Aphrodite\n\nThe Aphrodite was built for interstellar travel. [1] Hendricks is her new officer. [2]\n
- Node 1 was restarted at 10:02 after 4 errors. [1]\n- Node 2 was restarted at 10:09 after 7 errors. [1]\n
| a | b |\n|---|---|\n| 1 | 2 |\n\n\`\`\`\nrun it\nrun it\n\`\`\`\n`;
    const text = `${story} Node 1 was restarted at 10:02 after 4 errors, node 2 at 10:09 after 7.`;
    assert.equal(cleanAnswer(callFor(text), answer), answer);
  });

  it('keep their mark when the next one goes', () => {
    const answer =
      'The Aphrodite was built for interstellar travel. [1] The text is written in English. [2] Strike flies.';
    assert.equal(clean(story, answer), 'The Aphrodite was built for interstellar travel. [1] Strike flies.');
  });

  it('are not looked at in answers to large models’ requests', () => {
    const call = render('map', [{ text: story, context: '' }], ask, fence);
    const answer = 'The text is written in English. The text is written in English.\n';
    assert.equal(cleanAnswer(call, answer), answer);
  });
});

describe('A row of sentences that say nothing new', () => {
  it('ends the request and counts as a loop', async () => {
    let read = 0;
    const model = {
      provider: 'test',
      model: 'tiny',
      host: 'test',
      account: 'test',
      async *stream(): AsyncGenerator<ModelEvent> {
        yield { type: 'text', text: 'The ship has twenty guns and was built for travel beyond the Rim. ' };
        for (const planet of ['Venus', 'Neptune', 'Uranus', 'Saturn', 'Jupiter', 'Pluto', 'Ceres', 'Vesta']) {
          read += 1;
          yield { type: 'text', text: `The ship's new captain is on the planet ${planet}. ` };
        }
        yield { type: 'finish', reason: 'stop', raw: 'stop', usage: {} };
      },
    } as unknown as ChatModel;
    const events: ModelEvent[] = [];
    const call = { ...callFor(story), inputTokens: 100 } as unknown as ModelCall;
    for await (const event of guardModel(model).stream(call, new AbortController().signal)) events.push(event);
    const text = events.map((event) => (event.type === 'text' ? event.text : '')).join('');
    assert.match(text, /planet Venus/);
    assert.doesNotMatch(text, /Neptune|Uranus/);
    assert.equal(events.at(-1)?.type === 'finish' && events.at(-1), events.at(-1));
    assert.equal((events.at(-1) as { reason: string }).reason, 'repeated');
    assert.ok(read < 8, `${read} sentences were read`);
  });
});

describe('Points of several notes', () => {
  it('count once where they say the same', () => {
    const points = [
      '- The evaluation of a new generation of a language model is a critical aspect.',
      '- The evaluation of the new generation of a language model is critical.',
      '- The evaluation took 12 subjects and five sentences of the journal.',
      '- Yes.',
    ];
    assert.deepEqual(findRestated(points), [false, true, false, false]);
  });
});
