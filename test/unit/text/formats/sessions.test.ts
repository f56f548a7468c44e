import assert from 'node:assert/strict';
import { readText } from '../../../support/formats.ts';

const lines = (...records: readonly unknown[]): string => records.map((one) => `${JSON.stringify(one)}\n`).join('');

describe('Logs of agents', () => {
  const session = { sessionId: 's1', parentUuid: null, timestamp: '2026-03-01T10:00:00.000Z' };
  const claude = lines(
    { type: 'user', ...session, message: { role: 'user', content: 'Fix the failing test' } },
    { type: 'user', ...session, isMeta: true, message: { role: 'user', content: 'Caveat: made by the program' } },
    {
      type: 'assistant',
      ...session,
      message: {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm' },
          { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'npm test' } },
        ],
      },
    },
    {
      type: 'user',
      ...session,
      message: {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 't1', is_error: true, content: '1 failing' }],
      },
    },
    {
      type: 'assistant',
      ...session,
      timestamp: '2026-03-01T10:05:00.000Z',
      message: {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 't2', name: 'Edit', input: { file_path: '/a/b.ts' } }],
      },
    },
    {
      type: 'assistant',
      ...session,
      message: { role: 'assistant', content: [{ type: 'text', text: 'The test passes.' }] },
    },
  );

  it('tell what was asked, what failed, what was changed and how it ended', async () => {
    const { points, text } = await readText('session.jsonl', claude);
    assert.deepEqual(points, [
      'Session with an agent: 1 request, 1 answer, 2 tool calls (Bash 1, Edit 1), 1 of them failed; 2026-03-01 10:00 to 2026-03-01 10:00.',
      'At the end: The test passes.',
      'Fix the failing test',
      'Bash npm test failed: 1 failing',
      '/a/b.ts',
    ]);
    assert.match(text, /Agent: uses Bash: npm test/);
    assert.doesNotMatch(text, /Caveat|thinking/);
  });

  it('are read as items and their outputs too', async () => {
    const item = (payload: unknown): unknown => ({ timestamp: '2026-03-01T10:00:00Z', type: 'response_item', payload });
    const { points } = await readText(
      'rollout.txt',
      lines(
        { timestamp: '2026-03-01T10:00:00Z', type: 'session_meta', payload: { id: 'x' } },
        item({ type: 'message', role: 'user', content: [{ type: 'input_text', text: 'List files' }] }),
        item({ type: 'function_call', name: 'shell', arguments: '{"command":["ls","/no"]}', call_id: 'c' }),
        item({
          type: 'function_call_output',
          call_id: 'c',
          output: '{"output":"no such file","metadata":{"exit_code":2}}',
        }),
        item({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'There is none.' }] }),
      ),
    );
    assert.equal(
      points?.[0]?.startsWith('Session with an agent: 1 request, 1 answer, 1 tool call (shell 1), 1 of them failed'),
      true,
    );
    assert.equal(points?.[3], 'shell ls /no failed: no such file');
  });

  it('say how many lines are damaged, and state nothing where most are', async () => {
    const cut = await readText('session.jsonl', claude + '{"type":"user","sess');
    assert.equal(cut.points?.[1], '1 line could not be read.');
    const broken = await readText('session.jsonl', claude.replaceAll('"}', '"'));
    assert.equal(broken.points, undefined);
  });
});

describe('Recordings of a terminal', () => {
  const events: readonly (readonly [number, string])[] = [
    [0.2, '\u001b[?2004h\u001b[34mproj\u001b[m$ '],
    [0.5, 'npx'],
    [0.8, '\b\u001b[K'],
    [0.9, 'm test\r\n'],
    [1.0, '\r10 %\u001b[K'],
    [1.1, '\r\u001b[K\u001b[3'],
    [1.4, '1mError: 2 tests failed\u001b[0m\r\n'],
    [2, 'proj$ git push\r\nup to date\r\n'],
  ];

  it('tell commands and failures of what was shown, each version in its own time', async () => {
    const told = ['npm test', 'git push', 'Error: 2 tests failed'];
    const two = lines({ version: 2, width: 80, height: 24 }, ...events.map(([time, text]) => [time, 'o', text]));
    const read = await readText('demo.txt', two);
    assert.deepEqual(read.points, ['Terminal recording, 2 s.', ...told]);
    assert.equal(read.text.endsWith('proj$ npm test\nError: 2 tests failed\nproj$ git push\nup to date\n'), true);
    const three = lines({ version: 3, term: { cols: 80 } }, ...events.map(([, text]) => [0.5, 'o', text]));
    assert.deepEqual((await readText('demo.cast', three)).points, ['Terminal recording, 4 s.', ...told]);
    const one = JSON.stringify({ version: 1, width: 80, stdout: events.map(([, text]) => [1, text]) });
    assert.deepEqual((await readText('demo.json', one)).points, ['Terminal recording, 8 s.', ...told]);
  });

  it('state nothing where a line in the middle is damaged', async () => {
    const text = lines({ version: 2, width: 80 }, [0.1, 'o', 'a\r\n']) + '[0.2, "o", "b\n' + lines([0.3, 'o', 'c']);
    assert.equal((await readText('demo.cast', text)).points, undefined);
  });
});
