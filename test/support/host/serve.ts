/** npm start without a desktop VS Code: one in the browser, until Ctrl+C. node serve.ts FILE */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pageAddress, root } from './host.ts';
import { settingsFile, startServer } from './server.ts';

const file = process.argv[2] ?? join(root, 'test', 'fixtures', 'sample.md');
// What is set up here stays for the next time.
const home = join(root, '.vscode-test', 'start');
mkdirSync(home, { recursive: true });
rmSync(join(home, 'extensions'), { recursive: true, force: true });

const server = await startServer({
  home,
  development: false,
  installed: [root],
  settings: { 'workbench.startupEditor': 'none', 'telemetry.telemetryLevel': 'off', ...settingsSoFar() },
  env: { OPENAI_API_KEY: process.env['OPENAI_API_KEY'], ANTHROPIC_API_KEY: process.env['ANTHROPIC_API_KEY'] },
  trusted: true,
  port: Number(process.env['PORT'] ?? 0),
});
console.log(`VS Code with Précis: ${pageAddress({ file }, server.port, dirname(file))}`);
console.log('Run “Précis: Summarize File” from the command palette (F1). Ctrl+C ends it.');
await new Promise((ended) => server.process.once('exit', ended));

function settingsSoFar(): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(settingsFile(home), 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
