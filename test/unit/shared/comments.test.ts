import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import ts from 'typescript';
import { asComment, commentLanguages, getCommentMarks, findCommentPlace } from '../../../src/shared/comments.ts';

/** What a hostile answer may hold: each piece was code, or an instruction, in one language at least. */
const hostile = [
  'A summary.',
  String.raw`\u000aclass Evil { static { System.exit(7); } }`,
  String.raw`\u000a\u002a/ class Evil {}`,
  '-*- coding: utf-7 -*-',
  'coding: raw_unicode_escape',
  'encoding=utf-16',
  '?> <?php system("id"); ?> %>',
  '*/ evil(); /*',
  '--> <script>evil()</script> <!--',
  '--!> x --',
  '*) let () = evil () (* "',
  '*@ @evil() @*',
  '--}} {{evil}} {{!--',
  '}} {% evil %} <%= evil %> ${evil} #{evil}',
  'ends in a backslash \\',
  'ends in a trigraph ??/',
  'ends in a continuation _',
  'ends in a caret ^',
  '@ts-nocheck',
  'syntax=docker.io/evil:1',
  '+build ignore',
  '!TEX program = evil',
  'vim: set modeline exrc:',
  'Local Variables:',
  'frozen_string_literal: true',
  'line 7 "other.c"',
  'SIG # Begin signature block',
  '&evil \\! evil',
  '/',
  '*/',
  '}',
  'a\rb\u2028c\u2029d\u0085e\vf\fg\u0000h\u202ei',
].join('\n');

const python = spawnSync('python3', ['--version']).status === 0;
const gcc = spawnSync('gcc', ['--version']).status === 0;
const perl = spawnSync('perl', ['-v']).status === 0;
const bash = spawnSync('bash', ['--version']).status === 0;

function textOf(languageId: string): string {
  const lines = asComment(hostile, languageId);
  assert.ok(lines, languageId);
  return lines.map((line) => `${line}\n`).join('');
}

