/** npm run check: types, lint and format, side by side. Says nothing of what is right. */
import { ensureModules, ensureNode } from './lib/ensure.mjs';
import { at, capture, script } from './lib/run.mjs';

const bin = (...parts) => at('node_modules', ...parts);

const checks = [
  ['types', [bin('typescript/bin/tsc'), '-p', 'tsconfig.json', '--pretty', 'false']],
  ['types of the engine', [bin('typescript/bin/tsc'), '-p', 'src/engine/tsconfig.json', '--pretty', 'false']],
  ['types of the page', [bin('typescript/bin/tsc'), '-p', 'src/webview/tsconfig.json', '--pretty', 'false']],
  ['types of the page tests', [bin('typescript/bin/tsc'), '-p', 'test/webview/tsconfig.json', '--pretty', 'false']],
  [
    'lint',
    [bin('eslint/bin/eslint.js'), '--config', '.config/eslint.config.mjs', '--max-warnings', '0', 'src', 'test'],
  ],
  [
    'format',
    [
      bin('prettier/bin/prettier.cjs'),
      '--config',
      '.config/prettier.json',
      '--ignore-path',
      '.config/prettierignore',
      '--check',
      '--log-level',
      'warn',
      '.',
    ],
  ],
];

await script(async (args) => {
  await ensureModules();
  const node = await ensureNode();
  const wanted = checks.filter(([name]) => args.length === 0 || args.some((arg) => name.startsWith(arg)));
  const results = await Promise.all(
    wanted.map(async ([name, command]) => {
      const began = performance.now();
      const { code, output } = await capture(node, command, { env: { ...process.env, NODE_NO_WARNINGS: '1' } });
      console.log(`${code === 0 ? '✔' : '✘'} ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
      if (code !== 0) console.log(output.trim());
      return code;
    }),
  );
  return results.every((code) => code === 0) ? 0 : 1;
});
