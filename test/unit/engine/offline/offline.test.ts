import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fold } from '../../../../src/engine/read/fold/index.ts';
import { type OfflineInput, type OfflinePart, summarizeOffline } from '../../../../src/engine/offline/index.ts';
import { createWording, offlinePhrases } from '../../../../src/engine/offline/phrases.ts';
import { splitSentences } from '../../../../src/engine/offline/sentences.ts';
import { english } from '../../../../src/engine/messages.ts';
import type { Kind } from '../../../../src/engine/source.ts';
import { buildLog, seeded } from '../read/fold/logs.ts';

const yieldToEventLoop = (): Promise<void> => Promise.resolve();
const most = { brief: 120, standard: 350, detailed: 900 } as const;

async function partOf(kind: Kind, text: string, title = 'text.txt'): Promise<OfflinePart> {
  const folded = await fold(kind, text, yieldToEventLoop);
  const lines = text.split('\n').length;
  const chunk = {
    text: folded?.text ?? text,
    startLine: 1,
    endLine: lines,
    sourceLines: folded?.sourceLines,
    tokens: 1,
    context: '',
    priority: 0,
  };
  return {
    title,
    prepared: {
      kind,
      chunks: [chunk],
      lines,
      foldedLines: folded?.foldedLines ?? 0,
      masked: 0,
      invisible: 0,
      length: text.length,
      facts: folded?.facts ?? '',
      ...(folded?.log ? { log: folded.log } : {}),
      ...(folded?.table ? { table: folded.table } : {}),
    },
  };
}

async function checkSummary(parts: OfflinePart[], length: OfflineInput['length'], question?: string): Promise<string> {
  const pieces = await summarizeOffline({ parts, length, question }, yieldToEventLoop);
  const markdown = pieces.map((piece) => piece.text).join('');
  assert.ok(markdown.split(/\s+/).length <= most[length] * 1.25, `${markdown.split(/\s+/).length} words`);
  for (const piece of pieces) {
    if (/^\s*- /.test(piece.text)) assert.ok(piece.cite && piece.cite.length > 0, `cites: ${piece.text}`);
    for (const { part, startLine, endLine } of piece.cite ?? []) {
      const lines = parts[part]?.prepared.lines ?? 0;
      assert.ok(
        startLine >= 1 && endLine >= startLine && endLine - startLine < 20 && startLine <= lines,
        `${startLine}–${endLine} of ${lines}`,
      );
    }
  }
  return markdown;
}

describe('A summary without a model', () => {
  describe('code', testCode);
  describe('other kinds', testKinds);
  describe('safety', testSafety);
  describe('sentences', testSentences);
  describe('meetings and diffs', testDecisions);
  describe('wording', testWording);
});

