/**
 * npm run strings: every string that a person reads, as a JSON list; writes the English base of the bundles and tells on
 * standard error what each bundle misses. `--missing de` prints only what one bundle lacks; `--tidy` puts the bundles in
 * the order of the base and drops what the sources no longer say.
 */
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../../', import.meta.url));
const bundles = join(root, 'media', 'l10n');
export const locales = ['de', 'es', 'fr', 'ja', 'pt-br', 'zh-cn'];

/** Where a call's text is no literal: the table that it is taken from, `in` a file, `of` properties with these names only. */
const tables = {
  'src/host/errors.ts: help.hint': { in: 'src/host/errors.ts', named: 'helps', of: ['hint'] },
  'src/host/errors.ts: help.sentence': { in: 'src/host/errors.ts', named: 'helps', of: ['sentence'] },
  'src/host/errors.ts: message': { in: 'src/engine/messages.ts', named: 'errorMessages' },
  'src/host/providerNames.ts: known': { in: 'src/host/providerNames.ts', named: 'providerNames' },
  'src/panel/panel.ts: text': { in: 'src/shared/texts.ts', named: 'panelTexts' },
  'src/runs/engine.ts: phrase': { in: 'src/engine/messages.ts', named: 'summaryPhrases' },
  'src/panel/actions.ts: labels[action]': { in: 'src/panel/actions.ts', named: 'labels' },
  'src/runs/summaryWording.ts: offlinePhrase': { in: 'src/engine/offline/phrases.ts', named: 'offlinePhrases' },
  'src/sources/files.ts: reasons[reason]': { in: 'src/sources/reasons.ts', named: 'reasons' },
};
/** `t` itself, which hands on what it is given. */
const wrapper = 'src/host/l10n.ts: message';

/** A call with a text for a person: `t(…)` or `l10n.t(…)`; the page and what it shares take keys, no texts. */
const callee = /^(?:t|(?:vscode\.)?l10n\.t)$/;
const mayCall = /\bt\(/;
const withoutTexts = /^src\/(?:engine|shared|webview)\//;

/** @returns {string[]} all texts of the sources, sorted; throws on a text that cannot be found by reading */
export function strings() {
  const found = new Set();
  for (const path of sources(join(root, 'src'))) {
    const file = relative(root, path).split(sep).join('/');
    if (withoutTexts.test(file)) continue;
    const text = readFileSync(path, 'utf8');
    if (mayCall.test(text)) collect(file, text, found);
  }
  return [...found].sort();
}

/** Rooms in which a text for a person is translated or comes from a table. */
const forPeople = /^src\/(?:(?:chat|commands|host|panel|runs|sources|webview)\/|\w+\.ts$)/;
/** Texts that no translation is for: what a model reads, and a report that the maintainers read. */
const forOthers = /^src\/(?:chat\/tools|runs\/templates\/builtIns)\.ts: |: What happened, and what did you expect\?/;
const logged = /\blog\b/;
const phrase = /^[\s*“]*\p{Lu}\p{L}*,? (?:\p{L}+|\{)/u;

/** @returns {string[]} file and phrase, for each that begins like a sentence and is neither translated nor in a table */
export function untranslated() {
  const named = new Set(Object.values(tables).map((table) => table.named));
  return sources(join(root, 'src')).flatMap((path) => {
    const file = relative(root, path).split(sep).join('/');
    if (!forPeople.test(file)) return [];
    const source = parse(file, readFileSync(path, 'utf8'));
    const found = [];
    const visit = (node) => {
      if (ts.isImportDeclaration(node)) return;
      if (ts.isCallExpression(node)) {
        const called = node.expression.getText(source);
        if (callee.test(called) || logged.test(called)) return;
      }
      if (ts.isVariableDeclaration(node) && named.has(node.name.getText(source))) return;
      const text = ts.isTemplateExpression(node)
        ? [node.head, ...node.templateSpans.map(({ literal }) => literal)].map((part) => part.text).join('{}')
        : ts.isStringLiteralLike(node)
          ? node.text
          : '';
      if (phrase.test(text)) found.push(`${file}: ${text}`);
      ts.forEachChild(node, visit);
    };
    visit(source);
    return found.filter((place) => !forOthers.test(place));
  });
}

function collect(file, text, found) {
  const source = parse(file, text);
  const visit = (node) => {
    if (ts.isCallExpression(node) && callee.test(node.expression.getText(source))) {
      for (const message of messages(node.arguments[0], file, source)) found.add(message);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}

/** The texts that one argument can be. */
function messages(node, file, source) {
  if (node && ts.isStringLiteralLike(node)) return [node.text];
  if (node && ts.isParenthesizedExpression(node)) return messages(node.expression, file, source);
  if (node && ts.isConditionalExpression(node)) {
    return [...messages(node.whenTrue, file, source), ...messages(node.whenFalse, file, source)];
  }
  const place = `${file}: ${node?.getText(source) ?? ''}`;
  if (place === wrapper) return [];
  const table = tables[place];
  if (!table) throw new Error(`${place}: no literal and no known table; name its table in .config/scripts/strings.mjs`);
  return tableTexts(table);
}

function tableTexts({ in: file, named, of }) {
  const source = parse(file, readFileSync(join(root, file), 'utf8'));
  const texts = [];
  const values = (node) => {
    if (ts.isPropertyAssignment(node) && ts.isStringLiteralLike(node.initializer)) {
      const name = ts.isStringLiteralLike(node.name) ? node.name.text : node.name.getText(source);
      if ((!of || of.includes(name)) && node.initializer.text !== '') texts.push(node.initializer.text);
    }
    ts.forEachChild(node, values);
  };
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText(source) === named && node.initializer)
      values(node.initializer);
    else ts.forEachChild(node, visit);
  };
  visit(source);
  if (texts.length === 0) throw new Error(`${file} has no table of texts named ${named}`);
  return texts;
}

const parsed = new Map();

function parse(file, text) {
  if (!parsed.has(file)) parsed.set(file, ts.createSourceFile(file, text, ts.ScriptTarget.Latest, false));
  return parsed.get(file);
}

function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function pathOf(locale) {
  return join(bundles, `bundle.l10n.${locale}.json`);
}

/** @returns {Record<string, string>} empty for a language that has no bundle yet */
export function bundle(locale) {
  return existsSync(pathOf(locale)) ? JSON.parse(readFileSync(pathOf(locale), 'utf8')) : {};
}

function write(path, entries) {
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(entries), undefined, 2)}\n`);
}

function main(args) {
  const all = strings();
  const lacks = (locale) => {
    const has = bundle(locale);
    return all.filter((text) => !(text in has));
  };
  const one = args.includes('--missing') ? args[args.indexOf('--missing') + 1] : undefined;
  console.log(JSON.stringify(one ? lacks(one) : all, undefined, 2));
  if (one) return;
  write(
    join(bundles, 'bundle.l10n.json'),
    all.map((text) => [text, text]),
  );
  for (const locale of locales) {
    const has = bundle(locale);
    const left = Object.keys(has).filter((text) => !all.includes(text));
    console.error(`${locale}: ${lacks(locale).length} missing, ${left.length} left over`);
    if (!args.includes('--tidy') || Object.keys(has).length === 0) continue;
    const kept = all.filter((text) => text in has);
    write(
      pathOf(locale),
      kept.map((text) => [text, has[text]]),
    );
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
