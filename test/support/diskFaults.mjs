/**
 * Preload (`node --import`) that lets operations below a folder fail, as a full or read-only disk does.
 * `PRECIS_TEST_DISK`: JSON `{ code, below, methods }`; `methods` of `fs/promises`, and `write` for open files.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { code, below, methods } = JSON.parse(process.env.PRECIS_TEST_DISK);
const fail = (name) => Promise.reject(Object.assign(new Error(`${code}: ${name}`), { code, syscall: name }));
const isBelow = (path) => String(path).startsWith(below);

for (const name of methods.filter((method) => method !== 'write')) {
  const original = fs[name];
  fs[name] = (path, ...rest) => (isBelow(path) ? fail(name) : original(path, ...rest));
}
if (methods.includes('write')) {
  const { open } = fs;
  fs.open = async (path, ...rest) => {
    const handle = await open(path, ...rest);
    if (isBelow(path)) handle.write = handle.appendFile = handle.writeFile = () => fail('write');
    return handle;
  };
}
syncBuiltinESMExports();