function testCode(): void {
  it('of code says its purpose and its public interface with their comments', async () => {
    const code = `/*\n * Copyright 2024 Somebody. Licensed under MIT.\n */\n/** Keeps recent answers on disk. Second sentence. */\nimport { a } from './a';\nimport fs from 'node:fs';\n\n/** Opens the store, creating it where it is missing. */\nexport function openStore(path: string): Store {\n  return inner(path);\n}\n\nexport class Store {\n  /** Reads one entry. */\n  get(key: string): string {\n    return key;\n  }\n}\n\nfunction inner(path: string): Store {\n  // TODO: lock the file\n  return new Store();\n}\n`;
    const markdown = await checkSummary([await partOf('code', code, 'src/store.ts')], 'standard');
    assert.match(markdown, /^Keeps recent answers on disk\./);
    assert.match(
      markdown,
      /## Public interface\n\n?- `function openStore\(path: string\): Store`: Opens the store, creating it where it is missing\./,
    );
    assert.match(markdown, /`class Store`/);
    assert.match(markdown, /## Inside\n\n?- `function inner/);
    assert.match(markdown, /`node:fs`/);
    assert.match(markdown, /TODO lock the file/);
    assert.doesNotMatch(markdown, /Copyright/);
  });

  it('of code tells no private name, no package and no licence as its interface', async () => {
    const summaryOf = async (code: string): Promise<string> => checkSummary([await partOf('code', code)], 'standard');
    const c = `/*\n  Copyright (c) A\n\n  The above copyright notice and this permission notice shall be included in all copies.\n*/\n#include <stdio.h>\nstruct item *next;\nAPI(int) parse(const char *text,\n  int length);\n`;
    assert.match(await summaryOf(c), /^Defines `parse`\.[^]*- `API\(int\) parse\(/);
    assert.doesNotMatch(await summaryOf(c), /struct item|above copyright/);
    const rust = `//! Counts things.\n\nuse std::io;\n\nstruct Hidden {\n  a: i32,\n}\n\npub fn count(\n    from: i32,\n    to: i32,\n) -> i32 {\n  to - from\n}\n`;
    assert.match(
      await summaryOf(rust),
      /Public interface\n\n- `pub fn count\(from: i32, to: i32\) -> i32`[^]*Inside\n\n- `struct Hidden`/,
    );
    const kotlin = `package a\n\n/** Waits for a while and gives up. */\nexpect open class Timeout {\n  fun wait(ms: Int): Boolean\n}\n`;
    const told = await summaryOf(kotlin);
    assert.match(told, /^Waits for a while and gives up\.[^]*Public interface\n\n- `expect open class Timeout`/);
    assert.doesNotMatch(told, /package a/);
    const ruby = `# frozen_string_literal: true\n\n# external dependencies\nrequire 'rack'\n\nmodule Outer\n  # Shows what went wrong to a reader.\n  class Shown\n    def call(env)\n    end\n  end\nend\n`;
    assert.match(await summaryOf(ruby), /^Shows what went wrong to a reader\./);
  });

  it('of code tells the members of a type by what each language marks', async () => {
    const summaryOf = async (code: string): Promise<string> => checkSummary([await partOf('code', code)], 'standard');
    const cpp = `// Copyright 2020 A. All rights reserved.\n#include <string>\n\nnamespace db {\n\n// Holds changes that are applied together.\nclass EXPORT Batch {\n public:\n  Batch();\n\n  // Stores a value.\n  void Put(const Slice& key,\n           const Slice& value);\n\n private:\n  void Grow(int by);\n};\n\nnamespace {\nint Hidden(int a) {\n  return a;\n}\n}  // namespace\n}  // namespace db\n`;
    const batch = await summaryOf(cpp);
    assert.match(batch, /^Holds changes that are applied together\./);
    assert.match(batch, /- `void Put\(const Slice& key, const Slice& value\)`: Stores a value\./);
    assert.doesNotMatch(batch, /Grow|Public interface[^]*Hidden[^]*Inside/);
    const elixir = `defmodule Plug.Html do\n  @moduledoc """\n  Conveniences for writing pages.\n  """\n\n  @doc """\n  Escapes a text.\n  """\n  def escape(text), do: text\n\n  def escape(:nothing), do: ""\n\n  defp inner(text), do: text\nend\n`;
    const html = await summaryOf(elixir);
    assert.match(html, /^Conveniences for writing pages\.[^]*- `def escape\(text\), do: text`: Escapes a text\./);
    assert.doesNotMatch(html, /inner|nothing/);
    const haskell = `{-# LANGUAGE CPP #-}\n{- |\n   Module      : Text.Html\n   License     : GNU GPL\n\nReads pages of the network.\n-}\nmodule Text.Html\n  ( readPage\n  ) where\n\nimport qualified Data.Map as M\n\n-- | Reads one page.\nreadPage :: Monad m\n  => Text -> m Page\nreadPage = inner\n\ninner :: Text -> m Page\ninner = undefined\n`;
    assert.match(
      await summaryOf(haskell),
      /^Reads pages of the network\.[^]*Public interface\n\n- `readPage :: Monad m => Text -> m Page`: Reads one page\.[^]*Inside\n\n- `inner[^]*`Data\.Map`/,
    );
    const kotlin = `package a\n\nimport b.C\n\n/** Encrypts what is written. */\nclass Sink(\n  /** Takes the bytes. */\n  val to: C,\n) : Closeable {\n  override fun close() {\n    val done = flush()\n  }\n\n  private fun inner() = 1\n}\n`;
    assert.match(
      await summaryOf(kotlin),
      /^Encrypts what is written\.[^]*- `class Sink\(val to: C\) : Closeable`[^]*- `override fun close\(\)`/,
    );
    const react = `import React from 'react';\n\nconst First = (at: number) => at;\n\nconst Words = () => {\n  return First(1);\n};\n\nexport default Words;\n`;
    assert.match(await summaryOf(react), /Public interface\n\n- `const Words[^]*Inside\n\n- `const First/);
    const go = `package jobs\n\nimport "fmt"\n\n// Allocator gives jobs to runners.\ntype Allocator struct {\n\tname string\n}\n\n// Start begins.\nfunc (a *Allocator) Start() error {\n\treturn nil\n}\n\nfunc (a *Allocator) seed() {}\n`;
    const jobs = await summaryOf(go);
    assert.match(jobs, /^Allocator gives jobs to runners\.[^]*Public interface[^]*Start\(\)[^]*Inside[^]*seed/);
  });

  it('of a file takes no comment on a statement for what the file is for, and tells the steps of a script', async () => {
    const summaryOf = async (code: string): Promise<string> => checkSummary([await partOf('code', code)], 'standard');
    const bench = `#include <stdio.h>\n\n// Number of values to place in the store\nstatic int count = 100;\n\n// Runs all of them.\nint main(int argc) {\n  return 0;\n}\n`;
    assert.match(await summaryOf(bench), /^Runs all of them\./);
    const script = `#!/bin/bash\nset -e\n\n# Clean out the release folder\nrm -rf "$OUT"\n\n# cp -r a b;\n# Include the licenses of fonts\ncp fonts/LICENSE.md "$OUT"\n`;
    assert.match(await summaryOf(script), /- Clean out the release folder/);
  });
}

function testKinds(): void {
  it('of Markdown goes by its sections, in their order', async () => {
    const random = seeded(4);
    const filler = (topic: string): string =>
      Array.from(
        { length: 12 },
        (_, i) =>
          `The ${topic} has ${Math.floor(random() * 900)} parts, and each ${topic} part number ${i} is kept in its own place.`,
      ).join(' ');
    const text = `# Guide\n\nThis guide tells how the engine works.\n\n${['Harbour', 'Lighthouse', 'Railway', 'Orchard'].map((name) => `## ${name}\n\n${filler(name.toLowerCase())}\n\n${filler(name.toLowerCase())}`).join('\n\n')}\n`;
    const markdown = await checkSummary([await partOf('markdown', text)], 'standard');
    const places = ['**Harbour**', '**Lighthouse**', '**Railway**', '**Orchard**'].map((name) =>
      markdown.indexOf(name),
    );
    assert.ok(
      places.every((at, i) => at > (places[i - 1] ?? 0)),
      places.join(),
    );
  });

  it('of Chinese prose takes whole sentences with their lines', async () => {
    const text = Array.from(
      { length: 60 },
      (_, i) => `城市的第${i}座图书馆收藏了许多关于河流和历史的书籍。人们每天在图书馆里阅读书籍并讨论城市的历史。`,
    ).join('\n\n');
    const markdown = await checkSummary([await partOf('prose', text)], 'brief');
    assert.match(markdown, /图书馆[^\n]*。/);
  });

  it('of a log tells counts, errors and what is rare, folded or not', async () => {
    const log = buildLog('app', 300_000, 2, 3);
    const markdown = await checkSummary([await partOf('log', log.lines.join('\n'))], 'detailed');
    assert.match(markdown, /Log of [\d,]+ lines/);
    assert.match(markdown, /## Errors and warnings\n\n?- \d+× `order \d+…\d+ failed: IllegalStateException`/);
    assert.match(markdown, /licence q1v renewed/);
    const short = await checkSummary([await partOf('log', log.lines.slice(0, 80).join('\n'))], 'brief');
    assert.match(short, /Log of 80 lines/);
  });

  it('of tables, settings and diffs tells their shape', async () => {
    const csv = `id,city,price\n${Array.from({ length: 30 }, (_, i) => `${i},${['Rome', 'Oslo'][i % 2]},${i * 3}`).join('\n')}`;
    const table = await checkSummary([await partOf('table', csv)], 'standard');
    assert.match(table, /Table of 30 rows and 3 columns/);
    assert.match(table, /`city`: text; 2 different/);
    const config = await checkSummary(
      [await partOf('config', 'server:\n  # where it listens\n  port: 8080\n  host: example\ndebug: true\n', 'a.yaml')],
      'standard',
    );
    assert.match(config, /`server`: 2 entries/);
    assert.match(config, /`port`: `8080` \(where it listens\)/);
    const lists = JSON.stringify(
      { extends: './base.json', options: { lib: ['ES2023'] }, include: ['a', 'b'] },
      undefined,
      2,
    );
    assert.match(
      await checkSummary([await partOf('json', lists, 'web.json')], 'standard'),
      /`extends`: `"\.\/base\.json"`/,
    );
    const diff = await checkSummary(
      [
        await partOf(
          'diff',
          'diff --git a/x.ts b/x.ts\n--- a/x.ts\n+++ b/x.ts\n@@ -1,2 +1,3 @@ function run()\n-old\n+newer\n+line\n',
        ),
      ],
      'standard',
    );
    assert.match(diff, /1 file changed, 2 lines added, 1 line removed/);
    assert.match(diff, /`x\.ts`: \+2 −1/);
  });

  it('of a folder says what each folder and file is for', async () => {
    const parts = await Promise.all([
      partOf('markdown', '# Harbour\n\nHarbour keeps ships in order and tells when they leave.\n', 'README.md'),
      partOf('code', '/** Counts the ships that are in. */\nexport const count = 1;\n', 'src/count.ts'),
      partOf('code', 'export function leave(): void {}\n', 'src/leave.ts'),
    ]);
    const markdown = await checkSummary(parts, 'standard');
    assert.match(markdown, /3 files in 2 folders/);
    assert.match(markdown, /\*\*src\/\*\*: 2 files/);
    assert.match(markdown, /`count\.ts`: Counts the ships that are in\./);
    assert.match(markdown, /`README\.md`: \*\*Harbour\*\*: Harbour keeps ships in order/);
  });

  it('answers a question with the passages that use its words, or says that there are none', async () => {
    const lines = Array.from({ length: 300 }, (_, i) => `Sentence ${i} speaks of nothing in particular.`);
    lines[211] = 'The warranty of the pump ends after eleven months.';
    const part = await partOf('prose', lines.join('\n'));
    const pieces = await summarizeOffline(
      { parts: [part], length: 'brief', question: 'When does the warranty of the pump end?' },
      yieldToEventLoop,
    );
    const hit = pieces.find((piece) => piece.text.includes('eleven months'));
    assert.ok(hit?.cite?.some(({ startLine, endLine }) => startLine <= 212 && endLine >= 212));
    assert.match(await checkSummary([part], 'brief', 'zebra giraffe?'), /No passage/);
  });
}

function testSafety(): void {
  it('lets nothing of the text become a mark, a link or HTML', async () => {
    const text = `${'Intro sentence about the harbour and its ships, long enough to be chosen by anybody. '.repeat(2)}\n\nSee the harbour [1] and <img src=x> ships ![a](http://evil.example/b.png), they leave the harbour at noon every day.\n`;
    const markdown = await checkSummary([await partOf('prose', text)], 'standard');
    assert.doesNotMatch(markdown, /(?<!\\)\[\d|(?<!\\)<img|evil\.example/);
  });

  it('of nothing says so', async () => {
    assert.equal(await checkSummary([await partOf('prose', '  \n ')], 'brief'), 'The text is empty.');
  });
}

function testSentences(): void {
  it('of a paper begins with its abstract and leaves out its references', async () => {
    const body = Array.from(
      { length: 30 },
      (_, i) => `Experiment ${i} compares parsers on corpus ${i % 7}, and parser ${i % 5} wins.`,
    ).join(' ');
    const text = `# A Parser\n\n## Abstract\n\nWe present a parser for tables. It reads a million rows in a second.\n\n## 1 Introduction\n\n${body}\n\n## 2 Results\n\n${body.replaceAll('compares', 'measures')}\n\n## References\n\nA. Smith. Parsers of the world, and how they are built. 1999.\n`;
    const markdown = await checkSummary([await partOf('markdown', text)], 'standard');
    assert.match(markdown, /^We present a parser for tables\. It reads a million rows in a second\./);
    assert.doesNotMatch(markdown, /Smith/);
  });

  it('leaves out a sentence that every section ends with', async () => {
    const sections = ['Tides', 'Winds', 'Fog', 'Ice'].map(
      (name, i) =>
        `## ${name}\n\n${name} decide when ship number ${i} of the harbour sails. The pilot of ${name.toLowerCase()} boards at dawn with a chart. Please rate this page and tell us what you think.`,
    );
    const markdown = await checkSummary(
      [await partOf('markdown', `# Harbour\n\n${sections.join('\n\n')}\n`)],
      'detailed',
    );
    assert.doesNotMatch(markdown, /rate this page/);
  });

  it('cuts no sentence at abbreviations, initials and German ordinals', async () => {
    const text =
      'Am 3. Oktober 1990 wurde z. B. Dr. K. Weber im 19. Stock des Hauses um ca. 9 Uhr von der Polizei befragt und wieder entlassen.';
    assert.match(await checkSummary([await partOf('prose', text)], 'brief'), /^Am 3\. Oktober .* entlassen\.$/);
  });

  it('ends a sentence where the space behind it was lost, and at no name', async () => {
    const text =
      'La pluie tombe depuis hier soir.Dans le nord, il neige. They run asp.Net on the server and call it done.';
    const found = await splitSentences([{ section: 0, lines: [{ text, line: 1 }] }], '', yieldToEventLoop);
    assert.deepEqual(
      found.map((one) => one.text),
      [
        'La pluie tombe depuis hier soir.',
        'Dans le nord, il neige.',
        'They run asp.Net on the server and call it done.',
      ],
    );
  });

  it('never begins within a sentence', async () => {
    const text = `Name oder Nam?/i (; niederdeutsch veraltet: Namen) in der Region Mitte ist mit 280.534 Einwohnern die größte Stadt des Landes.\n\n${Array.from({ length: 12 }, (_, i) => `Im Stadtteil ${i} an der Bucht steht eine alte Kirche aus Stein.`).join('\n\n')}`;
    assert.match(await checkSummary([await partOf('prose', text)], 'standard'), /^Name oder Nam/);
    const torn = `niederdeutsch veraltet) ist der Name eines alten Hafens im Norden.\n\nDer Hafen liegt an der Bucht und wurde im letzten Jahr erweitert.\n\nDie Stadt hat viele Schiffe und einen Leuchtturm aus Stein.`;
    assert.match(await checkSummary([await partOf('prose', torn)], 'standard'), /^(?:Der Hafen|Die Stadt)/);
  });

  it('yields at least every 60,000 characters of a long text', async () => {
    const text = Array.from(
      { length: 3000 },
      (_, i) => `The harbour of town ${i} has ${i % 7} cranes and a lighthouse.`,
    );
    let yields = 0;
    await summarizeOffline({ parts: [await partOf('prose', text.join('\n\n'))], length: 'standard' }, async () => {
      yields++;
    });
    assert.ok(yields > (3 * text.join('').length) / 60_000, `${yields} yields`);
  });
}

function testDecisions(): void {
  it('of a meeting lists decisions and no questions', async () => {
    const talk = Array.from(
      { length: 40 },
      (_, i) =>
        `${['Ann', 'Bob'][i % 2]}: The budget of group ${i} for the remote control is the topic that we look at here.`,
    );
    talk.splice(
      20,
      0,
      'Ann: So, uh, we decided to use the solar battery for the remote control.',
      'Bob: Have we decided to use the rubber case for it?',
    );
    const markdown = await checkSummary([await partOf('transcript', talk.join('\n'))], 'standard');
    const decisions = markdown.slice(markdown.indexOf('## Decisions and next steps'));
    assert.match(decisions, /\*\*Ann\*\*: We decided to use the solar battery/);
    assert.doesNotMatch(decisions, /rubber/);
  });

  it('of a diff shows the old line and the new one', async () => {
    const diff = `diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1,4 +1,4 @@\n-import x from 'x';\n+import y from 'y';\n-const limit = wait(10);\n+const limit = wait(500);\n`;
    assert.match(
      await checkSummary([await partOf('diff', diff)], 'standard'),
      /`const limit = wait\(10\);` → `const limit = wait\(500\);`/,
    );
  });
}

function testWording(): void {
  it('adds no English of its own to a log, a table, settings, code and a folder', async () => {
    const silent = createWording((phrase, ...values) => english(phrase.replace(/[A-Za-z’]+/g, '·'), ...values), 'de');
    const log = Array.from(
      { length: 300 },
      (_, i) => `2026-03-0${1 + (i % 9)} 10:0${i % 7}:00 ${i % 50 ? 'запись' : 'сбой'} узел ${i} занят`,
    ).join('\n');
    const csv = `имя;город;число;день\n${Array.from({ length: 80 }, (_, i) => `ф${i};${i % 2 ? 'Осло' : 'Рим'};${i === 7 ? 90_000 : i};2026-01-${10 + (i % 9)}`).join('\n')}\n`;
    const inputs: OfflinePart[][] = [
      [await partOf('log', log, 'журнал')],
      [await partOf('table', csv, 'данные')],
      [await partOf('table', csv.split('\n').slice(0, 20).join('\n'), 'данные')],
      [await partOf('config', 'порт: 8080\nсписок:\n  один: 1\n', 'настройки')],
      [
        await partOf('log', log, 'а/журнал'),
        await partOf('table', csv, 'а/данные'),
        await partOf('table', csv, 'б/ряд'),
      ],
      [await partOf('prose', '###', 'пусто')],
    ];
    for (const parts of inputs) {
      const pieces = await summarizeOffline({ parts, length: 'detailed', wording: silent }, yieldToEventLoop);
      const told = pieces.map((piece) => piece.text).join('');
      assert.ok(told.includes('·'), told);
      assert.doesNotMatch(told, /[A-Za-z]{2,}/);
    }
  });

  it('has its own words in all six languages', () => {
    for (const language of ['de', 'es', 'fr', 'ja', 'pt-br', 'zh-cn']) {
      const file = new URL(`../../../../media/l10n/bundle.l10n.${language}.json`, import.meta.url);
      const texts = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      for (const phrase of Object.values(offlinePhrases)) assert.ok(texts[phrase], `${language}: ${phrase}`);
    }
  });

  it('says its own words and numbers in the language that is handed in', async () => {
    const texts: Record<string, string> = {
      'Main points': 'Wichtigste Punkte',
      '{0} has {1}.': '{0} hat {1}.',
      '{0} lines': '{0} Zeilen',
    };
    const wording = createWording((phrase, ...values) => english(texts[phrase] ?? phrase, ...values), 'de');
    const code = Array.from({ length: 1500 }, (_, i) => `export const value${i} = ${i};`).join('\n');
    const pieces = await summarizeOffline(
      { parts: [await partOf('code', code)], length: 'standard', wording },
      yieldToEventLoop,
    );
    assert.match(pieces.map((piece) => piece.text).join(''), /hat 1\.500 Zeilen/);
  });
}
