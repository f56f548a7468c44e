/**
 * The walls between the folders of src/: one table that the linter, a test and ARCHITECTURE.md follow.
 *
 * rooms     whose code may be imported; `port` stands for the files of the engine that everybody speaks with
 * types     whose types may be imported beyond that
 * packages  npm packages by name (a trailing /* takes a whole scope); '*' takes all
 * node      whether Node's own modules may be imported
 * vscode    'yes', 'types' (handed in at run time), or left out
 */

/** The engine's contract: what the other rooms may name of it. */
export const portFiles = [
  'messages.ts',
  'model.ts',
  'ports.ts',
  'source.ts',
  'events.ts',
  'request.ts',
  'places.ts',
  'text.ts',
  'tokens.ts',
  'schedule/types.ts',
];

const touch = {
  rooms: ['port', 'runs', 'sources', 'host', 'shared', 'contributions', 'api', 'panel', 'publicApi', 'mcp'],
  types: ['engine', 'services', 'batch', 'providers', 'cache'],
  packages: ['valibot'],
  vscode: 'yes',
};

/** @type {Record<string, { rooms: string[], types?: string[], packages?: string[], node?: boolean, vscode?: 'yes' | 'types' }>} */
export const walls = {
  engine: { rooms: ['port'], packages: ['p-limit'] },
  providers: {
    rooms: ['port', 'shared'],
    types: ['engine'],
    packages: ['openai', '@anthropic-ai/sdk', 'eventsource-parser'],
    vscode: 'types',
  },
  text: {
    rooms: ['port', 'engine'],
    packages: ['js-tiktoken', '@secretlint/*', 'unpdf', 'mammoth', 'htmlparser2', 'postal-mime', 'fflate'],
    node: true,
  },
  cache: { rooms: ['port'], types: ['engine'], packages: ['lru-cache'], node: true, vscode: 'types' },
  batch: { rooms: ['port', 'engine', 'providers', 'cache'] },
  sources: {
    rooms: ['port', 'engine', 'text', 'host', 'contributions'],
    types: ['engine'],
    packages: ['ignore', 'diff'],
    node: true,
    vscode: 'yes',
  },
  host: {
    rooms: ['port', 'contributions', 'shared'],
    types: ['engine', 'providers', 'api'],
    packages: ['@noble/hashes'],
    node: true,
    vscode: 'yes',
  },
  runs: {
    rooms: [
      'port',
      'engine',
      'providers',
      'text',
      'cache',
      'batch',
      'sources',
      'host',
      'shared',
      'contributions',
      'api',
    ],
    packages: ['js-yaml', 'p-limit', 'valibot'],
    node: true,
    vscode: 'yes',
  },
  commands: touch,
  panel: touch,
  chat: touch,
  shared: { rooms: ['port'], types: ['engine'], packages: ['valibot'] },
  webview: { rooms: ['shared'], types: ['port'], packages: ['markdown-it', 'dompurify', 'highlight.js', 'valibot'] },
  /** Composition roots that know no editor: only modules without `vscode` may be reached from here (walls.test.ts). */
  cli: {
    rooms: ['port', 'engine', 'providers', 'text', 'cache', 'batch', 'sources', 'host', 'contributions', 'mcp'],
    packages: ['p-limit', 'valibot'],
    node: true,
  },
  mcp: { rooms: ['port', 'sources', 'cli'], packages: ['@modelcontextprotocol/sdk', 'zod'], node: true },
  contributions: { rooms: ['providers'] },
  api: { rooms: [], types: ['port', 'engine'], vscode: 'types' },
  publicApi: { rooms: ['port', 'runs', 'sources', 'host', 'api'], types: ['engine', 'services'], vscode: 'yes' },
  /** The composition: makes the parts and wires them on first use. */
  services: { rooms: ['*'], packages: [], vscode: 'yes' },
  extension: { rooms: ['*'], packages: ['*'], node: true, vscode: 'yes' },
  web: { rooms: ['*'], packages: ['*'], vscode: 'yes' },
};

/** Room of a path relative to src/, written with slashes: `runs/start.ts` → runs, `extension.ts` → extension. */
export function roomOf(path) {
  const parts = path.split('/');
  return parts.length === 1 ? parts[0].replace(/\.ts$/, '') : parts[0];
}

const isPort = (path) => path.startsWith('engine/') && portFiles.includes(path.slice('engine/'.length));
const takes = (list, name) =>
  list.some(
    (entry) => entry === '*' || entry === name || (entry.endsWith('/*') && name.startsWith(entry.slice(0, -1))),
  );

function packageName(specifier) {
  const parts = specifier.split('/');
  return specifier.startsWith('@') ? parts.slice(0, 2).join('/') : parts[0];
}

function resolved(from, specifier) {
  const parts = from.split('/').slice(0, -1);
  for (const step of specifier.split('/')) {
    if (step === '..') parts.pop();
    else if (step !== '.') parts.push(step);
  }
  return parts.join('/');
}

/**
 * Why an import is not allowed, or undefined.
 * @param {string} from path of the importing file relative to src/
 * @param {string} specifier what stands in the import
 * @param {boolean} typesOnly
 */
export function wallAgainst(from, specifier, typesOnly) {
  const room = roomOf(from);
  const wall = walls[room];
  if (!wall) return `${room} is no room: walls.mjs does not know it`;
  if (specifier.startsWith('.')) return relativeWall(from, specifier, typesOnly, room, wall);
  if (specifier === 'vscode') {
    return wall.vscode === 'yes' || (wall.vscode === 'types' && typesOnly)
      ? undefined
      : `${room} must not import vscode${wall.vscode ? ' but its types' : ''}`;
  }
  if (specifier.startsWith('node:')) return wall.node ? undefined : `${room} must not import Node's modules`;
  return takes(wall.packages ?? [], packageName(specifier))
    ? undefined
    : `${room} must not import the package ${packageName(specifier)}`;
}

function relativeWall(from, specifier, typesOnly, room, wall) {
  if (!/\.(ts|css|json)$/.test(specifier)) return 'relative imports end in .ts';
  const target = resolved(from, specifier);
  const other = roomOf(target);
  if (other === room) return undefined;
  const names = isPort(target) ? ['port', other] : [other];
  const open = [...wall.rooms, ...(typesOnly ? (wall.types ?? []) : [])];
  return names.some((name) => takes(open, name))
    ? undefined
    : `${room} must not import ${typesOnly ? 'types of' : 'code of'} ${target}`;
}
