/** npm run pictures: media/readme/*.png, taken of the sample in a real VS Code, dark and light. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, type Theme } from './host.ts';
import { summarizeFile } from './summarizeFile.ts';

const folder = join(root, 'media', 'readme');
mkdirSync(folder, { recursive: true });
for (const theme of ['dark', 'light'] satisfies Theme[]) {
  const screenshot = join(folder, `summary-${theme}.png`);
  const result = await summarizeFile({
    file: join(root, 'test', 'fixtures', 'sample.md'),
    settings: { 'precis.provider': 'offline', 'workbench.sideBar.location': 'left' },
    theme,
    viewport: { width: 1280, height: 760 },
    scale: 1.5,
    screenshot,
  });
  if (!result.ok) throw new Error(result.message);
  console.log(screenshot);
}
process.exit(0);
