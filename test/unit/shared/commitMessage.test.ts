import assert from 'node:assert/strict';
import { isConventional, toCommitMessage } from '../../../src/shared/commitMessage.ts';

describe('a commit message', () => {
  it('is plain text without marks, headings and fences', () => {
    const markdown =
      '```\n# **Fix the pump** [1].\n```\n\n* It failed at **six** [2][3]\n* See `pump.ts`\n\n\n\nEnd.\n';
    assert.equal(toCommitMessage(markdown), 'Fix the pump\n\n- It failed at six\n- See `pump.ts`\n\nEnd.');
  });

  it('keeps a subject alone, and drops its label and list mark', () => {
    assert.equal(toCommitMessage('- Commit message: feat(api): add a pump [1]\n'), 'feat(api): add a pump');
    assert.equal(toCommitMessage(' \n'), '');
  });

  it('follows the style of most commits, merges aside', () => {
    assert.equal(isConventional(['fix: a', 'feat(x)!: b', 'Merge branch', 'Add c']), true);
    assert.equal(isConventional(['Fix a', 'fix: b', 'Add c']), false);
    assert.equal(isConventional([]), false);
  });
});
