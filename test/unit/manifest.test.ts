import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import {
  commandIds,
  contextKeys,
  panelViewType,
  participantId,
  providerFacts,
  providerIds,
  toolNames,
} from '../../src/contributions.ts';

interface Setting {
  type: string | string[];
  default: unknown;
  scope?: string;
  order?: number;
  markdownDescription?: string;
  enum?: unknown[];
  markdownEnumDescriptions?: string[];
  enumItemLabels?: string[];
  minimum?: number;
}
interface MenuItem {
  command?: string;
  submenu?: string;
  when?: string;
  group?: string;
}
interface Manifest {
  version: string;
  main: string;
  browser: string;
  icon: string;
  engines: { vscode: string };
  activationEvents: string[];
  extensionKind: string[];
  devDependencies: Record<string, string>;
  capabilities: { untrustedWorkspaces: { supported: string; restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category?: string }[];
    menus: Record<string, MenuItem[]>;
    submenus: { id: string }[];
    views: Record<string, { id: string }[]>;
    viewsWelcome: { when?: string }[];
    keybindings: { when?: string }[];
    configuration: { title: string; properties: Record<string, Setting> }[];
    languageModelTools: { name: string; inputSchema: { properties: Record<string, unknown> } }[];
    chatParticipants: { id: string }[];
    walkthroughs: {
      steps: { completionEvents: string[]; media: { svg?: string; image?: string; markdown?: string } }[];
    }[];
  };
}

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const manifest = JSON.parse(read('package.json')) as Manifest;
const texts = JSON.parse(read('package.nls.json')) as Record<string, string>;
const settings = Object.assign({}, ...manifest.contributes.configuration.map((group) => group.properties)) as Record<
  string,
  Setting
>;
const menus = Object.values(manifest.contributes.menus).flat();

/** Both ways, with the names of what is missing in the message. */
function checkSame(what: string, here: readonly string[], there: readonly string[]): void {
  assert.deepEqual({ [what]: [...here].sort() }, { [what]: [...there].sort() });
}

