import assert from 'node:assert/strict';
import { parseCommand, UsageError } from '../../../src/cli/args.ts';

describe('command-line arguments', () => {
  it('make a summarize command with its options', () => {
    const argv = 'a.md docs --provider openai --model m --max-cost 0.5 --no-cache --ask why --allow-host h --json';
    assert.deepEqual(parseCommand(argv.split(' ')), {
      type: 'summarize',
      paths: ['a.md', 'docs'],
      options: { provider: 'openai', model: 'm', maxCostUsd: 0.5, cache: false, allowHosts: ['h'] },
      ask: 'why',
      json: true,
      estimate: false,
      includeKeyFiles: false,
    });
  });

  it('take - as standard input and options before and after the path', () => {
    const command = parseCommand(['--length', 'brief', '-', '--estimate']);
    assert.equal(command.type, 'summarize');
    assert.deepEqual(command.type === 'summarize' && [command.paths, command.options.length, command.estimate], [
      ['-'],
      'brief',
      true,
    ]);
  });

  it('refuse an empty path, which would mean the working folder', () => {
    for (const words of [[''], ['a.md', ''], ['batch', 'submit', '']])
      assert.throws(() => parseCommand(words), /A path is empty/, words.join(' '));
  });

  it('make the commands of batches', () => {
    const submit = parseCommand(['batch', 'submit', 'docs', '--provider', 'openai', '--max-cost', '2']);
    assert.deepEqual(submit, {
      type: 'batch-submit',
      paths: ['docs'],
      options: { provider: 'openai', maxCostUsd: 2 },
      json: false,
      estimate: false,
      includeKeyFiles: false,
    });
    assert.deepEqual(parseCommand(['batch', 'collect', 'precis-1', '--max-tokens', '0', '--wait', '--json']), {
      type: 'batch-job',
      action: 'collect',
      id: 'precis-1',
      json: true,
      now: false,
      wait: true,
      limits: { maxTokens: 0 },
    });
  });

  it('name effort and tier', () => {
    const command = parseCommand(['a', '--effort', 'none', '--tier', 'flex']);
    const options = command.type === 'summarize' ? command.options : {};
    assert.deepEqual(options, { reasoningEffort: 'none', serviceTier: 'flex' });
  });

  it('start the MCP server', () => {
    assert.deepEqual(parseCommand(['mcp', '--max-tokens', '0']), { type: 'mcp', options: { maxTokens: 0 } });
  });

  it('are refused with a sentence where they make no command', () => {
    const wrong: [string[], RegExp][] = [
      [[], /Name a file/],
      [['a', '--nope'], /--nope/],
      [['a', '--length', 'long'], /brief, standard or detailed/],
      [['a', '--effort', 'much'], /auto, none, low, medium or high/],
      [['a', '--tier', 'fast'], /default or flex/],
      [['a', '--max-cost', 'free'], /--max-cost takes a number/],
      [['a', '--max-cost', '-1'], /--max-cost/],
      [['a', '--max-tokens', ''], /--max-tokens takes a number/],
      [['mcp', 'a'], /mcp takes no file/],
      [['mcp', '--json'], /precis mcp takes no --json/],
      [['a', '--now'], /takes no --now/],
      [['batch'], /submit, status, collect or cancel/],
      [['batch', 'wait'], /not "wait"/],
      [['batch', 'submit'], /Name the files/],
      [['batch', 'submit', '-'], /standard input/],
      [['batch', 'submit', 'a', '--ask', 'why'], /takes no --ask/],
      [['batch', 'status', '--model', 'm'], /takes no --model/],
      [['batch', 'collect', 'a', 'b'], /one job: b/],
      [['batch', 'cancel'], /Name the job/],
    ];
    for (const [argv, message] of wrong) {
      assert.throws(
        () => parseCommand(argv),
        (error) => error instanceof UsageError && message.test(error.message),
      );
    }
  });
});
