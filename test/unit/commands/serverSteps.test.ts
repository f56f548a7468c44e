import assert from 'node:assert/strict';
import { walkServerSteps, type ServerSteps, type StepAnswer } from '../../../src/commands/serverSteps.ts';

type Text = StepAnswer<{ readonly text: string }>;

/** Steps that answer from lists, and write down what was asked. */
function scripted(
  answers: {
    readonly address?: Text[];
    readonly key?: Text[];
    readonly model?: Text[];
    problem?: ('change' | 'continue')[];
  },
  server: Partial<Pick<ServerSteps, 'listModels' | 'testCall'>> = {},
): { readonly steps: ServerSteps; readonly asked: string[] } {
  const asked: string[] = [];
  const next = <T>(name: string, list: T[] | undefined): Promise<T | undefined> => {
    asked.push(name);
    return Promise.resolve(list?.shift());
  };
  const steps: ServerSteps = {
    askAddress: (before) => next(`address ${before}`, answers.address),
    askKey: (url) => next(`key ${url}`, answers.key),
    pickModel: (models) => next(`model ${models.join(' ')}`, answers.model),
    tellProblem: () => next('problem', answers.problem),
    listModels: server.listModels ?? (() => Promise.resolve(['a', 'b'])),
    testCall: server.testCall ?? (() => Promise.resolve()),
  };
  return { steps, asked };
}

const start = { baseUrl: 'http://127.0.0.1:1/v1', asksAddress: true, needsKey: false };
const url = { text: 'http://127.0.0.1:2/v1' };

describe('setting up a server', () => {
  it('asks for address and model, tests, and asks for no key where the server wants none', async () => {
    const { steps, asked } = scripted({ address: [url], model: [{ text: 'b' }] });
    assert.deepEqual(await walkServerSteps(steps, start), { baseUrl: url.text, key: '', model: 'b' });
    assert.deepEqual(asked, ['address http://127.0.0.1:1/v1', 'model a b']);
  });

  it('asks for a key once the server refuses to tell its models', async () => {
    const { steps } = scripted(
      { address: [url], key: [{ text: 'k' }], model: [{ text: 'a' }] },
      { listModels: (_, key) => Promise.resolve(key === '' ? 'needsKey' : ['a']) },
    );
    assert.deepEqual(await walkServerSteps(steps, start), { baseUrl: url.text, key: 'k', model: 'a' });
  });

  it('goes back from the model to the key and to the address', async () => {
    const { steps, asked } = scripted({
      address: [url, { text: 'http://127.0.0.1:3/v1' }],
      key: [{ text: 'k' }, 'back', { text: 'k2' }],
      model: ['back', { text: 'a' }],
    });
    const draft = await walkServerSteps(steps, { ...start, needsKey: true });
    assert.deepEqual(draft, { baseUrl: 'http://127.0.0.1:3/v1', key: 'k2', model: 'a' });
    assert.equal(asked[4], 'address http://127.0.0.1:2/v1');
  });

  it('changes nothing where a step is closed', async () => {
    const { steps } = scripted({ address: [url], model: [undefined] });
    assert.equal(await walkServerSteps(steps, start), undefined);
  });

  it('lets another model be chosen where the test call fails', async () => {
    const { steps, asked } = scripted(
      { address: [url], model: [{ text: 'a' }, { text: 'b' }], problem: ['change'] },
      { testCall: ({ model }) => (model === 'a' ? Promise.reject(new Error('no')) : Promise.resolve()) },
    );
    assert.equal((await walkServerSteps(steps, start))?.model, 'b');
    assert.ok(asked.includes('problem'));
  });

  it('takes a name that is typed where the server cannot be reached and the person goes on', async () => {
    const { steps } = scripted(
      { address: [url], model: [{ text: 'mine' }], problem: ['continue', 'continue'] },
      { listModels: () => Promise.reject(new Error('down')), testCall: () => Promise.reject(new Error('down')) },
    );
    assert.equal((await walkServerSteps(steps, start))?.model, 'mine');
  });
});
