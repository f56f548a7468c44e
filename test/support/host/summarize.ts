/** npm run summarize: node summarize.ts OPTIONS-AS-JSON */
import { join } from 'node:path';
import { root } from './host.ts';
import { summarizeFile } from './summarizeFile.ts';

interface Options {
  readonly file: string;
  readonly provider: string;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  readonly yes: boolean;
}

/** Prints a text that grows: lines that are finished at once, the last one when it is followed by another or the end. */
function createPrinter(): { show(text: string): void; end(text: string): void } {
  let printed: string[] = [];
  const print = (lines: readonly string[]): void => {
    if (printed.some((line, index) => line !== lines[index])) {
      console.log('\n— written anew —\n');
      printed = [];
    }
    for (const line of lines.slice(printed.length)) console.log(line);
    printed = [...lines];
  };
  return {
    show: (text) => print(text.split('\n').slice(0, -1)),
    end: (text) => print(text === '' ? [] : text.split('\n')),
  };
}

const options = JSON.parse(process.argv[2] ?? '{}') as Options;
const screenshot = join(root, 'out', 'pictures', 'summary.png');
const printer = createPrinter();
try {
  console.log(`Summarizing ${options.file} (${options.provider}) in VS Code …\n`);
  const result = await summarizeFile({
    file: options.file,
    settings: { ...options.settings, 'precis.provider': options.provider },
    env: options.env,
    yes: options.yes,
    screenshot,
    onText: (text) => printer.show(text),
  });
  printer.end(result.text);
  if (result.facts) console.log(`\n${result.facts}`);
  console.log(`\nScreenshot: ${screenshot}`);
  if (!result.ok) console.error(`\n${result.message ?? ''}`);
  process.exit(result.ok ? 0 : 1);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
