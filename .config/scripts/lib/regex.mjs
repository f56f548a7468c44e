/** Finds every regular expression of src/ and checks that its time grows no faster than its input. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { at } from './run.mjs';

/** Expressions that were checked before, by their text. */
export const cacheFile = at('.config/regex.json');

/**
 * @typedef {{ file: string, line: number, source: string, flags: string }} Expression
 * @returns {Expression[]} literals, and `new RegExp(…)` of what the file says; a part known only at run time counts as one letter
 */
export function expressions() {
  return sources(at('src')).flatMap((file) => expressionsOf(file, readFileSync(at(file), 'utf8')));
}

/** `/source/flags`, the key in the cache. */
export const textOf = ({ source, flags }) => `/${source}/${flags}`;

export const readCache = () => JSON.parse(readFileSync(cacheFile, 'utf8'));

/**
 * @param {Expression} expression
 * @returns {Promise<string>} 'safe', or how the time grows ('2nd degree polynomial', 'exponential'), or why it is unknown
 */
export async function check({ source, flags }) {
  const recheck = await import('recheck');
  // A sticky expression is tried at one place: the anchor keeps the checker from trying all.
  const sticky = flags.includes('y');
  const { status, complexity, error } = await recheck.check(
    sticky ? `^(?:${source})` : source,
    flags.replace(/[dgyv]/g, ''),
    { timeout: 20_000 },
  );
  if (status === 'safe') return 'safe';
  return complexity?.summary ?? `unknown: ${error?.kind ?? ''}`;
}

/** Paths of the TypeScript files below a folder, relative to the root. */
function sources(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(at('.').length)
        .replaceAll('\\', '/'),
    )
    .map((path) => path.replace(/^\/+/, ''))
    .sort();
}

function expressionsOf(file, text) {
  if (!/\/|RegExp/.test(text)) return [];
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const constants = constantsOf(tree);
  const found = [];
  const add = (node, source, flags) =>
    found.push({ file, line: tree.getLineAndCharacterOfPosition(node.getStart()).line + 1, source, flags });
  const visit = (node) => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      add(node, node.text.slice(1, end), node.text.slice(end + 1));
    } else if (isRegExp(node)) {
      const [pattern, flags] = node.arguments ?? [];
      if (pattern) add(node, valueOf(pattern, constants), flags ? valueOf(flags, constants) : '');
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

const isRegExp = (node) =>
  (ts.isNewExpression(node) || ts.isCallExpression(node)) &&
  ts.isIdentifier(node.expression) &&
  node.expression.text === 'RegExp';

/** What each name of a file stands for, where it is said once. */
function constantsOf(tree) {
  const constants = new Map();
  const visit = (node) => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      constants.set(node.name.text, constants.has(node.name.text) ? undefined : node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return constants;
}

const unknown = 'x';

/** The text that an expression makes: what cannot be known becomes one letter. */
function valueOf(node, constants, depth = 0) {
  const value = (child) => valueOf(child, constants, depth + 1);
  if (depth > 20) return unknown;
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return node.text;
  if (ts.isRegularExpressionLiteral(node)) return node.text.slice(1, node.text.lastIndexOf('/'));
  if (ts.isTaggedTemplateExpression(node) && node.tag.getText() === 'String.raw') return rawOf(node.template, value);
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map((span) => value(span.expression) + span.literal.text).join('');
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
    return value(node.left) + value(node.right);
  if (ts.isParenthesizedExpression(node) || ts.isAsExpression(node)) return value(node.expression);
  if (ts.isPropertyAccessExpression(node) && node.name.text === 'source') return value(node.expression);
  if (ts.isIdentifier(node)) {
    const said = constants.get(node.text);
    return said ? value(said) : unknown;
  }
  if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) return joinOf(node, value);
  return unknown;
}

function rawOf(template, value) {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return template.rawText ?? template.text;
  return (
    (template.head.rawText ?? template.head.text) +
    template.templateSpans.map((span) => value(span.expression) + (span.literal.rawText ?? span.literal.text)).join('')
  );
}

/** `['a', 'b'].join('|')`; any other call is not known. */
function joinOf(call, value) {
  const list = call.expression.expression;
  if (call.expression.name.text !== 'join' || !ts.isArrayLiteralExpression(list)) return unknown;
  return list.elements.map(value).join(call.arguments[0] ? value(call.arguments[0]) : ',');
}
