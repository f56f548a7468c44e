/**
 * Seeded cases, two thousand of each kind, ten thousand with PRECIS_LONG. A longer run: PRECIS_FUZZ_CASES=1000000 PRECIS_FUZZ_SEED=7.
 * A failure names its case; PRECIS_FUZZ_CASE=n plays that one alone.
 */
import assert from 'node:assert/strict';
import { takeApart } from '../../src/engine/answer/answer.ts';
import { createCitationWriter, createLocator } from '../../src/engine/answer/citations.ts';
import { ModelError, type ModelCall } from '../../src/engine/model.ts';
import { isBlank } from '../../src/sources/decoding.ts';
import { route } from '../../src/engine/read/detectKind.ts';
import type { Chunk } from '../../src/engine/source.ts';
import { hash } from '../../src/host/hash.ts';
import { loadProvider } from '../../src/providers/index.ts';
import { parseFromPanel, parseToPanel } from '../../src/shared/schema.ts';
import { createPrepare } from '../../src/text/prepare.ts';
import { long } from '../support/long.ts';
import { integer, pick, seeded } from '../support/random.ts';
import type { Random } from '../../src/engine/ports.ts';
import { states } from '../webview/samples.ts';
import { changed, damaged, inPieces, oddAnswer, oddText, oddValue } from './generate.ts';
import { streams } from './streams.ts';

const count = Number(process.env['PRECIS_FUZZ_CASES'] ?? (long ? 10_000 : 2_000));
const seed = Number(process.env['PRECIS_FUZZ_SEED'] ?? 1);
const alone = process.env['PRECIS_FUZZ_CASE'];

/** Each case has a seed of its own, so that one can be played alone. */
async function cases(work: (random: Random) => void | Promise<void>): Promise<void> {
  for (let i = alone === undefined ? 0 : Number(alone); i < count; i++) {
    try {
      const done = work(seeded(Math.imul(seed, 1_000_003) + i));
      if (done) await done;
    } catch (error) {
      throw new Error(
        `case ${i} of seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        {
          cause: error,
        },
      );
    }
    if (alone !== undefined) return;
  }
}

const titles = [
  'a.md',
  'b.ts',
  'c.py',
  'd.log',
  'e.csv',
  'f.json',
  'g.diff',
  'h.txt',
  'i',
  'j.vtt',
  'k.toml',
  'README',
];

/** As it is read: half of a pair is no character, and all ends of lines are one. */
const readable = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/\ufeff/g, '')
    .replace(/\p{Surrogate}/gu, '\ufffd');

describe('arbitrary input', function () {
  this.timeout(count * 20 + 60_000);

  it('is cut into chunks that join to the text, whatever it is', async () => {
    const prepare = createPrepare({ salt: 'fuzz', hash, yield: () => Promise.resolve() });
    await cases(async (random) => {
      const text = oddText(random);
      const part = { title: pick(random, titles), startLine: integer(random, 1, 9), text };
      const done = await prepare(part, new AbortController().signal, () => undefined);
      const joined = done.chunks.map((chunk) => chunk.text).join('');
      if (
        done.foldedLines === 0 &&
        done.masked === 0 &&
        done.invisible === 0 &&
        !text.includes('\u001b') &&
        !done.facts
      )
        assert.equal(joined.replace(/\ufeff/g, ''), isBlank(text) ? '' : readable(text));
      let last = 0;
      for (const chunk of done.chunks) {
        assert.ok(chunk.text.length > 0 && chunk.tokens > 0);
        assert.ok(chunk.startLine >= part.startLine && chunk.startLine <= chunk.endLine && chunk.startLine >= last);
        last = chunk.startLine;
      }
      const end = Math.max(0, ...done.chunks.map((chunk) => chunk.endLine));
      assert.ok(end <= part.startLine + done.lines, `line ${end} of ${done.lines} from ${part.startLine}`);
    });
  });

  it('is of some kind, the same each time', () =>
    cases((random) => {
      const sample = { text: oddText(random), title: pick(random, titles) };
      const kind = route(sample);
      assert.match(kind, /^(code|log|table|json|diff|markdown|prose|transcript|legal|config)$/);
      assert.equal(route(sample), kind);
    }));

  it('as an answer loses no word when it is taken apart, and no part is invented', () =>
    cases((random) => {
      const answer = oddAnswer(random);
      const parts = integer(random, 1, 4);
      const { points, none } = takeApart(answer, parts);
      for (const point of points) {
        assert.ok(point.parts.length > 0);
        for (const n of point.parts) assert.ok(n >= 1 && n <= parts, `part ${n} of ${parts}`);
      }
      const kept = new Set(points.flatMap(({ text }) => text.match(/w\d+/g) ?? []));
      // What stands on a fence's own line names a language.
      const said = answer.split('\n').filter((line) => !/^\s*(```|~~~)/.test(line));
      for (const word of said.join('\n').match(/w\d+/g) ?? [])
        assert.ok(none || kept.has(word), `${word} is lost of ${JSON.stringify(answer)}`);
    }));

  it('as an answer shows no mark that leads nowhere, and the same text in whatever pieces it comes', () => {
    const chunk = (index: number): Chunk => ({
      index,
      part: 0,
      startLine: 10 * index + 1,
      endLine: 10 * index + 3,
      tokens: 20,
      context: '',
      priority: 0,
      text: `w${index} w${index + 1} first line\nw${index + 2} w5 second line\nw${index + 7} third line\n`,
    });
    const locator = createLocator([0, 1, 2, 3].map(chunk));
    const units = [
      { chunks: [0], note: '- w1 noted' },
      { chunks: [1, 2], note: '- w3 noted' },
      { chunks: [3], note: '' },
    ];
    const write = (pieces: readonly string[]): { text: string; ids: number[] } => {
      const told = new Set<number>();
      const writer = createCitationWriter(
        units,
        locator,
        (_, lines) => ({ uri: 'file:///a', ...lines }),
        ({ id }) => void told.add(id),
      );
      let text = '';
      for (const piece of pieces) text += writer.push(piece);
      return { text: text + writer.end(), ids: [...told] };
    };
    return cases((random) => {
      const answer = oddAnswer(random);
      const whole = write([answer]);
      for (const mark of marksShown(whole.text))
        assert.ok(whole.ids.includes(mark), `[${mark}] in ${JSON.stringify(whole.text)}`);
      const pieces = inPieces(random, answer, pick(random, [1, 1, 3, 20]));
      assert.equal(write(pieces).text, whole.text, `in pieces ${JSON.stringify(pieces)}`);
      const words = (text: string): string => (text.match(/w\d+/g) ?? []).join(' ');
      assert.equal(words(whole.text), words(answer), 'no word is lost');
    });
  });

  it('as a stream ends in a finish or a failure of a known kind, the same in whatever packets it comes', async () => {
    const read = await readers();
    await cases(async (random) => {
      const { name, text } = pick(random, streams);
      const bytes = damaged(random, text);
      const one = await read(name, [bytes]);
      const many = await read(name, inPieces(random, bytes, pick(random, [1, 5, 64])));
      assert.deepEqual(many, one, JSON.stringify(Buffer.from(bytes).toString('latin1')));
      assert.match(one.end, /^(stop|length|content-filter|refused|too-long|error: [a-z-]+)$/);
    });
  });

  it('as a message is taken as it should be or dropped with a reason that quotes nothing', () => {
    const valid = Object.values(states).flat();
    return cases((random) => {
      const value = random() < 0.5 ? oddValue(random) : changed(random, pick(random, valid));
      for (const parse of [parseToPanel, parseFromPanel]) {
        const parsed = parse(value);
        if (parsed.type === 'problem') assert.ok(parsed.problem.length < 400);
        else assert.equal(parsed.type, (value as { type: string }).type);
      }
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });
  });
});

