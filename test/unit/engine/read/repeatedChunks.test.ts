import assert from 'node:assert/strict';
import { prepareSource } from '../../../../src/engine/read/prepareSource.ts';
import type { Chunk, PreparedPart, Source } from '../../../../src/engine/source.ts';
import { hash } from '../../../../src/host/hash.ts';
import { createPrepare } from '../../../../src/text/prepare.ts';
import { code, picker, prose, sentence } from '../../../support/corpus.ts';
import { folder, headerLines, licence } from '../../../support/depot.ts';

async function read(source: Source, repeats?: 'each'): Promise<{ parts: PreparedPart[]; chunks: Chunk[] }> {
  const breathe = (): Promise<void> => Promise.resolve();
  const prepare = createPrepare({ salt: 's', hash, yield: breathe });
  const ports = { prepare, signal: new AbortController().signal, yield: breathe };
  return prepareSource(source, ports, () => undefined, ...(repeats === 'each' ? [{}] : []));
}

/** Every line that a chunk tells is the line of the file that it says it is, but for those that stand for others. */
function checkLines(source: Source, chunks: readonly Chunk[]): void {
  for (const chunk of chunks) {
    const lines = (source.parts[chunk.part]!.text as string).split(/\r\n?|\n/);
    const told = chunk.text.split('\n');
    if (told.at(-1) === '') told.pop();
    if (chunk.sourceLines) assert.equal(chunk.sourceLines.length, told.length);
    told.forEach((text, i) => {
      const at = chunk.sourceLines?.[i] ?? chunk.startLine + i;
      if (!/^\[lines? \d/.test(text)) assert.equal(text, lines[at - 1], `line ${at} of part ${chunk.part}`);
    });
  }
}

describe('what stands in several files of a folder', () => {
  const two = (a: string, b: string): Source => folder({ 'src/a.ts': a, 'src/b.ts': b });
  const checkTold = async (source: Source, told: string | undefined): Promise<void> => {
    const { chunks } = await read(source);
    checkLines(source, chunks);
    const last = chunks.find((chunk) => chunk.part === source.parts.length - 1)!;
    if (told === undefined) assert.equal(last.repeat, undefined, last.text.slice(0, 200));
    else
      assert.equal(
        last.text.split('\n').find((line) => line.startsWith('[line')),
        told,
      );
  };

  it('is read in the first, and told in one line in the others, with exact lines and figures', async () => {
    const [a, b, c] = [1, 2, 3].map((seed) => code(seed, 2_000));
    const source = folder({
      'src/a.ts': licence(2024, 'a.ts') + a,
      'src/b.ts': licence(2026, 'b.ts') + b,
      'lib/c.ts': licence(2024, 'a.ts') + c,
    });
    const plain = await read(source, 'each');
    const { parts, chunks } = await read(source);
    checkLines(source, chunks);
    assert.deepEqual(parts[0], plain.parts[0]);
    assert.deepEqual(
      parts.map(({ foldedLines, lines }) => [foldedLines, lines]),
      plain.parts.map(({ lines }, i) => [i === 0 ? 0 : headerLines, lines]),
    );
    assert.equal(
      chunks.find(({ part }) => part === 1)!.text,
      `[lines 1–7: same as in src/a.ts, but for the year or the file’s name]\n${b}`,
    );
    assert.equal(chunks.find(({ part }) => part === 2)!.text, `[lines 1–7: same as in src/a.ts]\n${c}`);
    const { startLine, endLine, tokens } = chunks.find(({ part }) => part === 1)!;
    const before = plain.chunks.find(({ part }) => part === 1)!;
    assert.deepEqual([startLine, endLine], [before.startLine, before.endLine]);
    assert.ok(tokens < before.tokens - 20, `${tokens} of ${before.tokens}`);
  });

  it('is found behind an interpreter line, in another form of comment, and in a text that is not held', async () => {
    const hashes = licence(2020, 'x')
      .replaceAll(/^\/\*\n|^ \*\/\n/gm, '')
      .replaceAll(/^ \*/gm, '#');
    const pieces = async function* (): AsyncGenerator<string> {
      yield `#!/usr/bin/env python3\n${hashes.slice(0, 100)}`;
      yield `${hashes.slice(100)}import os\n`;
    };
    const source = folder({ 'a.ts': licence(2020, 'x') + code(1, 900), 'b.py': () => pieces() });
    const { chunks, parts } = await read(source);
    assert.equal(
      chunks.at(-1)!.text,
      '#!/usr/bin/env python3\n[lines 2–6: same as in a.ts, but for the year or the file’s name]\nimport os\n',
    );
    assert.deepEqual(chunks.at(-1)!.sourceLines, [1, 2, 7]);
    assert.equal(parts[1]!.foldedLines, 5);
  });

  it('a first paragraph is one too, word for word', async () => {
    const [lead, other] = [1, 2].map((seed) => prose(seed, 300).split('\n\n')[0]!);
    await checkTold(
      folder({ 'a.md': `${lead}\n\nOne.\n`, 'b.md': `${lead}\n\nTwo.\n` }),
      `[lines 1–${lead!.split('\n').length}: same as in a.md]`,
    );
    await checkTold(folder({ 'a.md': `${lead}\n\nOne.\n`, 'b.md': `${other}\n\nTwo.\n` }), undefined);
    await checkTold(folder({ 'a.md': `${lead}\n\nOne.\n`, 'b.md': `${lead} 7\n\nTwo.\n` }), undefined);
  });

  it('another version of a licence, another holder and another figure are not the same', async () => {
    const head = licence(2024, 'x');
    await checkTold(two(head, head.replace('Version 2.0', 'Version 3.0') + code(2, 500)), undefined);
    await checkTold(two(head, head.replace('Depot Authors', 'Harbour Authors') + code(2, 500)), undefined);
    const limits = (n: number): string =>
      `/**\n * Retries of this depot wait ${n} ms before the next one is sent, and at most eight of them\n * are open at any time, whatever the queue holds.\n */\n`;
    await checkTold(two(limits(250) + code(1, 500), limits(300) + code(2, 500)), undefined);
    await checkTold(two(limits(250) + code(1, 500), limits(250) + code(2, 500)), '[lines 1–4: same as in src/a.ts]');
  });

  it('short comments, a single file, selections and changes stay as they are', async () => {
    await checkTold(two('// Copyright 2024 A\n\nlet a = 1;\n', '// Copyright 2024 A\n\nlet b = 2;\n'), undefined);
    const text = licence(2024, 'a.ts') + code(1, 9_000);
    for (const source of [
      folder({ 'a.ts': text }),
      folder({ a: text, b: text }, 'text'),
      folder({ a: text, b: text }, 'changes'),
    ])
      assert.deepEqual(await read(source), await read(source, 'each'));
  });

  it('a header of a log, a table or a change is none', async () => {
    const rows = `id,name,amount,a column with a long name,another column with a long name,and a third one of the same kind\n${'1,a,2,3,4,5\n'.repeat(40)}`;
    await checkTold(folder({ 'a.csv': rows, 'b.csv': `${rows}2,b,3,4,5,6\n` }), undefined);
  });

  it('a piece of text is told where it stands first', async () => {
    const text = code(5, 20_000);
    const source = folder({ 'lib/a.ts': text, 'old/a.ts': text, 'c.ts': code(6, 600) });
    const { parts, chunks } = await read(source);
    checkLines(source, chunks);
    const own = chunks.filter(({ part }) => part === 1);
    assert.ok(own.length > 1);
    const first = chunks.filter(({ part }) => part === 0);
    own.forEach((chunk, i) => {
      const { startLine, endLine } = first[i]!;
      assert.equal(
        chunk.text,
        `[lines ${startLine}–${endLine}: same as lines ${startLine}–${endLine} of lib/a.ts]${first[i]!.text.endsWith('\n') ? '\n' : ''}`,
      );
      assert.equal(chunk.repeat!.read, first[i]!.text);
    });
    assert.equal(parts[1]!.foldedLines, parts[1]!.lines);
    assert.deepEqual([parts[0]!.foldedLines, parts[2]!.foldedLines], [0, 0]);
  });
});

describe('whatever a folder holds', () => {
  const words = (text: string): string => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ');
  const plain = (text: string, title: string): string =>
    words(text.replaceAll(/\b(?:19|20)\d\d\b/g, ' ').replaceAll(title, ' '));

  /** Files that begin with some of a few comments and paragraphs, whole or altered, and go on alike or not. */
  function made(seed: number): Source {
    const pick = picker(seed);
    const leads = [
      licence(2020, 'shared'),
      `${licence(2021, 'shared').replace('Version 2.0', 'Version 1.1')}\n`,
      `// ${sentence(pick)}\n// ${sentence(pick)}\n// ${sentence(pick)}\n`,
      `"""${sentence(pick)}\n${sentence(pick)} ${sentence(pick)}\n"""\n\n`,
      `${sentence(pick)} ${sentence(pick)} ${sentence(pick)}\n${sentence(pick)}\n\n`,
      '#!/bin/sh\n',
      '\n',
    ];
    const bodies = [1, 2, 3].map((n) => code(seed * 10 + n, pick.between(10, 6_000)));
    const file = (i: number): [string, string] => {
      const title = `${pick.one(['src', 'lib'])}/f${i}.${pick.one(['ts', 'py', 'md', 'txt', 'yaml'])}`;
      const lead = Array.from({ length: pick.whole(3) }, () => pick.one(leads)).join('');
      const own = lead.replaceAll('shared', title).replaceAll(/20\d\d/g, String(2019 + pick.whole(8)));
      const text = own + pick.one(bodies) + (pick.whole(3) === 0 ? sentence(pick) : '');
      return [title, pick.whole(5) === 0 ? text.replaceAll('\n', '\r\n') : text];
    };
    return folder(Object.fromEntries(Array.from({ length: 9 }, (_, i) => file(i))));
  }

  it('every line is read where it stands, or said to be one that an earlier file was read with', async () => {
    let told = 0;
    for (let seed = 1; seed <= 10; seed++) {
      const source = made(seed);
      const texts = source.parts.map((part) => (part.text as string).replace(/\n$/, '').split('\n'));
      const { parts, chunks } = await read(source);
      const each = await read(source, 'each');
      const hidden = new Map<number, number>();
      chunks.forEach((chunk, i) => {
        const before = each.chunks[i]!;
        assert.deepEqual([chunk.part, chunk.startLine, chunk.endLine], [before.part, before.startLine, before.endLine]);
        if (!chunk.repeat) return assert.equal(chunk.text, before.text);
        assert.equal(chunk.repeat.whole, before.text);
        const lines = texts[chunk.part]!;
        const stubs = chunk.text.split('\n').filter((line) => /^\[lines? \d/.test(line));
        let gone = 0;
        for (const stub of stubs) {
          const said = /^\[lines? (\d+)(?:–(\d+))?: same as (?:in|lines? (\d+)(?:–(\d+))? of) ([^\],]+)/.exec(stub);
          // a repeat within the file is not ours
          if (!said) continue;
          const [, a, b = a, c, d = c, title] = said;
          const own = lines.slice(Number(a) - 1, Number(b)).join('\n');
          const other = source.parts.findIndex((part) => part.title === title);
          assert.ok(other >= 0 && other < chunk.part, stub);
          const there = c ? texts[other]!.slice(Number(c) - 1, Number(d)).join('\n') : texts[other]!.join('\n');
          assert.ok(plain(there, title!).includes(plain(own, source.parts[chunk.part]!.title)), stub);
          gone += Number(b) - Number(a) + 1;
          told++;
        }
        assert.equal(gone, chunk.repeat.lines);
        hidden.set(chunk.part, (hidden.get(chunk.part) ?? 0) + gone);
      });
      checkLines(
        source,
        chunks.filter((chunk) => chunk.repeat),
      );
      parts.forEach((part, i) =>
        assert.equal(part.foldedLines, each.parts[i]!.foldedLines + (hidden.get(i) ?? 0), `part ${i} of seed ${seed}`),
      );
    }
    assert.ok(told > 12, `${told} passages were told in a line`);
  });
});
