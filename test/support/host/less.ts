/** Hosts that lack something: a copy of the extension that takes APIs away before its own code starts. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * chat    no chat and no tools for agents
 * models  no language model API
 * keys    a key ring that refuses
 */
export const lacks = ['chat', 'models', 'keys'] as const;
export type Lack = (typeof lacks)[number];

const main = `
import { createRequire } from 'node:module';
const vscode = createRequire(import.meta.url)('vscode');
const lacks = new Set(LACKS);
const remove = (holder, ...names) => {
  for (const name of names) if (!delete holder[name]) throw new Error('not removed: ' + name);
};
if (lacks.has('chat')) {
  remove(vscode, 'chat');
  remove(vscode.lm, 'registerTool', 'invokeTool', 'tools', 'registerMcpServerDefinitionProvider');
}
if (lacks.has('models')) {
  remove(vscode, 'lm', ...Object.keys(vscode).filter((name) => name.startsWith('LanguageModel')));
}
const refuse = () => Promise.reject(new Error('There is no key ring.'));
const instead = {
  ...(lacks.has('keys') ? { secrets: { value: { get: refuse, store: refuse, delete: refuse, onDidChange: () => ({ dispose() {} }) } } } : {}),
  ...(lacks.has('models') ? { languageModelAccessInformation: { value: undefined } } : {}),
};
const extension = await import('./dist/extension.js');
export const activate = (context) => extension.activate(Object.create(context, instead));
`;

/**
 * Makes the copy.
 * @param root the repository, built
 * @param target folder to make
 */
export function makeLessExtension(root: string, target: string, missing: readonly Lack[]): void {
  mkdirSync(target, { recursive: true });
  for (const name of ['dist', 'media', ...readdirSync(root).filter((file) => file.startsWith('package.nls'))])
    cpSync(join(root, name), join(target, name), { recursive: true, filter: (path) => !path.endsWith('.map') });
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(target, 'package.json'), JSON.stringify({ ...manifest, main: './less.mjs', browser: undefined }));
  writeFileSync(join(target, 'less.mjs'), main.replace('LACKS', JSON.stringify(missing)));
}

/** What the environment takes away from the host: PRECIS_HOST_LACKS, separated by commas. */
export function environmentLacks(): Lack[] {
  const wanted = (process.env['PRECIS_HOST_LACKS'] ?? '').split(',').filter(Boolean);
  const strange = wanted.find((one) => !(lacks as readonly string[]).includes(one));
  if (strange) throw new Error(`PRECIS_HOST_LACKS takes ${lacks.join(', ')}, not ${strange}.`);
  return wanted as Lack[];
}
