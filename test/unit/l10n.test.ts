import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

type Texts = Readonly<Record<string, string>>;

const root = new URL('../../', import.meta.url);
const script = (await import(new URL('.config/scripts/strings.mjs', root).href)) as {
  locales: readonly string[];
  strings(): string[];
  bundle(locale: string): Texts;
  untranslated(): string[];
};
const read = (path: string): Texts => JSON.parse(readFileSync(new URL(path, root), 'utf8')) as Texts;

const english = script.strings();
const manifest = (locale?: string): Texts => read(`package.nls${locale ? `.${locale}` : ''}.json`);

/** Names of commands and choices in the manifest: the same thing is called the same everywhere. */
const isName = (key: string): boolean => /^command\.|\.label$/.test(key);

/** Every text of every language that `rule` says something against, in one message. */
function checkTexts(rule: (text: string, translated: string, locale: string) => string | undefined): void {
  const found = script.locales.flatMap((locale) =>
    Object.entries(script.bundle(locale)).flatMap(([text, translated]) => {
      const fault = rule(text, translated, locale);
      return fault === undefined
        ? []
        : [`${locale}: ${fault}: ${JSON.stringify(text)} → ${JSON.stringify(translated)}`];
    }),
  );
  assert.deepEqual(found, []);
}

const placeholders = (text: string): string => (text.match(/\{[^}]*\}/g) ?? []).sort().join(' ');
/** What is the same in every language: icons, addresses, ids of settings, ranges of commits. */
const verbatim = /\$\([\w-]+\)|https?:\/\/|\b[a-z]+\.[a-z]\w+\b|\b\w+\.\.\w+\b/g;

describe('The translations', () => {
  it('are made of texts of every kind: literals, both sides of a choice, and tables', () => {
    const wanted = [
      'There are no changes.',
      'key stored',
      'key from the environment',
      'Lock file',
      'The provider is overloaded.',
      'Another model may answer.',
      '{0} parts were not read',
      'Open Settings',
    ];
    assert.deepEqual(
      wanted.filter((text) => !english.includes(text)),
      [],
    );
  });

  it('have a base that names the texts of the sources', () => {
    assert.deepEqual(read('media/l10n/bundle.l10n.json'), Object.fromEntries(english.map((text) => [text, text])));
  });

  for (const locale of script.locales) {
    it(`say in ${locale} each text of the sources, and nothing else`, () => {
      const keys = Object.keys(script.bundle(locale));
      const missing = english.filter((text) => !keys.includes(text));
      const left = keys.filter((text) => !english.includes(text));
      assert.deepEqual({ missing, left }, { missing: [], left: [] });
    });
  }

  it('miss no sentence that a person reads', () => {
    assert.deepEqual(script.untranslated(), []);
  });

  it('keep every placeholder', () => {
    checkTexts((text, translated) =>
      placeholders(text) === placeholders(translated) ? undefined : 'other placeholders',
    );
  });

  it('are never empty, and have no white space at their ends', () => {
    checkTexts((_, translated) =>
      translated === '' || translated.trim() !== translated ? 'empty or ragged' : undefined,
    );
  });

  it('leave no phrase in English', () => {
    const words = (text: string): number => text.replace(verbatim, '').match(/(?<!\{)\p{L}{2,}/gu)?.length ?? 0;
    checkTexts((text, translated) => (text === translated && words(text) > 1 ? 'not translated' : undefined));
  });

  it('end as the English text ends, with the sign of their script', () => {
    const ends: Record<string, RegExp> = { '.': /[.。]$/, '?': /[?？]$/, '…': /…$/, '}': /[^.。]$/ };
    checkTexts((text, translated) => (ends[text.slice(-1)]?.test(translated) === false ? 'another end' : undefined));
  });

  it('use typographic signs: no three full stops, no straight quotes', () => {
    checkTexts((_, translated) => (/\.\.\.|['"]/.test(translated) ? 'plain signs' : undefined));
  });

  it('keep the product’s name, icons, addresses and ids as they are', () => {
    checkTexts((text, translated) => {
      const kept = [...(text.match(verbatim) ?? []), ...(text.includes('Précis') ? ['Précis'] : [])];
      const lost = kept.filter((part) => !translated.includes(part));
      return lost.length > 0 ? `lost ${lost.join(', ')}` : undefined;
    });
  });

  it('call commands and choices by the names that the palette and the settings show', () => {
    const names = Object.entries(manifest()).filter(([key]) => isName(key));
    const local = new Map(script.locales.map((locale) => [locale, manifest(locale)]));
    checkTexts((text, translated, locale) => {
      for (const name of [text, ...[...text.matchAll(/“([^”{]+)”/g)].map((match) => match[1]!)]) {
        const known = names.filter(([, title]) => title === name).map(([key]) => local.get(locale)?.[key] ?? '');
        const said = (one: string): boolean => (name === text ? translated === one : translated.includes(one));
        if (known.length > 0 && !known.some(said)) return `not called “${known.join('” or “')}”`;
      }
      return undefined;
    });
  });

  it('put Spanish questions between both marks', () => {
    checkTexts((_, translated, locale) =>
      locale === 'es' && translated.includes('?') && !translated.includes('«') && !translated.includes('¿')
        ? 'no opening mark'
        : undefined,
    );
  });

  it('break no French line before a colon or a closing mark', () => {
    checkTexts((_, translated, locale) =>
      locale === 'fr' && /(?: [:;?!»])|(?:« )|\p{L}[;?!]/u.test(translated) ? 'breakable or missing space' : undefined,
    );
  });
});
