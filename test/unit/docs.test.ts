/** What the pages for people name exists, and is as they say. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const pages = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  '.github/CONTRIBUTING.md',
  '.github/ISSUE_TEMPLATE/problem.yml',
  'src/ARCHITECTURE.md',
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const readme = pages[0]!.text;

interface Manifest {
  readonly scripts: Record<string, string>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly configuration: readonly { readonly properties: Record<string, { readonly default: unknown }> }[];
  };
}
const json = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T;
const { scripts, contributes } = json<Manifest>('package.json');
const texts = json<Record<string, string>>('package.nls.json');
const defaults = new Map(
  contributes.configuration.flatMap(({ properties }) =>
    Object.entries(properties).map(([id, setting]) => [id, setting.default] as const),
  ),
);

/** The worked examples of CONTRIBUTING are of files that a reader would add. */
const examples = ['src/engine/split/fountain.ts', 'src/providers/acme.ts'];

/** Everything that `pattern` finds and `known` does not know, with its page. */
function checkNames(pattern: RegExp, known: (name: string, page: string) => boolean): void {
  const found = pages.flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([, name = '']) => ({ path, name })));
  assert.ok(found.length > 0, `${pattern} finds nothing`);
  assert.deepEqual(
    found.filter(({ path, name }) => !known(name, path)),
    [],
  );
}

describe('the pages for people', () => {
  it('name settings and commands that there are', () => {
    const commands = new Set(contributes.commands.map(({ command }) => command));
    checkNames(/`(precis\.[\w.]+)`/g, (name) => defaults.has(name) || commands.has(name) || name === 'precis.precis');
  });

  it('call commands by their titles', () => {
    const titles = contributes.commands.map(({ title }) => texts[title.replaceAll('%', '')] ?? title);
    checkNames(/\*Précis: ([^*]+)\*/g, (name) => titles.some((title) => title.startsWith(name)));
  });

  it('tell the defaults that the manifest has', () => {
    const rows = [...readme.matchAll(/^\| ((?:`precis\.[\w.]+`(?:, )?)+) \| ([^|]*) \|/gm)];
    assert.ok(rows.length >= 7, `${rows.length} rows`);
    const said = rows.flatMap(([, ids = '', value = '']) => {
      const names = [...ids.matchAll(/precis\.[\w.]+/g)].map(([name]) => name);
      const values = value.split(', ').map((one) => one.replaceAll('`', ''));
      return value.trim() === '' ? [] : names.map((name, i) => [name, values[i]]);
    });
    const shown = (value: unknown): string => (value === true ? 'on' : String(value));
    assert.deepEqual(
      said,
      said.map(([name = '']) => [name, shown(defaults.get(name))]),
    );
  });

  it('tell the lengths that the settings tell', () => {
    const words = /`brief` \((\d+) words\), `standard` \((\d+)\), `detailed` \((\d+)\)/.exec(readme)?.slice(1);
    assert.deepEqual(
      words,
      ['brief', 'standard', 'detailed'].map((name) => /\d+/.exec(texts[`config.summary.length.${name}`] ?? '')?.[0]),
    );
  });

  it('name scripts that there are', () => {
    checkNames(/npm run ([\w:]+)/g, (name) => name in scripts);
  });

  it('name files that there are', () => {
    checkNames(
      /`((?:src|test|media|\.config)\/[\w./-]+)`/g,
      (name) => existsSync(join(root, name)) || examples.includes(name),
    );
    checkNames(/\]\((?!https?:|#)([^)\s]+)\)/g, (name, page) => existsSync(join(root, dirname(page), name)));
  });

  it('name tests that there are', () => {
    const security = pages.find(({ path }) => path === 'SECURITY.md')!.text;
    const named = [...security.matchAll(/`(test\/[\w./-]+\.ts)`((?:,? “[^”]+”)*)/g)];
    assert.ok(named.length >= 30);
    for (const [, path = '', titles = ''] of named) {
      const source = readFileSync(join(root, path), 'utf8').replaceAll("\\'", '’');
      for (const [, title = ''] of titles.matchAll(/“([^”]+)”/g))
        assert.ok(source.includes(title), `${path}: ${title}`);
    }
  });

  it('show pictures that a gallery takes: no SVG, and each with words', () => {
    for (const { path, text } of pages) {
      for (const [, words, picture] of text.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)) {
        assert.ok(words, `${path}: ${picture}`);
        assert.doesNotMatch(picture ?? '', /\.svg$|^http:/, path);
      }
    }
  });
});