function settingIdsInCode(): string[] {
  const body = /interface SettingTypes [^{]*\{([\s\S]*?)\n\}/.exec(read('src/contributions.ts'))?.[1] ?? '';
  const own = [...body.matchAll(/^\s*'(precis\.[\w.]+)'/gm)].map((match) => match[1] ?? '');
  const groups = providerIds.flatMap((id) => providerFacts[id].settings ?? []);
  return [
    ...own,
    ...groups.flatMap((group) => ['baseUrl', 'model', 'mapModel'].map((name) => `precis.${group}.${name}`)),
  ];
}

describe('the manifest', () => {
  it('contributes exactly the commands, tools, participant and settings of contributions.ts', () => {
    checkSame(
      'commands',
      manifest.contributes.commands.map((one) => one.command),
      commandIds,
    );
    checkSame(
      'tools',
      manifest.contributes.languageModelTools.map((one) => one.name),
      toolNames,
    );
    checkSame(
      'participants',
      manifest.contributes.chatParticipants.map((one) => one.id),
      [participantId],
    );
    checkSame('settings', Object.keys(settings), settingIdsInCode());
    checkSame('providers', (settings['precis.provider']?.enum ?? []) as string[], ['auto', ...providerIds]);
  });

  it('names only commands and submenus in menus that it contributes', () => {
    const known = new Set<string>([...commandIds, ...manifest.contributes.submenus.map((one) => one.id)]);
    const named = menus.map((item) => item.command ?? item.submenu ?? '');
    assert.deepEqual(
      named.filter((name) => !known.has(name)),
      [],
    );
  });

  it('reads exactly the context keys of its own that the code sets', () => {
    const { menus: all, viewsWelcome, keybindings, walkthroughs } = manifest.contributes;
    const done = walkthroughs.flatMap(({ steps }) => steps.flatMap(({ completionEvents }) => completionEvents));
    const whens = [...Object.values(all).flat(), ...viewsWelcome, ...keybindings]
      .map((item) => item.when ?? '')
      .concat(done.filter((event) => event.startsWith('onContext:')).map((event) => event.slice(10)))
      .join('\n');
    const used = [...whens.matchAll(/(?<!['\w.])precis\.\w+(?=$| &&| \|\|)/gm)].map((match) => match[0]);
    const views = Object.values(manifest.contributes.views).flatMap((list) => list.map(({ id }) => id));
    checkSame(
      'context keys',
      [...new Set(used)].filter((key) => !views.includes(key)),
      contextKeys,
    );
    for (const [, view] of whens.matchAll(/activeWebviewPanelId == '([^']+)'/g)) assert.equal(view, panelViewType);
  });

  it('offers to summarize a file only on editors that show text', () => {
    const { menus: all } = manifest.contributes;
    const whens = [
      all['editor/title']?.find(({ command }) => command === 'precis.summarizeFile')?.when,
      all['editor/title/context']?.find(({ submenu }) => submenu === 'precis.tab')?.when,
    ];
    for (const when of whens) {
      // webviews, Welcome and Settings have no file system; a picture has one
      assert.match(when ?? '', /isFileSystemResource/);
      assert.match(when ?? '', /resourceExtname =~ [^ ]*png/);
    }
  });

  it('has a text for every key, and a use for every text', () => {
    const used = new Set([...read('package.json').matchAll(/"%([^%"]+)%"/g)].map((match) => match[1] ?? ''));
    checkSame('texts', [...used], Object.keys(texts));
  });

  it('gives every translation the same keys as the English texts', () => {
    const folder = new URL('../../', import.meta.url);
    for (const name of readdirSync(folder).filter((one) => /^package\.nls\..+\.json$/.test(one))) {
      checkSame(name, Object.keys(JSON.parse(read(name)) as object), Object.keys(texts));
    }
  });

  it('gives every setting a scope, a default, an order and a description of one to three sentences', () => {
    for (const [id, setting] of Object.entries(settings)) {
      assert.ok(
        ['machine', 'window', 'resource', 'language-overridable'].includes(setting.scope ?? ''),
        `${id} has the scope ${setting.scope}`,
      );
      assert.notEqual(setting.default, undefined, `${id} has no default`);
      assert.equal(typeof setting.order, 'number', `${id} has no order`);
      const text = texts[(setting.markdownDescription ?? '').replaceAll('%', '')] ?? '';
      assert.ok(text.length > 0 && text.length <= 240, `${id}: description of ${text.length} characters`);
      if (setting.type === 'number' || setting.type === 'integer')
        assert.equal(typeof setting.minimum, 'number', `${id} has no minimum`);
    }
  });

  it('describes and labels every value of an enumeration', () => {
    for (const [id, setting] of Object.entries(settings)) {
      if (!setting.enum) continue;
      assert.equal(setting.markdownEnumDescriptions?.length, setting.enum.length, id);
      assert.equal(setting.enumItemLabels?.length, setting.enum.length, id);
    }
  });

  it('links in descriptions only to settings that exist', () => {
    const links = Object.values(texts).flatMap((text) =>
      [...text.matchAll(/#(precis\.[\w.]+)#/g)].map((match) => match[1] ?? ''),
    );
    assert.deepEqual(
      links.filter((id) => !(id in settings)),
      [],
    );
  });

  it('lets no workspace choose where text is sent, nor what it costs before it is trusted', () => {
    for (const id of Object.keys(settings)) {
      if (id === 'precis.provider' || id.endsWith('.baseUrl')) assert.equal(settings[id]?.scope, 'machine', id);
    }
    const { supported, restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
    assert.equal(supported, 'limited');
    const harmless = new Set(['precis.editor.showCitedLines', 'precis.editor.showTitleIcon', 'precis.editor.codeLens']);
    const open = Object.keys(settings).filter((id) => settings[id]?.scope !== 'machine' && !harmless.has(id));
    checkSame('restricted', restrictedConfigurations, open);
  });

  it('activates on nothing but its own use, on the workspace side', () => {
    assert.deepEqual(manifest.activationEvents, ['onWebviewPanel:precis.summary']);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('has a plain version, and types no newer than the VS Code that it asks for', () => {
    assert.match(manifest.version, /^\d+\.\d+\.\d+$/);
    const minor = (text: string): number => Number(/(\d+)\.(\d+)/.exec(text)?.[2]);
    assert.ok(minor(manifest.devDependencies['@types/vscode'] ?? '') <= minor(manifest.engines.vscode));
  });

  it('names only files that exist', () => {
    const media = manifest.contributes.walkthroughs.flatMap((one) =>
      one.steps.flatMap((step) => Object.entries(step.media)),
    );
    const paths = [manifest.icon, ...media.filter(([kind]) => kind !== 'altText').map(([, path]) => path as string)];
    assert.deepEqual(
      paths.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url))),
      [],
    );
  });
});
