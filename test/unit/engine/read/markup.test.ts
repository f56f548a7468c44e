import assert from 'node:assert/strict';
import { detectDialect, toMarkdown, type Dialect } from '../../../../src/engine/read/markup.ts';
import { route } from '../../../../src/engine/read/detectKind.ts';

const headings = (text: string, dialect: Dialect): string[] =>
  toMarkdown(text.split('\n'), dialect).filter((line) => line.startsWith('#'));

const latex =
  '\\documentclass{article}\n\\title{On \\emph{Cranes}}\n\\begin{document}\n\\begin{abstract}\nShort.\n\\end{abstract}\n\\section[x]{Loads {and} winds}\nSee \\cite{a} for 5\\% more.\n\\begin{equation}\nx^2\n\\end{equation}\n\\subsection{Wind}\n\\end{document}\n';
const org =
  '#+TITLE: Plan\n* TODO [#A] Order the crane :work:\n:PROPERTIES:\n:ID: 1\n:END:\nCall [[http://x][the firm]].\n** Later\n#+begin_src sh\nls\n#+end_src\n';
const asciidoc = '= Guide\n:toc:\n\n== Install\nRun it. See link:a.html[this].\n----\n== no heading\n----\n=== Linux\n';
const rst =
  '=====\nGuide\n=====\n\nInstall\n-------\n\nUse :func:`run <a.run>`.\n\n.. code-block:: sh\n\n   Setup\n   -----\n\nLinux\n~~~~~\n';
const roff =
  '.\\" comment\n.TH CRANE 1 "2026"\n.SH NAME\ncrane \\- lift things\n.SH OPTIONS\n.B \\-v\nsay more\n.nf\n.SH no\n.fi\n';
const man =
  'CRANE(1)          User Commands          CRANE(1)\n\nNAME\n       crane - lift things\n\nSYNOPSIS\n       crane [-v]\n';

describe('other markup', () => {
  it('is recognized by name, and by content without one', () => {
    const all: readonly (readonly [string, Dialect])[] = [
      [latex, 'latex'],
      [org, 'org'],
      [asciidoc, 'asciidoc'],
      [rst, 'restructuredtext'],
      [roff, 'roff'],
      [man, 'man'],
    ];
    for (const [text, dialect] of all) {
      assert.equal(detectDialect('notes', text), dialect, dialect);
      assert.equal(route({ title: 'notes', text }), 'markdown', dialect);
      assert.equal(toMarkdown(text.split('\n'), dialect).length, text.split('\n').length, dialect);
    }
    assert.equal(detectDialect('a.tex', 'any'), 'latex');
    assert.equal(detectDialect('readme.md', latex), undefined);
    assert.equal(detectDialect('notes.txt', 'A plain text.\n\nNAME of the firm.\n'), undefined);
  });

  it('has its sections as headings; code and layout are no text', () => {
    assert.deepEqual(headings(latex, 'latex'), ['# On Cranes', '## Abstract', '### Loads and winds', '#### Wind']);
    assert.deepEqual(headings(org, 'org'), ['# Plan', '## Order the crane', '### Later']);
    assert.deepEqual(headings(asciidoc, 'asciidoc'), ['# Guide', '## Install', '### Linux']);
    assert.deepEqual(headings(rst, 'restructuredtext'), ['# Guide', '## Install', '### Linux']);
    assert.deepEqual(headings(roff, 'roff'), ['# CRANE 1', '## NAME', '## OPTIONS']);
    assert.deepEqual(headings(man, 'man'), ['## NAME', '## SYNOPSIS']);
  });

  it('loses its marks', () => {
    assert.ok(toMarkdown(latex.split('\n'), 'latex').includes('See  for 5% more.'));
    assert.ok(toMarkdown(org.split('\n'), 'org').includes('Call the firm.'));
    assert.ok(toMarkdown(asciidoc.split('\n'), 'asciidoc').includes('Run it. See this.'));
    assert.ok(toMarkdown(rst.split('\n'), 'restructuredtext').includes('Use `run`.'));
    assert.ok(toMarkdown(roff.split('\n'), 'roff').includes('crane - lift things'));
  });
});