describe('a summary as a comment', () => {
  for (const id of commentLanguages) {
    it(`stays one in ${id}`, () => {
      const lines = asComment(hostile, id) ?? [];
      const { line: mark, block } = getCommentMarks(id) ?? {};
      assert.doesNotMatch(lines.join(''), /[\r\n\v\f\u0000\u0085\u2028\u2029\u202e]/);
      if (mark !== undefined) {
        for (const line of lines) {
          assert.ok(line === mark || line.startsWith(`${mark} `), `${id}: ${line}`);
          assert.doesNotMatch(line, /(?:\\|\?\?\/|\s_|\^)$/, id);
        }
      } else {
        assert.ok(block);
        const [open, close] = block;
        assert.deepEqual([lines[0], lines.at(-1)], [open, close]);
        const inner = lines.slice(1, -1).join('\n');
        assert.ok(!inner.includes(close) && !inner.includes(open), id);
        if (open === '<!--') assert.doesNotMatch(inner, /--|^-?>|<[%?]|\{\{|[$#]\{/m);
      }
      assert.doesNotMatch(
        lines.join('\n'),
        /^(?:[^\s·]{1,3} )?(?:@ts-|syntax=|\+build|!TEX|line 7|SIG #)|-\*-|\bvim:|Local Variables:/m,
      );
    });
  }

  it('has no Unicode escape where the language reads it in comments', () => {
    for (const id of ['java', 'groovy', 'kotlin', 'scala']) assert.doesNotMatch(textOf(id), /\\u/);
  });

  it('names no encoding to Python and Ruby, and never ends PHP', () => {
    assert.doesNotMatch(textOf('python'), /coding[:=]/);
    assert.doesNotMatch(textOf('ruby'), /coding[:=]|frozen_string_literal:/);
    assert.doesNotMatch(textOf('php'), /\?>|%>/);
  });

  it('is nothing but a comment to TypeScript’s own parser', () => {
    for (const [id, kind] of [
      ['typescript', ts.ScriptKind.TS],
      ['javascript', ts.ScriptKind.JS],
      ['typescriptreact', ts.ScriptKind.TSX],
    ] as const) {
      const file = ts.createSourceFile('a.ts', `${textOf(id)}const a = 1;\n`, ts.ScriptTarget.Latest, false, kind);
      assert.deepEqual(
        file.statements.map((one) => ts.SyntaxKind[one.kind]),
        ['FirstStatement'],
        id,
      );
      assert.equal((file as unknown as { parseDiagnostics: unknown[] }).parseDiagnostics.length, 0);
      assert.equal((file as unknown as { checkJsDirective?: unknown }).checkJsDirective, undefined);
    }
  });

  if (python)
    it('is nothing but a comment to Python', () => {
      const script = 'import ast,sys;print(ast.dump(ast.parse(sys.stdin.buffer.read())))';
      const tree = (input: string): string => spawnSync('python3', ['-c', script], { input }).stdout.toString();
      assert.ok(tree('a = "é"\n'));
      assert.equal(tree(`${textOf('python')}a = "é"\n`), tree('a = "é"\n'));
    });

  if (gcc)
    it('is nothing but a comment to a C compiler', () => {
      const input = `${textOf('c')}int main(void) { return 0; }\n`;
      const args = ['-x', 'c', '-trigraphs', '-Wcomment', '-Werror', '-fsyntax-only', '-'];
      const { status, stderr } = spawnSync('gcc', args, { input });
      assert.equal(status, 0, stderr.toString());
    });

  if (perl && bash)
    it('is nothing but a comment to Perl and a shell', () => {
      const say = (command: string, id: string, program: string): string =>
        spawnSync(command, ['-'], { input: textOf(id) + program }).stdout.toString();
      assert.equal(say('perl', 'perl', 'print __LINE__ > 20 ? "ok" : "moved";'), 'ok');
      assert.equal(spawnSync('bash', [], { input: `${textOf('shellscript')}echo ok\n` }).stdout.toString(), 'ok\n');
    });

  it('is refused where the syntax of comments is not verified', () => {
    for (const id of [
      'json',
      'csv',
      'log',
      'diff',
      'bat',
      'tcl',
      'pug',
      'haml',
      'vimscript',
      'mdx',
      'cobol',
      'unknown',
      '',
    ])
      assert.equal(asComment('x', id), undefined, id);
  });

  it('is a quotation in Markdown that loads nothing', () => {
    const text = (asComment('![x](https://a.example/b.png) <img src=x>\n[go](command:evil)', 'markdown') ?? []).join(
      '\n',
    );
    assert.match(text, /^> /);
    assert.doesNotMatch(text, /!\[|<img|\]\(command/);
  });
});

describe('the place of a comment', () => {
  const place = (text: string, id: string, wanted = 0): number | undefined =>
    findCommentPlace(text.split('\n'), id, wanted);

  it('is below a licence and the empty line after it, not below other comments', () => {
    assert.equal(place('// Copyright 2020 A\n// SPDX-License-Identifier: MIT\n\nlet x;', 'typescript'), 3);
    assert.equal(place('/*\n * Licensed under MIT.\n */\nlet x;', 'typescript'), 3);
    assert.equal(place('#!/bin/sh\n# (c) © 2020\necho', 'shellscript'), 2);
    assert.equal(place('<!-- All rights reserved -->\n<a/>', 'html'), 1);
    assert.equal(place('/* Copyright, never closed', 'typescript'), 0);
    assert.equal(place('/* Copyright */ let x = `', 'typescript'), 0);
    assert.equal(place('// Adds numbers.\nlet x;', 'typescript'), 0);
  });

  it('is below what must stay first', () => {
    assert.equal(place('#!/usr/bin/env python3\n# -*- coding: latin-1 -*-\nx = 1', 'python'), 2);
    assert.equal(place('#!/bin/sh\necho', 'shellscript'), 1);
    assert.equal(place('# syntax=docker/dockerfile:1\nFROM x', 'dockerfile'), 1);
    assert.equal(place('# frozen_string_literal: true\nx', 'ruby'), 1);
    assert.equal(place('// swift-tools-version:5.9\nimport x', 'swift'), 1);
    assert.equal(place('<?xml version="1.0"?>\n<!DOCTYPE a>\n<a/>', 'xml'), 2);
    assert.equal(place('---\ntitle: a\n---\ntext', 'markdown'), 3);
    assert.equal(place('<?php\necho 1;', 'php'), 1);
  });

  it('is none in a PHP file that begins with HTML', () => {
    assert.equal(place('<h1>x</h1>\n<?php echo 1;', 'php'), undefined);
    assert.equal(place('<?php echo 1; ?>', 'php'), undefined);
  });

  it('is the selection only where no text can be open', () => {
    assert.equal(place('a\nb\nc', 'go', 2), 2);
    for (const [id, text] of [
      ['javascript', 'const a = `\nb\nc'],
      ['python', 'a = f"""\nb\nc'],
      ['shellscript', 'cat <<EOF\nb\nc'],
      ['ruby', 'a = %q(\nb\nc'],
      ['c', '/*\nb\nc'],
      ['typescriptreact', 'return (\n<p>\nc'],
      ['makefile', 'all:\n\techo\n\techo'],
    ] as const)
      assert.equal(place(text, id, 2), 0, id);
  });
});
