/** Sentence boundaries against treebanks: the texts of a CoNLL-U file joined, and cut again. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cuts } from '../../../src/engine/offline/sentences.ts';

/** Sentences that are joined to one paragraph. */
const paragraph = 20;

/** Prints, for each `.conllu` file under `folder`, wrong and missed cuts per 100 sentences. The file's name begins with its language. */
export function measureBoundaries(folder: string, { verbose }: { readonly verbose: boolean }): void {
  console.log('\nboundaries           sentences  wrong per 100  missed per 100');
  for (const name of readdirSync(folder)
    .filter((file) => file.endsWith('.conllu'))
    .sort()) {
    const texts = [...readFileSync(join(folder, name), 'utf8').matchAll(/^# text = (.*)$/gm)].map((found) => found[1]!);
    let wrong = 0;
    let found = 0;
    const language = name.slice(0, 2);
    const segmenter = new Intl.Segmenter(language, { granularity: 'sentence' });
    const squeeze = (text: string): number => text.replace(/\s/g, '').length;
    for (let from = 0; from < texts.length; from += paragraph) {
      const own = texts.slice(from, from + paragraph);
      const truth = new Set<number>();
      let length = 0;
      for (const text of own) truth.add((length += squeeze(text)));
      const text = own.join(' ');
      for (const [start, end] of cuts(text, segmenter, language)) {
        if (truth.has(squeeze(text.slice(0, end)))) found++;
        else {
          wrong++;
          if (verbose) console.log('   ', text.slice(Math.max(start, end - 60), end), '|', text.slice(end, end + 30));
        }
      }
    }
    const per100 = (count: number): string => ((100 * count) / texts.length).toFixed(2);
    console.log(
      `${name.padEnd(22)} ${String(texts.length).padStart(7)} ${per100(wrong).padStart(14)} ${per100(texts.length - found).padStart(15)}`,
    );
  }
}
