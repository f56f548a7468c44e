/** Lint: what types cannot say. The walls come from walls.mjs. */
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import tseslint from 'typescript-eslint';
import { wallAgainst } from './walls.mjs';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const source = resolve(root, 'src');

const typesOnly = (node) =>
  node.importKind === 'type' ||
  node.exportKind === 'type' ||
  (node.specifiers?.length > 0 &&
    node.specifiers.every((one) => one.importKind === 'type' || one.exportKind === 'type'));

const wallRule = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const from = relative(source, context.filename).replaceAll('\\', '/');
    const look = (node, literal, types) => {
      if (typeof literal?.value !== 'string') return;
      const reason = wallAgainst(from, literal.value, types);
      if (reason) context.report({ node, message: reason });
    };
    return {
      ImportDeclaration: (node) => look(node, node.source, typesOnly(node)),
      ExportNamedDeclaration: (node) => look(node, node.source, typesOnly(node)),
      ExportAllDeclaration: (node) => look(node, node.source, typesOnly(node)),
      ImportExpression: (node) => look(node, node.source, false),
      TSImportType: (node) => look(node, node.source ?? node.argument?.literal, true),
    };
  },
};

const everywhere = [
  {
    selector:
      "CallExpression[callee.name='eval'], NewExpression[callee.name='Function'], CallExpression[callee.name='Function']",
    message: 'Text is never run as code.',
  },
  {
    selector:
      "AssignmentExpression[left.property.name='outerHTML'], CallExpression[callee.property.name='insertAdjacentHTML'], CallExpression[callee.property.name='write'][callee.object.name='document']",
    message: 'Markup is made of elements, or goes through the sanitizer.',
  },
  {
    selector: "ImportDeclaration[source.value='node:child_process'] ImportSpecifier[imported.name=/^exec(Sync)?$/]",
    message: 'No shell: use execFile or spawn with a list of arguments.',
  },
];
const environment = {
  selector: "MemberExpression[object.name='process'][property.name='env']",
  message: 'The environment is read in src/host/environment.ts alone.',
};
const messages = {
  selector:
    'MemberExpression[property.name=/^(show(Information|Warning|Error)Message|withProgress|(show|create)QuickPick|(show|create)InputBox|setStatusBarMessage)$/]',
  message: 'Messages, progress, prompts and picks go through src/host/notify.ts, which shows names as plain text.',
};
const markup = {
  selector: "AssignmentExpression[left.property.name='innerHTML']",
  message: 'Markup is made of elements, or goes through the sanitizer.',
};

/** Slips that types do not catch. */
const slips = [
  'no-async-promise-executor',
  'no-cond-assign',
  'no-dupe-else-if',
  'no-empty',
  'no-empty-character-class',
  'no-irregular-whitespace',
  'no-loss-of-precision',
  'no-self-assign',
  'no-sparse-arrays',
  'no-unreachable',
  'no-unsafe-finally',
  'no-useless-backreference',
  'no-useless-catch',
  'no-useless-escape',
];

const engineBans = [
  'Date',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
  'performance',
  'crypto',
  'process',
  'Buffer',
  'fetch',
  'console',
  'globalThis',
  'URL',
  'TextEncoder',
];

export default tseslint.config(
  { ignores: ['dist/**', 'out/**', 'node_modules/**', '.vscode-test/**', 'test/fixtures/**'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.base],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.json', './src/webview/tsconfig.json', './test/webview/tsconfig.json'],
        tsconfigRootDir: root,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-debugger': 'error',
      ...Object.fromEntries(slips.map((rule) => [rule, 'error'])),
      'max-lines': ['error', { max: 600 }],
    },
  },
  {
    files: ['src/**/*.ts'],
    plugins: { precis: { rules: { walls: wallRule } } },
    rules: {
      'precis/walls': 'error',
      'no-console': ['error', { allow: ['warn'] }],
      'no-restricted-syntax': ['error', ...everywhere, environment, markup, messages],
    },
  },
  {
    files: ['src/host/environment.ts', 'src/cli/main.ts', 'src/cli/open.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, markup, messages] },
  },
  { files: ['src/host/notify.ts'], rules: { 'no-restricted-syntax': ['error', ...everywhere, environment, markup] } },
  {
    files: ['src/webview/summary/sanitize.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere, environment] },
  },
  {
    files: ['src/engine/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        ...engineBans.map((name) => ({ name, message: 'The engine has only what it is given: see ports.ts.' })),
      ],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Randomness is a port.' }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "CallExpression[callee.object.name=/^(it|describe)$/][callee.property.name='only']",
          message: 'A test alone hides the others.',
        },
      ],
    },
  },
);
