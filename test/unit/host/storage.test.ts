import assert from 'node:assert/strict';
import { toSharedPath } from '../../../src/host/storage.ts';

const storage = (name: string): string => `/data/User/workspaceStorage/${name}/precis.precis`;

function checkShared(name: string, first: string): void {
  assert.equal(toSharedPath(storage(name)), storage(first), name);
}

describe('the storage of a workspace', () => {
  it('is that of its first window', () => {
    checkShared('1f881dd1-1', '1f881dd1');
    checkShared('-7a4f8f06-2', '-7a4f8f06');
    checkShared('0f4c8a1be6a94c7b8d2f0123456789ab-10', '0f4c8a1be6a94c7b8d2f0123456789ab');
    checkShared('1780000000000-1', '1780000000000');
    // a folder's number is as short as chance makes it
    checkShared('1f88-1', '1f88');
    checkShared('-7-1', '-7');
  });

  it('is left as it is otherwise', () => {
    for (const name of ['1f881dd1', '-7a4f8f06', '-7', 'ext-dev', 'vscode-1', '1780000000000']) checkShared(name, name);
    assert.equal(toSharedPath('/home/me/project-1/precis'), '/home/me/project-1/precis');
  });
});
