/**
 * npm run summarize [-- FILE] [--provider P] [--model M] [--base-url URL] [--length L] [--yes]
 * Summarizes a file in a real VS Code without a window. Without a provider nothing leaves this machine.
 */
import { accessSync, constants, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureAll } from './lib/ensure.mjs';
import { at, run, script, Told } from './lib/run.mjs';

const providers = {
  offline: {},
  openai: { prefix: 'precis.openai', key: 'OPENAI_API_KEY' },
  anthropic: { prefix: 'precis.anthropic', key: 'ANTHROPIC_API_KEY' },
  'openai-compatible': { prefix: 'precis.openaiCompatible' },
};

function options(args) {
  try {
    const text = { type: 'string' };
    return parseArgs({
      args,
      allowPositionals: true,
      options: { provider: text, model: text, 'base-url': text, length: text, yes: { type: 'boolean' } },
    });
  } catch (error) {
    throw new Told(error.message);
  }
}

/** npm changes into the repository first; paths are meant from where the person stands. */
const fromHere = (name) => resolve(process.env['INIT_CWD'] ?? process.cwd(), name);

function checkedFile(name) {
  const file = name === undefined ? at('test', 'fixtures', 'sample.md') : fromHere(name);
  let entry;
  try {
    entry = statSync(file);
    accessSync(file, constants.R_OK);
  } catch (error) {
    throw new Told(error.code === 'ENOENT' ? `There is no file ${file}.` : `${file} cannot be read (${error.code}).`);
  }
  if (!entry.isFile()) throw new Told(`${file} is not a file.`);
  return file;
}

await script(async (args) => {
  const { values, positionals } = options(args);
  if (positionals.length > 1) throw new Told('One file at a time, please.');
  const name = values.provider ?? 'offline';
  const provider = providers[name];
  if (!provider) throw new Told(`There is no provider ${name}. There are: ${Object.keys(providers).join(', ')}.`);
  const file = checkedFile(positionals[0]);
  const key = provider.key ? process.env[provider.key] : undefined;
  if (provider.key && !key) throw new Told(`${name} needs a key: set ${provider.key} in the environment.`);
  if (values['base-url'] && !URL.canParse(values['base-url']))
    throw new Told(`${values['base-url']} is not an address.`);
  const settings = {};
  if (provider.prefix && values['base-url']) settings[`${provider.prefix}.baseUrl`] = values['base-url'];
  if (provider.prefix && values.model) settings[`${provider.prefix}.model`] = values.model;
  if (values.length) settings['precis.summary.length'] = values.length;
  const { node } = await ensureAll();
  const { build } = await import(pathToFileURL(at('esbuild.config.mjs')).href);
  await build({ quiet: true });
  const job = { file, provider: name, settings, env: key ? { [provider.key]: key } : {}, yes: values.yes ?? false };
  return run(node, [at('test/support/host/summarize.ts'), JSON.stringify(job)], {
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  });
});
