import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import * as vscode from 'vscode';
import { commentLanguages, getCommentMarks } from '../../src/shared/comments.ts';

interface Comments {
  readonly lineComment?: string | { readonly comment: string };
  readonly blockComment?: readonly [string, string];
}
interface Language {
  readonly id: string;
  readonly configuration?: string;
}

/** Comment marks of the languages that VS Code's own extensions configure. */
function builtIn(): Map<string, Comments> {
  const found = new Map<string, Comments>();
  for (const { id, extensionPath, packageJSON } of vscode.extensions.all) {
    if (!id.startsWith('vscode.')) continue;
    const { contributes } = packageJSON as { contributes?: { languages?: readonly Language[] } };
    for (const { id: language, configuration } of contributes?.languages ?? []) {
      if (configuration === undefined) continue;
      // with comments and trailing commas
      const { config } = ts.parseConfigFileTextToJson('', readFileSync(join(extensionPath, configuration), 'utf8'));
      const { comments } = config as { comments?: Comments };
      if (comments) found.set(language, comments);
    }
  }
  return found;
}

describe('The marks of comments', () => {
  // Razor reads `@` inside an HTML comment, so a summary takes Razor's own
  it('are those of VS Code’s own language configurations', () => {
    const known = builtIn();
    const checked: string[] = [];
    const wrong: string[] = [];
    for (const id of commentLanguages.filter((one) => one !== 'razor')) {
      const theirs = known.get(id);
      const ours = getCommentMarks(id);
      if (!theirs || !ours) continue;
      checked.push(id);
      const mark = typeof theirs.lineComment === 'object' ? theirs.lineComment.comment : theirs.lineComment;
      const line = mark === '' ? undefined : mark;
      const agrees =
        line !== undefined || ours.line !== undefined
          ? ours.line === line
          : ours.block?.join(' ') === theirs.blockComment?.join(' ');
      if (!agrees) wrong.push(`${id}: ${JSON.stringify(ours)} where VS Code has ${JSON.stringify(theirs)}`);
    }
    assert.deepEqual(wrong, []);
    assert.ok(checked.length >= 30, checked.join(' '));
  });
});
