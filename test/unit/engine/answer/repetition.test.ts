import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cutLoop, RepetitionGuard } from '../../../../src/engine/answer/repetition.ts';
import * as corpus from '../../../support/corpus.ts';
import { seeded } from '../../../support/random.ts';
import { measureMs } from '../../../support/processorTime.ts';

const start = 'The paper discusses an automated thesaurus. It finds compositional phrases in three corpora. ';

interface Stop {
  readonly keep: number;
  /** UTF-16 units that had arrived. */
  readonly at: number;
}

function watch(answer: string, pieceLength = 7): Stop | undefined {
  const guard = new RepetitionGuard();
  for (let at = 0; at < answer.length; at += pieceLength) {
    const keep = guard.push(answer.slice(at, at + pieceLength));
    if (keep !== undefined) return { keep, at: Math.min(answer.length, at + pieceLength) };
  }
  return undefined;
}

/** A loop after an honest beginning is found soon after its third repetition, and the beginning is kept. */
function checkLoop(unit: (i: number) => string, name: string): void {
  const copies = Array.from({ length: 1200 }, (_, i) => unit(i));
  const answer = start + copies.join('');
  const stop = watch(answer);
  assert.ok(stop, `${name}: no loop found`);
  const third = start.length + copies.slice(0, 3).join('').length;
  const charactersPerToken = /[\u3040-\u9fff]/.test(answer) ? 1 : 4;
  assert.ok(stop.at <= third + 100 * charactersPerToken, `${name}: found ${stop.at - third} characters late`);
  assert.ok(stop.keep >= start.length - 1 && stop.keep <= third, `${name}: keeps ${stop.keep} of ${third}`);
  assert.ok(cutLoop(answer, stop.keep).startsWith(start.trim()), name);
}

describe('the repetition guard', () => {
  it('finds words, phrases, sentences and paragraphs that repeat', () => {
    checkLoop(() => 'courage ', 'a word');
    checkLoop(() => 'a story of courage and sacrifice, ', 'a phrase');
    checkLoop(() => 'The crew of the tug waited at the pier and looked. ', 'a sentence');
    checkLoop(() => `${corpus.prose(5, 700).replaceAll('\n', ' ').trim()}\n\n`, 'a paragraph');
  });

  it('finds every period from 1 to 150 words', () => {
    for (let words = 1; words <= 150; words += 7) {
      const random = seeded(words);
      const unit = Array.from({ length: words }, (_, i) => `w${i}x${Math.floor(random() * 1e6).toString(36)}y`).join(
        ' ',
      );
      checkLoop(() => `${unit} `, `${words} words`);
    }
  });

  it('finds lists whose items repeat, in order or not', () => {
    checkLoop((i) => `- ${['The crew waited at the pier', 'The crane stayed closed'][i % 2]}\n`, 'two items in turn');
    const items = [
      'waits for the ferry at night',
      'repairs the lamp of the tower',
      'writes down every ship that passes',
    ];
    const random = seeded(3);
    const list = Array.from({ length: 60 }, () => `- The keeper ${items[Math.floor(random() * 3)]!}\n`).join('');
    const stop = watch(start + list);
    assert.ok(stop && stop.at < start.length + list.length / 2);
  });

  it('finds growing numbers with equal text', () => {
    checkLoop((i) => `${i + 1}. The story is about courage and sacrifice.\n`, 'a numbered list');
    checkLoop((i) => `Step ${i + 1}: open the valve and wait for the pressure. `, 'steps');
    assert.ok(watch(`${start}Years: ${Array.from({ length: 200 }, (_, i) => `${1900 + i}:`).join(' ')} `), 'years');
    assert.equal(watch(`${start}Years: ${Array.from({ length: 40 }, (_, i) => `${1900 + i}:`).join(' ')} `), undefined);
  });

  it('finds loops in scripts without spaces', () => {
    checkLoop(() => '勇気と犠牲の物語であり、', 'Japanese');
    checkLoop(() => '这是一个关于勇气的故事。', 'Chinese');
  });

  it('keeps whole sentences of the text before the loop', () => {
    const answer = `${start}It is a story of courage, a story of courage, a story of courage`;
    assert.equal(cutLoop(answer, answer.indexOf(', a story') + 1), start.trim());
    assert.equal(cutLoop('- One point is made. [1]\n- Another, another', 40), '- One point is made. [1]');
    assert.equal(cutLoop('courage courage courage', 7), '');
  });

  it('passes tables, code, JSON, rules, refrains, change lists and CJK text', () => {
    const rows = Array.from({ length: 80 }, (_, i) => `| ${i} | yes | no | 0 |`).join('\n');
    const texts = {
      table: `| n | a | b | c |\n|---|---|---|---|\n${rows}\n`,
      wideTable: `| ${'-'.repeat(900)} | ${'-'.repeat(900)} |\n`,
      json: JSON.stringify(
        Array.from({ length: 60 }, (_, i) => ({ id: i, ok: true, tags: [] })),
        undefined,
        2,
      ),
      fenced: `\`\`\`\n${'  }\n'.repeat(30)}\`\`\`\n`,
      rules: `one\n\n---\n\ntwo\n\n---\n\nthree\n\n${'='.repeat(200)}\n`,
      poem: 'Row, row, row your boat\nGently down the stream\nMerrily, merrily, merrily, merrily\nLife is but a dream\n'.repeat(
        2,
      ),
      changes: Array.from(
        { length: 40 },
        (_, i) => `## 1.${i}.0\n\n### Patch Changes\n\n- Updated dependencies\n- Updated documentation of the module\n`,
      ).join('\n'),
      releases: Array.from({ length: 40 }, (_, i) => `- Release 4.${i}.0 is replaced by 4.${i}.1\n`).join(''),
      chinese: corpus.chinese(1, 20_000),
    };
    for (const [name, text] of Object.entries(texts)) assert.equal(watch(text), undefined, name);
  });

  it('passes the pages and sources of installed packages', () => {
    const folder = fileURLToPath(new URL('../../../../node_modules', import.meta.url));
    const texts: string[] = [];
    const files = ['README.md', 'CHANGELOG.md', 'LICENSE', 'package.json', 'index.js', 'index.d.ts', 'changelog.md'];
    const packages = readdirSync(folder).sort();
    for (const name of packages) {
      for (const file of files) {
        const path = join(folder, name, file);
        if (existsSync(path) && statSync(path).size > 1000) texts.push(readFileSync(path, 'utf8').slice(0, 4_000));
      }
      if (texts.length >= 220) break;
    }
    assert.ok(texts.length >= 200, String(texts.length));
    assert.deepEqual(
      texts.filter((text) => watch(text, 400)).map((text) => text.slice(0, 80)),
      [],
    );
  });

  it('takes linear time', () => {
    const text = corpus.prose(1, 100_000);
    const guard = new RepetitionGuard();
    const ms = measureMs(() => assert.equal(guard.push(text), undefined));
    assert.ok(ms < 5_000, `${ms} ms`);
  });
});