/** Marks outside of code; a fence may be indented, as in a list. */
function marksShown(markdown: string): number[] {
  const found: number[] = [];
  let fence = '';
  for (const line of markdown.split('\n')) {
    const run = /^\s*(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      if (line.trim().startsWith(fence) && /^[`~]+$/.test(line.trim())) fence = '';
    } else if (run) fence = run;
    else {
      const plain = line.replace(/(?<!`)(`+)(?!`).*?(?<!`)\1(?!`)/g, '');
      for (const match of plain.matchAll(/\[(\d{1,5})\]/g)) found.push(Number(match[1]));
    }
  }
  return found;
}

interface Read {
  readonly text: string;
  readonly end: string;
}

/** Every adapter with a fetch that answers with these bytes. */
async function readers(): Promise<(name: string, packets: readonly Uint8Array[]) => Promise<Read>> {
  const call: ModelCall = {
    stage: 'map',
    system: 'Take notes.',
    user: 'abcdef0123\n[1]\ntext\nabcdef0123\n',
    maxTokens: 200,
    effort: 'low',
    inputTokens: 20,
    reusable: false,
  };
  let packets: readonly Uint8Array[] = [];
  const fetch = (): Promise<Response> => {
    const left = [...packets];
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const next = left.shift();
        if (next) controller.enqueue(next);
        else controller.close();
      },
    });
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  };
  const made = new Map<string, Awaited<ReturnType<typeof make>>>();
  async function make(id: 'openai' | 'anthropic' | 'openai-compatible') {
    const definition = await loadProvider(id, {});
    const kept = new Map<string, unknown>();
    return definition.create({
      baseUrl: 'https://host.example/v1',
      apiKey: 'sk-test',
      model: 'm',
      contextWindow: 8_192,
      fetch,
      account: id,
      memory: { get: (key) => kept.get(key), set: (key, value) => void kept.set(key, value) },
    });
  }
  return async (name, given) => {
    const model = made.get(name) ?? (await make(name as 'openai'));
    made.set(name, model);
    packets = given;
    let text = '';
    try {
      for await (const event of model.stream(call, new AbortController().signal)) {
        if (event.type === 'text') text += event.text;
        if (event.type === 'retract') text = '';
        if (event.type === 'finish') return { text, end: event.reason };
      }
      return { text, end: 'nothing' };
    } catch (error) {
      if (!ModelError.is(error)) throw error;
      return { text, end: `error: ${error.kind}` };
    }
  };
}
