/** Reads Gettext catalogs (`.po`): share translated, missing and fuzzy entries, then each text with its translation. */
import type { FormatLine } from '../../engine/read/format.ts';
import { plural, point, pointLines, splitLines, type Format } from './format.ts';

interface Entry {
  readonly line: number;
  id: string;
  texts: string[];
  fuzzy: boolean;
  readonly isObsolete: boolean;
}

const maxShown = 25;

/** Gettext's `.po`. */
export const translations: Format = {
  id: 'po',
  accepts: ({ text }) => /^msgid\s+"/m.test(text) && /^msgstr(?:\[\d\])?\s+"/m.test(text),
  read(text) {
    const all = readEntries(splitLines(text));
    const header = all.find(({ id, isObsolete }) => id === '' && !isObsolete);
    const entries = all.filter((entry) => entry !== header && !entry.isObsolete);
    if (entries.length === 0) return undefined;
    const missing = entries.filter(({ texts }) => texts.length === 0 || texts.includes(''));
    const fuzzy = entries.filter((entry) => entry.fuzzy && !missing.includes(entry));
    const language = /Language: ?([\w@.-]{1,20})/.exec(header?.texts[0] ?? '')?.[1];
    const obsolete = all.filter(({ isObsolete }) => isObsolete).length;
    const points = [
      point(
        [
          `Translations${language ? ` into ${language}` : ''}: ${plural(entries.length, 'text')}, ${entries.length - missing.length - fuzzy.length} translated, ${missing.length} missing, ${fuzzy.length} to be checked${obsolete > 0 ? `, ${obsolete} obsolete` : ''}.`,
        ],
        1,
        { weight: 10 },
      ),
      ...missing
        .slice(0, maxShown)
        .map(({ id, line }) => point([{ code: id }], line, { section: 'Not translated', weight: 3 })),
      ...fuzzy
        .slice(0, maxShown)
        .map(({ id, texts, line }) =>
          point([{ code: id }, ': ', { code: texts[0]! }], line, { section: 'To be checked', weight: 2.5 }),
        ),
    ];
    const lines = entries.map(({ id, texts, line, fuzzy: isFuzzy }): FormatLine => ({
      text: `${id} → ${texts.join(' | ') || '(missing)'}${isFuzzy ? ' (to be checked)' : ''}`,
      line,
    }));
    return { kind: 'table', points, lines: [...pointLines(points.slice(0, 1)), ...lines] };
  },
};

function readEntries(lines: readonly string[]): Entry[] {
  const entries: Entry[] = [];
  let open: Entry | undefined;
  let field = '';
  let isFuzzy = false;
  for (const [i, raw] of lines.entries()) {
    const isObsolete = raw.startsWith('#~');
    const line = isObsolete ? raw.slice(2).trimStart() : raw;
    if (/^#,.{0,200}\bfuzzy\b/.test(raw)) isFuzzy = true;
    const [, name, value] = /^(msgctxt|msgid_plural|msgid|msgstr(?:\[\d{1,2}\])?)\s+"(.*)"\s*$/.exec(line) ?? [];
    const more = /^"(.*)"\s*$/.exec(line)?.[1];
    if (name === 'msgid') {
      open = { line: i + 1, id: unescaped(value!), texts: [], fuzzy: isFuzzy, isObsolete };
      entries.push(open);
      isFuzzy = false;
    } else if (name?.startsWith('msgstr')) open?.texts.push(unescaped(value!));
    else if (more !== undefined && open && field === 'msgid') open.id += unescaped(more);
    else if (more !== undefined && open && field.startsWith('msgstr'))
      open.texts.push((open.texts.pop() ?? '') + unescaped(more));
    if (name) field = name;
  }
  return entries;
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? ' ' : sign === 't' ? ' ' : sign));
