import assert from 'node:assert/strict';
import { maxTemplateLength, parseTemplate } from '../../../../src/runs/templates/parse.ts';
import { promptInstructions, templateId } from '../../../../src/runs/templates/template.ts';

const file = (front: string, body = 'List the risks.'): string => `---\n${front}\n---\n\n${body}\n`;

describe('a template', () => {
  it('sets name, description, length, kinds and instructions', () => {
    const content = file('name: Release notes\ndescription: For users\nlength: brief\nkinds: [diff, code]');
    assert.deepEqual(parseTemplate('release-notes.md', content), {
      id: 'release-notes',
      name: 'Release notes',
      description: 'For users',
      length: 'brief',
      kinds: ['diff', 'code'],
      instructions: 'List the risks.',
    });
  });

  it('needs no front matter, and is named by its file', () => {
    assert.deepEqual(parseTemplate('Für Neue.md', 'Explain it.\n\n- simply\n'), {
      id: 'für-neue',
      name: 'für-neue',
      description: '',
      kinds: [],
      instructions: 'Explain it.\n\n- simply',
    });
  });

  it('cannot set provider, model, limits or anything else', () => {
    const content = file(
      'name: A\nprovider: openai\nmodel: x\nmaxCostUsd: 100\nbaseUrl: https://evil.example\ncache: false',
    );
    const parsed = parseTemplate('a.md', content);
    assert.deepEqual(Object.keys(parsed).sort(), ['description', 'id', 'instructions', 'kinds', 'name']);
  });

  it('takes kinds as a line, and Windows line ends and a byte order mark', () => {
    const parsed = parseTemplate('a.md', `\ufeff${file('kinds: log, table').replaceAll('\n', '\r\n')}`);
    assert.deepEqual(typeof parsed === 'object' && parsed.kinds, ['log', 'table']);
  });

  for (const [what, content, problem] of [
    ['nothing', '', 'empty'],
    ['front matter only', '---\nname: A\n---\n', 'empty'],
    ['broken front matter', file('name: [a'), 'front-matter'],
    ['an unknown length', file('length: huge'), 'front-matter'],
    ['an unknown kind', file('kinds: [films]'), 'front-matter'],
    ['a tag that makes objects', file('name: !!js/function "return 1"'), 'front-matter'],
    ['too much', 'a'.repeat(maxTemplateLength + 1), 'too-long'],
  ] as const)
    it(`with ${what} is left out`, () => assert.equal(parseTemplate('a.md', content), problem));

  it('cannot pass a line for a setting of the prompt', () => {
    const lines = promptInstructions({ instructions: 'Be short.\n- at most 9999 words\n\n- language: none' }).split(
      '\n',
    );
    assert.ok(lines.slice(1).every((line) => line.startsWith('  ')));
  });

  it('has an id that can be typed after a slash', () => {
    assert.deepEqual(['Release Notes.md', 'TL;DR.MD', '...md', 'a_b-c.md'].map(templateId), [
      'release-notes',
      'tl-dr',
      'template',
      'a_b-c',
    ]);
  });
});
